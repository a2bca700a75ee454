// The circuit breaker: when most calls fail, stop calling and probe instead (I27). A pure machine: time is an
// argument; its owner calls it from one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "common/time.hpp"

namespace hubsync {

class Breaker {
 public:
  struct Options {
    Duration window{60'000};
    int min_calls = 20;  ///< Fewer calls in the window prove nothing.
    Duration first_pause{5'000};
    Duration longest_pause{60'000};  ///< Each failed probe doubles the pause up to this.
  };

  /// One call that the breaker let through; report its end exactly once.
  struct Pass {
    std::int64_t era = 0;
  };

  Breaker() : Breaker(Options{}) {}
  explicit Breaker(Options options) : options_(options) {}

  /// Lets a call through: any while closed, one probe at a time after the pause while open.
  [[nodiscard]] std::optional<Pass> enter(SteadyInstant now);
  void succeeded(Pass pass, SteadyInstant now);
  void failed(Pass pass, SteadyInstant now);
  /// The call ended without saying anything about HubSpot.
  void abandoned(Pass pass);

  [[nodiscard]] bool open() const { return open_; }
  /// When enter() lets the next call through; none while a probe is under way.
  [[nodiscard]] std::optional<SteadyInstant> next_entry(SteadyInstant now) const;

 private:
  struct Call {
    SteadyInstant when;
    bool failed;
  };

  void count(bool failed, SteadyInstant now);
  void pause(Duration length, SteadyInstant now);

  Options options_;
  bool open_ = false;
  bool probing_ = false;
  std::int64_t era_ =
      0;  ///< Grows with each probe, opening and closing: a pass of an earlier era says nothing any more.
  Duration pause_{0};
  SteadyInstant probe_at_{};
  std::deque<Call> calls_;
  int failures_ = 0;
};

}  // namespace hubsync
