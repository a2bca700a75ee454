// One record as hubsync knows it: three views (local, remote, base), whether each side has it, and its sync
// state. Plain data; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/time.hpp"

namespace hubsync {

/// hubsync's own id of a record: a UUIDv7 in text form, ascending in order of creation.
struct LocalId {
  std::string text;
  auto operator<=>(const LocalId&) const = default;
};

/// HubSpot's id of a record: numeric, beyond 2³¹, unique only within one object type (HUBSPOT.md §2).
struct HubspotId {
  std::int64_t number = 0;
  auto operator<=>(const HubspotId&) const = default;
};

[[nodiscard]] inline std::string to_string(HubspotId id) {
  return std::to_string(id.number);
}

/// Reads a HubSpot id: decimal digits, positive, within int64.
[[nodiscard]] std::optional<HubspotId> parse_hubspot_id(std::string_view text);

/// Values by local field name. "" means empty; in the remote view a missing key means "never seen", not
/// "empty" (HUBSPOT.md §4.2), in the local view it means empty.
using Fields = std::map<std::string, std::string, std::less<>>;

/// When a field was last edited, by local field name.
using FieldTimes = std::map<std::string, Instant, std::less<>>;

/// What both sides last agreed on for one field: a pair, so that HubSpot's own normalising never looks like
/// an edit.
struct BasePair {
  std::string local;
  std::string remote;
  bool operator==(const BasePair&) const = default;
};
using Base = std::map<std::string, BasePair, std::less<>>;

/// Whether a side has the record. In the base: what both sides last agreed on.
enum class Presence : std::uint8_t {
  absent,  ///< Never had it.
  live,
  deleted  ///< Had it: soft-deleted locally, archived in HubSpot.
};

enum class SyncStatus : std::uint8_t { pending, synced, conflict, error };

/// Which way values last travelled.
enum class SyncDirection : std::uint8_t { none, to_hubspot, from_hubspot, bidirectional };

[[nodiscard]] std::string_view to_string(SyncStatus status);
[[nodiscard]] std::string_view to_string(SyncDirection direction);
[[nodiscard]] std::optional<SyncStatus> parse_sync_status(std::string_view text);
[[nodiscard]] std::optional<SyncDirection> parse_sync_direction(std::string_view text);

/// The whole state of one record, as the store keeps it.
struct Record {
  LocalId id;
  std::string type;                     ///< "contacts", "companies": TypeRules::name.
  std::optional<HubspotId> hubspot_id;  ///< The link; none until HubSpot has the record.
  std::string
      uid;  ///< Value of HubSpot's unique property hubsync_id: the local id, but new after a restore (I7).

  Presence local_presence = Presence::absent;
  Presence remote_presence = Presence::absent;
  Presence base_presence = Presence::absent;
  Fields local;  ///< May hold fields that no rule maps; those never leave.
  Fields
      remote;  ///< Mapped fields only, in HubSpot's form; a reference is a LocalId or unresolved_reference().
  Base base;
  FieldTimes edited;  ///< Local edits that HubSpot does not have yet.
  Fields
      lost;  ///< Values of HubSpot's that are gone there, but that somebody still has to decide about (I6).

  SyncStatus status = SyncStatus::pending;
  SyncDirection direction = SyncDirection::none;
  std::string error;         ///< Why status is error; for people.
  std::int64_t version = 0;  ///< Grows by one with each change of the local view.
  Instant created_at{};
  Instant updated_at{};                     ///< Last change of the local view.
  std::optional<Instant> local_modified;    ///< Last edit by the custom application or a person here.
  std::optional<Instant> hubspot_modified;  ///< HubSpot's own modified time, as last seen.
  std::optional<Instant> synced_at;         ///< When both sides were last known to agree.

  bool operator==(const Record&) const = default;
};

/// The value of `fields[name]`, "" when missing.
[[nodiscard]] const std::string& value_or_empty(const Fields& fields, std::string_view name);

/// Whether `whole` has each field of `part`, with the same value.
[[nodiscard]] bool is_subset(const Fields& part, const Fields& whole);

/// How the remote view names an associated record that has no local record yet: "hubspot:<id>".
[[nodiscard]] std::string unresolved_reference(HubspotId id);

/// The HubSpot id inside an unresolved reference; nothing for any other value.
[[nodiscard]] std::optional<HubspotId> parse_unresolved_reference(std::string_view value);

}  // namespace hubsync
