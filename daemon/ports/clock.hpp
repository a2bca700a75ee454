// Time as the engine sees it: real in the daemon, virtual in the simulation. Loop thread.
#pragma once

#include "common/time.hpp"
#include "daemon/ports/task.hpp"

namespace hubsync {

class Clock {
 public:
  virtual ~Clock() = default;

  /// Wall-clock time, for what is stored and shown.
  [[nodiscard]] virtual Instant now() const = 0;
  /// Monotonic time, for timers and the token bucket.
  [[nodiscard]] virtual SteadyInstant steady() const = 0;
  /// Returns at `deadline` or when the waiting coroutine is cancelled.
  virtual Task<void> sleep_until(SteadyInstant deadline) = 0;

  Task<void> sleep_for(Duration duration) { return sleep_until(steady() + duration); }
};

}  // namespace hubsync
