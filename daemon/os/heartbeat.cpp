#include "daemon/os/heartbeat.hpp"

#include <algorithm>
#include <utility>

#include "daemon/os/notify.hpp"

namespace hubsync {
namespace {

/// How old the status line may be.
constexpr Duration longest_interval{5'000};
constexpr Duration shortest_interval{10};

}  // namespace

Heartbeat::Heartbeat(const boost::asio::any_io_executor& executor, std::function<std::string()> status)
    : timer_(executor),
      status_(std::move(status)),
      interval_(
          std::clamp(watchdog_interval().value_or(longest_interval), shortest_interval, longest_interval)
      ) {}

void Heartbeat::beat() {
  notify_watchdog();
  if (std::string text = status_(); text != told_) {
    notify_status(text);
    told_ = std::move(text);
  }
  timer_.expires_after(interval_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      beat();
    }
  });
}

}  // namespace hubsync
