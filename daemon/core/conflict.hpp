// A conflict as it is stored: two versions of one record that a person or a rule has to choose between, and
// what was chosen. Plain data; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/history.hpp"
#include "daemon/core/record.hpp"

namespace hubsync {

/// How the conflicting fields of an edit against a deletion name it; its values are "true" and "false".
inline constexpr std::string_view deleted_field = "deleted";

struct ConflictEvent {
  std::string action;  ///< "detected", "updated", "decided", "resolved", "closed", "undone".
  Instant at{};
  std::string user;
  std::string details;
};

enum class Resolution : std::uint8_t { pending, keep_local, keep_hubspot, merged, auto_resolved };

[[nodiscard]] std::string_view to_string(Resolution resolution);
[[nodiscard]] std::optional<Resolution> parse_resolution(std::string_view text);

/// What was decided about one field: both values, what both had agreed on before, and the value that stays.
struct DecidedField {
  std::string local;
  std::string remote;
  std::optional<BasePair> base = {};
  std::string kept;
  bool operator==(const DecidedField&) const = default;
};
using DecidedFields = std::map<std::string, DecidedField, std::less<>>;

/// Who gave a conflicting field which value in HubSpot.
struct HubspotChange {
  std::string field;
  PropertyVersion version;
  bool operator==(const HubspotChange&) const = default;
};

struct Conflict {
  std::int64_t id = 0;
  std::int64_t version = 1;  ///< Grows with each change of what a person would see.
  std::string type;
  LocalId record;
  std::optional<HubspotId> hubspot_id;
  Fields local_version;  ///< All mapped fields; absent fields are empty. With "deleted" where it is disputed.
  Fields hubspot_version;
  Fields base_version;              ///< Local form of what both last agreed on.
  std::vector<std::string> fields;  ///< The conflicting ones; "deleted" for edit against delete.
  std::optional<Instant> local_at;
  std::optional<Instant> hubspot_at;
  Instant detected_at{};
  std::optional<Instant> resolved_at;
  Resolution resolution = Resolution::pending;
  std::string resolved_by;
  Fields merged;          ///< The decided fields as they are to be on both sides.
  DecidedFields decided;  ///< What became of each of them: the losing values are here.
  int priority = 0;       ///< Higher is more urgent: deletions 2, natural keys 1, the rest 0.
  std::vector<ConflictEvent> events;
  std::vector<HubspotChange> changes;  ///< HubSpot's history of the conflicting fields, newest first.
  bool history_wanted = true;          ///< It was not read yet, or HubSpot's values moved since.
  std::optional<std::int64_t>
      undo_version;  ///< Of the record after a person's decision; none when it can not be undone.
};

/// Adds to the conflict's log, which keeps its beginning and the newest events.
void add_event(Conflict& conflict, ConflictEvent event);

struct ConflictQuery {
  bool open = true;
  std::int64_t page = 1;
  std::int64_t limit = 50;
  std::string type = {};   ///< "" = any.
  std::string field = {};  ///< Among the conflicting ones; "" = any.
  LocalId record = {};     ///< Empty = any.
};

}  // namespace hubsync
