// Time that passes only when nothing is left to do at the present moment. Runs any coroutines over the ports
// in one thread, in an order that only the seed decides: days of it take milliseconds. Owns the io_context's
// turn: while a VirtualClock drives it, nobody else may run it.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "daemon/engine/signal.hpp"
#include "daemon/ports/clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace hubsync {

class VirtualClock : public Clock {
 public:
  /// Among timers of the same instant the seed decides which one comes first.
  explicit VirtualClock(
      boost::asio::io_context& loop, std::uint64_t seed = 1, Instant wall = instant_from_ms(1'790'000'000'000)
  )
      : loop_(loop), random_(seed), wall_offset_(wall.time_since_epoch() - steady_.time_since_epoch()) {}

  VirtualClock(const VirtualClock&) = delete;
  VirtualClock& operator=(const VirtualClock&) = delete;

  /// Destroys the coroutines that sleep; their locals must not need what is already gone.
  ~VirtualClock() override { const auto timers = std::exchange(timers_, {}); }

  [[nodiscard]] Instant now() const override { return Instant{steady_.time_since_epoch() + wall_offset_}; }
  [[nodiscard]] SteadyInstant steady() const override { return steady_; }

  Task<void> sleep_until(SteadyInstant deadline) override {
    const Key key = new_key(deadline);
    Timer& timer = timers_[key];
    timer.sleeper = std::make_unique<Signal>();
    // Even a deadline in the past goes through the heap, so that the seed decides its order too.
    co_await timer.sleeper->wait();
    timers_.erase(key);
  }

  /// Lets the wall clock jump, as an administrator or NTP would; timers do not notice.
  void set_wall(Instant wall) { wall_offset_ = wall.time_since_epoch() - steady_.time_since_epoch(); }

  /// Calls `action` at `when`.
  void at(SteadyInstant when, std::function<void()> action) {
    timers_[new_key(when)].action = std::move(action);
  }

  /// Starts a coroutine beside the others; an exception from it comes out of whoever drives the clock.
  void start(Task<void> task) {
    boost::asio::co_spawn(loop_, std::move(task), [](std::exception_ptr error) {
      if (error) {
        std::rethrow_exception(error);
      }
    });
  }

  /// Does what can be done now, and lets no time pass.
  void settle() {
    loop_.restart();
    loop_.poll();
  }

  /// Does what can be done now, then goes to the next timer. False when no timer is left.
  bool step() { return step_until(SteadyInstant::max()); }

  /// As step(), but never beyond `end`. False when no timer is left by then.
  bool step_until(SteadyInstant end) {
    settle();
    if (timers_.empty() || std::get<0>(timers_.begin()->first) > end) {
      return false;
    }
    auto node = timers_.extract(timers_.begin());
    steady_ = std::get<0>(node.key());
    if (node.mapped().action) {
      node.mapped().action();
    } else {
      node.mapped().sleeper->notify_all();
    }
    return true;
  }

  /// Runs everything up to and including `end`; it is `end` then.
  void run_until(SteadyInstant end) {
    while (step_until(end)) {
    }
    steady_ = std::max(steady_, end);
  }

  void run_for(Duration duration) { run_until(steady_ + duration); }

  /// Runs the task to its end and returns what it returns; throws when it waits for something that never
  /// comes.
  template <class T>
  T run(Task<T> task) {
    // Shared: when this throws, the coroutine stays behind and must not write into a dead frame.
    const auto result = std::make_shared<std::optional<T>>();
    run(keep(std::move(task), result));
    return std::move(**result);
  }

  void run(Task<void> task) {
    const auto done = std::make_shared<std::optional<std::exception_ptr>>();
    boost::asio::co_spawn(loop_, std::move(task), [done](std::exception_ptr error) { *done = error; });
    settle();
    while (!*done) {
      if (!step()) {
        throw std::logic_error("the coroutine waits for something that never comes");
      }
      settle();
    }
    if (**done) {
      std::rethrow_exception(**done);
    }
  }

  /// How many timers are set.
  [[nodiscard]] std::size_t timers() const { return timers_.size(); }

 private:
  using Key = std::tuple<SteadyInstant, std::uint64_t, std::uint64_t>;  ///< When, tie by the seed, number.

  /// Exactly one of the two is set.
  struct Timer {
    std::unique_ptr<Signal> sleeper = {};
    std::function<void()> action = {};
  };

  Key new_key(SteadyInstant when) { return {std::max(when, steady_), random_.bits(), ++last_}; }

  template <class T>
  static Task<void> keep(Task<T> task, std::shared_ptr<std::optional<T>> result) {
    result->emplace(co_await std::move(task));
  }

  boost::asio::io_context& loop_;
  SeededRandom random_;
  SteadyInstant steady_{Duration{1'000'000'000}};
  Duration wall_offset_;
  std::uint64_t last_ = 0;
  std::map<Key, Timer> timers_;
};

}  // namespace hubsync
