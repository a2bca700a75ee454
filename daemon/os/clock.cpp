#include "daemon/os/clock.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hubsync {

namespace asio = boost::asio;

SystemClock::SystemClock(asio::any_io_executor executor) : executor_(std::move(executor)) {}

Instant SystemClock::now() const {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

SteadyInstant SystemClock::steady() const {
  return std::chrono::floor<Duration>(std::chrono::steady_clock::now());
}

Task<void> SystemClock::sleep_until(SteadyInstant deadline) {
  asio::steady_timer timer{executor_, std::chrono::steady_clock::time_point{deadline}};
  // A cancelled sleep ends early, as the port says; the error code is of no use to anybody.
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace hubsync
