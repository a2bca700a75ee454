#include "daemon/os/notify.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include <systemd/sd-daemon.h>

namespace hubsync {

void notify_ready() {
  sd_notify(0, "READY=1");
}

void notify_stopping() {
  sd_notify(0, "STOPPING=1");
}

void notify_reloading() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch()
  );
  sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count())).c_str());
}

void notify_status(std::string_view text) {
  std::string line{text};
  // A line break would begin another assignment.
  std::ranges::replace_if(line, [](char c) { return c >= '\0' && c < ' '; }, ' ');
  sd_notify(0, ("STATUS=" + line).c_str());
}

void notify_watchdog() {
  sd_notify(0, "WATCHDOG=1");
}

std::optional<Duration> watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) {
    return std::nullopt;
  }
  return std::chrono::floor<Duration>(std::chrono::microseconds{microseconds / 2});
}

}  // namespace hubsync
