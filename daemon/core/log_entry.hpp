// The sync log, the due work and the conflicts as users see them. Plain data; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/record.hpp"

namespace hubsync {

enum class LogAction : std::uint8_t { create, update, remove /*"delete"*/ };
enum class LogStatus : std::uint8_t { success, failed, pending, retrying };

[[nodiscard]] std::string_view to_string(LogAction action);
[[nodiscard]] std::string_view to_string(LogStatus status);
[[nodiscard]] std::optional<LogAction> parse_log_action(std::string_view text);
[[nodiscard]] std::optional<LogStatus> parse_log_status(std::string_view text);

/// One piece of sync work on one record: one row for all its attempts.
struct LogEntry {
  std::int64_t id = 0;
  std::string type;  ///< TypeRules::name.
  LocalId record;    ///< Empty when HubSpot's record could not be read.
  std::optional<HubspotId> hubspot_id;
  LogAction action = LogAction::update;
  SyncDirection direction = SyncDirection::none;
  LogStatus status = LogStatus::pending;
  int retry_count = 0;
  std::optional<Instant> next_retry_at;
  std::string error;
  std::string correlation_id;
  std::optional<Duration> duration;
  Instant created_at{};
  std::optional<Instant> completed_at;
  Fields payload;        ///< The fields that travelled; only on the single-item view.
  std::string response;  ///< HubSpot's answer in short (status, message); only on the single-item view.
};

/// A record that waits to be sent.
struct DueItem {
  LocalId record;
  std::string type;
  std::optional<HubspotId> hubspot_id;
  enum class State : std::uint8_t {
    ready,    ///< At next_at.
    waiting,  ///< For the record it refers to.
    running,
    failed  ///< Refused or out of retries; stays until an edit or `retry` revives it.
  } state = State::ready;
  int attempts = 0;
  Instant since{};
  Instant next_at{};
  std::string error;
  std::int64_t log_id = 0;
};

[[nodiscard]] std::string_view to_string(DueItem::State state);

struct ConflictEvent {
  std::string action;  ///< "detected", "updated", "resolved", "closed".
  Instant at{};
  std::string user;
  std::string details;
};

enum class Resolution : std::uint8_t { pending, keep_local, keep_hubspot, merged, auto_resolved };

[[nodiscard]] std::string_view to_string(Resolution resolution);
[[nodiscard]] std::optional<Resolution> parse_resolution(std::string_view text);

/// Two versions of one record that a person or a rule has to choose between.
struct Conflict {
  std::int64_t id = 0;
  std::string type;
  LocalId record;
  std::optional<HubspotId> hubspot_id;
  Fields local_version;  ///< All mapped fields; absent fields are empty.
  Fields hubspot_version;
  Fields base_version;              ///< Local form of what both last agreed on.
  std::vector<std::string> fields;  ///< The conflicting ones; "deleted" for edit against delete.
  std::optional<Instant> local_at;
  std::optional<Instant> hubspot_at;
  Instant detected_at{};
  std::optional<Instant> resolved_at;
  Resolution resolution = Resolution::pending;
  std::string resolved_by;
  Fields merged;
  int priority = 0;  ///< Higher is more urgent: deletions 2, natural keys 1, the rest 0.
  std::vector<ConflictEvent> events;
};

}  // namespace hubsync
