// One history from beginning to end: agitate, heal, settle, look. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "common/time.hpp"
#include "tests/sim/weather.hpp"

namespace hubsync::sim {

struct History {
  bool held = false;
  std::string oracle = {};  ///< Which one did not hold.
  std::string report = {};  ///< What a person needs to understand it.
  std::uint64_t hash = 0;   ///< Of everything that happened: equal for equal seeds.

  std::int64_t calls = 0;
  std::int64_t commits = 0;
  std::int64_t writes = 0;     ///< Values that people wrote.
  std::int64_t conflicts = 0;  ///< Ever detected.
  std::int64_t overtaken = 0;  ///< Writes between our read and our write, which nothing can prevent (I6).
  Duration lasted{0};
  Weather::Counts trouble = {};
};

/// `print`: the trace goes to standard output as it happens.
[[nodiscard]] History run_history(std::uint64_t seed, bool print = false);

}  // namespace hubsync::sim
