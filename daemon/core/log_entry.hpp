// The sync log and the due work as users see them. Plain data; any thread.
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

}  // namespace hubsync
