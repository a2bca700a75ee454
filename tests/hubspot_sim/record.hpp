// A CRM record as the simulator keeps it: its values with who set them when, its edges, and what it was
// before.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/time.hpp"
#include "tests/hubspot_sim/schema.hpp"

namespace hubspot_sim {

/// Who changed something: propertiesWithHistory's sourceType, a webhook's changeSource.
enum class Source : std::uint8_t { integration, crm_ui, import_file, automation, merge };

[[nodiscard]] std::string_view source_name(Source source);
[[nodiscard]] std::string_view source_id(Source source);

/// A stored value. Never set = no Value; cleared = an empty text.
struct Value {
  PropId prop = 0;
  Source source = Source::integration;
  hubsync::Instant at{};
  std::string text;
};

/// A link to another record; bit n of `labels` stands for entry n of the pair's association types.
struct Edge {
  TypeIndex type = 0;
  std::uint32_t labels = 0;
  std::int64_t id = 0;

  [[nodiscard]] bool before(TypeIndex other_type, std::int64_t other_id) const {
    return type != other_type ? type < other_type : id < other_id;
  }
};

struct MergedId {
  std::int64_t id = 0;
  hubsync::Instant at{};
};

/// What only records with a history need.
struct Past {
  std::vector<Value> values;               ///< Replaced values, oldest first.
  std::vector<hubsync::Instant> modified;  ///< Earlier modified times that a lagging index may still show.
  std::vector<MergedId> merged;
};

struct Record {
  std::int64_t id = 0;
  hubsync::Instant created{};
  hubsync::Instant modified{};
  hubsync::Instant archived{};  ///< The epoch = not archived.
  Source created_by = Source::integration;
  std::vector<Value> values;  ///< Sorted by property.
  std::vector<Edge> edges;    ///< Sorted by type and id.
  std::unique_ptr<Past> past;

  [[nodiscard]] bool is_archived() const { return archived != hubsync::Instant{}; }
  [[nodiscard]] const Value* find(PropId prop) const;
  [[nodiscard]] std::string_view text(PropId prop) const;  ///< Empty when never set.
  [[nodiscard]] const Edge* find_edge(TypeIndex type, std::int64_t id) const;
  Past& ensure_past();

  /// Sets a value and keeps the replaced one. Returns whether the text changed.
  bool set(PropId prop, std::string text, hubsync::Instant at, Source source);
  void set_modified(hubsync::Instant at);
  /// Adds labels to an edge, making it when needed. Returns whether anything changed.
  bool link(TypeIndex type, std::int64_t id, std::uint32_t labels);
  /// Takes labels from an edge; without the unlabelled type (bit 0) it is gone. Returns whether anything
  /// changed.
  bool unlink(TypeIndex type, std::int64_t id, std::uint32_t labels);
};

}  // namespace hubspot_sim
