// Lets coroutines wait for each other: one wakes all that wait. Loop thread. Holds no value: check your
// condition after each wake-up.
#pragma once

#include <cstdint>
#include <memory>

#include "daemon/ports/clock.hpp"
#include "daemon/ports/task.hpp"

namespace hubsync {

class Signal {
 public:
  Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  ~Signal();

  /// Returns after the first notify_all() that follows this call, or when the waiting coroutine is cancelled.
  /// When the signal is destroyed first, the coroutine never resumes: the loop destroys it in its next turn,
  /// or when it ends itself.
  [[nodiscard]] Task<void> wait();

  /// Wakes all who wait now. They run later, from the loop, in the order they came.
  void notify_all();

 private:
  struct State;
  static Task<void> wait_after(std::shared_ptr<State> state, std::uint64_t generation);

  std::shared_ptr<State> state_;
};

/// Waits for the signal, but not beyond the deadline. True when the signal came first.
[[nodiscard]] Task<bool> wait_until(Signal& signal, Clock& clock, SteadyInstant deadline);

}  // namespace hubsync
