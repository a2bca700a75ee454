#include "daemon/engine/clocks.hpp"

#include <chrono>
#include <exception>
#include <string>

namespace hubsync {
namespace {

/// Less is the slewing of a clock that is kept in time.
constexpr Duration jump{1'000};
/// How often times are mended that a clock left which was wrong for a moment.
constexpr Duration mend_interval{3'600'000};

}  // namespace

Task<void> Clocks::follow() {
  try {
    co_await follow_ours();
    co_await follow_hubspots();
  } catch (const std::exception& failure) {
    // A store that cannot write tells so itself; what was not told it is told the next time.
    context_.ports.events.emit({Severity::warning, "clock.unfollowed", failure.what()});
  }
}

Task<void> Clocks::follow_ours() {
  const Clock& clock = context_.ports.clock;
  const Instant now = clock.now();
  const Duration offset = now.time_since_epoch() - clock.steady().time_since_epoch();
  const bool first = !offset_;
  const Duration by = first ? Duration{0} : offset - *offset_;
  const bool set = !first && std::chrono::abs(by) >= jump;
  if (first || set) {
    co_await context_.ports.store.run([by, now](Repository& repository) { repository.follow_clock(by, now); }
    );
    mend_at_ = clock.steady() + mend_interval;
  } else if (clock.steady() >= mend_at_) {
    co_await context_.ports.store.run([now](Repository& repository) { repository.mend_times(now); });
    mend_at_ = clock.steady() + mend_interval;
  }
  offset_ = offset;
  if (set) {
    context_.ports.events.emit(
        {Severity::warning,
         "clock.set",
         "this machine's clock was set " + std::string{by < Duration{0} ? "back" : "forward"} + " by " +
             format_duration(std::chrono::abs(by)) + "; timers and retries go on as before"}
    );
  }
}

Task<void> Clocks::follow_hubspots() {
  const Duration skew = context_.hubspot_now() - context_.now();
  if (std::chrono::abs(skew - skew_) < jump) {
    co_return;
  }
  co_await context_.ports.store.run([skew](Repository& repository) { repository.set_clock_skew(skew); });
  skew_ = skew;
}

}  // namespace hubsync
