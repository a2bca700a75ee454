// What the service manager is told (systemd's notification protocol). Loop thread.
// Every call does nothing when $NOTIFY_SOCKET is not set.
#pragma once

#include <optional>
#include <string_view>

#include "common/time.hpp"

namespace hubsync {

void notify_ready();
void notify_stopping();

/// A reload has begun; `notify_ready` ends it.
void notify_reloading();

/// One line for `systemctl status`.
void notify_status(std::string_view text);

/// Still alive; due at least every `watchdog_interval`.
void notify_watchdog();

/// Half of what the manager tolerates; nothing when it does not watch this process.
[[nodiscard]] std::optional<Duration> watchdog_interval();

}  // namespace hubsync
