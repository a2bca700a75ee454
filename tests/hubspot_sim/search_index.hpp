// The lagging search index, worked out from each record's history: what a property's value, the modified time
// and the archived state were as far as the index knows. Stateless; exact for any lag (HUBSPOT.md §5.1).
#pragma once

#include <optional>
#include <string>

#include "tests/hubspot_sim/portal.hpp"

namespace hubspot_sim {

class SearchIndex {
 public:
  SearchIndex(const Portal& portal, TypeIndex type) : portal_(portal), type_(type) {}

  /// Whether the index shows a record: it has seen the creation, and not yet the archiving.
  [[nodiscard]] bool has(const Record& record) const;
  [[nodiscard]] hubsync::Instant modified(const Record& record) const;
  /// The value the index holds; nothing when it holds none.
  [[nodiscard]] std::optional<std::string> value(const Record& record, PropId prop) const;

 private:
  /// Whether a change of a record at `at` has reached the index.
  [[nodiscard]] bool seen(const Record& record, hubsync::Instant at) const;

  const Portal& portal_;
  TypeIndex type_;
};

}  // namespace hubspot_sim
