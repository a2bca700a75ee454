// What happens in the world outside the daemon, and when: requests under way, users, restarts. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include "common/time.hpp"
#include "tests/sim/draw.hpp"

namespace hubsync::sim {

class Timeline {
 public:
  Timeline(std::uint64_t seed, Instant start) : draw_(seed, 1), now_(start) {}

  [[nodiscard]] Instant now() const { return now_; }
  /// What the clock of the daemon's machine shows too much.
  Duration clock_error{0};

  void advance_to(Instant now) { now_ = std::max(now_, now); }

  /// Among events of one instant the seed decides which one comes first.
  void at(Instant when, std::function<void()> event) {
    events_.emplace(Key{std::max(when, now_), draw_.bits(), ++last_}, std::move(event));
  }
  void after(Duration wait, std::function<void()> event) { at(now_ + wait, std::move(event)); }

  /// When the next event happens; the end of time when none is left.
  [[nodiscard]] Instant next() const {
    return events_.empty() ? Instant::max() : std::get<0>(events_.begin()->first);
  }

  /// Lets the next event happen.
  void step() {
    auto node = events_.extract(events_.begin());
    advance_to(std::get<0>(node.key()));
    node.mapped()();
  }

 private:
  using Key = std::tuple<Instant, std::uint64_t, std::uint64_t>;

  Draw draw_;
  Instant now_;
  std::uint64_t last_ = 0;
  std::map<Key, std::function<void()>> events_;
};

}  // namespace hubsync::sim
