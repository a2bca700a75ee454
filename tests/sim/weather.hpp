// When trouble strikes: draws from the setup's rates until it is told to calm down, and counts what it did.
// One thread.
#pragma once

#include <array>
#include <cstdint>

#include "tests/sim/setup.hpp"

namespace hubsync::sim {

class Weather {
 public:
  struct Counts {
    std::array<std::int64_t, fault_kinds> faults{};
    std::int64_t kills = 0;
    std::int64_t power_cuts = 0;
    std::int64_t clean_stops = 0;
  };

  explicit Weather(const Setup& setup)
      : setup_(setup),
        calls_(setup.seed, 4),
        kills_(setup.seed, 5),
        waits_(setup.seed, 6),
        calm_(!setup.rough) {}

  /// No more trouble from now on.
  void calm_down() { calm_ = true; }
  [[nodiscard]] bool calm() const { return calm_; }

  [[nodiscard]] Fault next_call();
  [[nodiscard]] bool kills_at_call() { return strikes(setup_.troubles.kill_at_call); }
  [[nodiscard]] bool kills_at_commit() { return strikes(setup_.troubles.kill_at_commit); }
  [[nodiscard]] bool stops_cleanly() { return strikes(setup_.troubles.clean_stop); }
  [[nodiscard]] bool revokes_token() { return strikes(setup_.troubles.revoked); }
  [[nodiscard]] bool rival_calls() { return strikes(setup_.troubles.rival); }
  [[nodiscard]] bool spends_the_day() { return strikes(setup_.troubles.day_spent); }
  [[nodiscard]] bool sets_the_clock() { return strikes(setup_.troubles.clock_set); }
  /// Of a kill.
  [[nodiscard]] bool takes_the_power() { return kills_.chance(setup_.troubles.power_cut); }

  [[nodiscard]] Duration one_way() { return waits_.skewed(Duration{1}, setup_.latency); }
  [[nodiscard]] Duration commit() {
    return setup_.commit_latency == Duration{0} ? Duration{0}
                                                : waits_.skewed(Duration{1}, setup_.commit_latency);
  }
  [[nodiscard]] Duration within(Duration low, Duration high) { return waits_.between(low, high); }
  [[nodiscard]] std::size_t below(std::size_t bound) { return kills_.below(bound); }

  Counts counts = {};

 private:
  [[nodiscard]] bool strikes(double rate) { return !calm_ && rate > 0 && kills_.chance(rate); }

  const Setup& setup_;
  Draw calls_;
  Draw kills_;
  Draw waits_;
  bool calm_;
};

}  // namespace hubsync::sim
