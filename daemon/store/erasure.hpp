// Who was erased for privacy, as keyed digests: enough to know them when they come back, and nothing else
// (I14). Store thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/record.hpp"
#include "daemon/core/rules.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/db.hpp"
#include "daemon/store/facts.hpp"

namespace hubsync::store {

class ErasureTable {
 public:
  ErasureTable(Db& db, FactTable& facts, RandomBytes random)
      : db_(db), facts_(facts), random_(std::move(random)) {}

  void add(const std::string& type, HubspotId id, Instant now);
  /// The addresses and the key among the values.
  void add(const TypeRules& rules, const Fields& values, Instant now);
  [[nodiscard]] bool has(const std::string& type, HubspotId id);
  [[nodiscard]] bool has_any(const TypeRules& rules, const Fields& values);

 private:
  using Bytes = std::vector<unsigned char>;
  [[nodiscard]] bool empty();
  [[nodiscard]] bool has(const Bytes& digest);
  void add(const Bytes& digest, Instant now);
  /// Of a text, under a key that only this database has.
  [[nodiscard]] Bytes digest(std::string_view text);

  Db& db_;
  FactTable& facts_;
  RandomBytes random_;
  bool any_ = true;  ///< False: nobody was erased yet.
};

}  // namespace hubsync::store
