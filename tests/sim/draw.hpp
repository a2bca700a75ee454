// A stream of choices from one seed. Each concern (users, faults, latencies) has a stream of its own, so that
// one choice more in one of them does not change the others. One thread.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/time.hpp"
#include "tests/support/seeded_random.hpp"

namespace hubsync::sim {

class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t stream) : random_(seed * 0x9e3779b97f4a7c15U + stream) {}

  [[nodiscard]] std::uint64_t bits() { return random_.bits(); }

  /// Uniform in [0, bound); 0 when the bound is 0.
  [[nodiscard]] std::size_t below(std::size_t bound) {
    return bound == 0 ? 0 : static_cast<std::size_t>(random_.below(bound));
  }

  [[nodiscard]] bool chance(double probability) { return random_.unit() < probability; }

  /// Uniform in [0, 1).
  [[nodiscard]] double unit() { return random_.unit(); }

  /// Every order of magnitude between the two is as likely as any other.
  [[nodiscard]] double log_uniform(double low, double high) {
    return low * std::pow(high / low, random_.unit());
  }

  [[nodiscard]] Duration between(Duration low, Duration high) {
    return low +
           Duration{static_cast<std::int64_t>(below(static_cast<std::size_t>((high - low).count()) + 1))};
  }

  /// Mostly short, now and then long.
  [[nodiscard]] Duration skewed(Duration low, Duration high) {
    return high <= low ? low
                       : Duration{std::llround(
                             log_uniform(static_cast<double>(low.count()), static_cast<double>(high.count()))
                         )};
  }

  template <class T>
  [[nodiscard]] const T& pick(const std::vector<T>& items) {
    return items[below(items.size())];
  }

 private:
  SeededRandom random_;
};

}  // namespace hubsync::sim
