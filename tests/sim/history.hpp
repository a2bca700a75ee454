// One history from beginning to end: agitate, heal, settle, look. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "common/time.hpp"
#include "tests/sim/setup.hpp"
#include "tests/sim/weather.hpp"

namespace hubsync::sim {

struct History {
  bool held = false;
  std::string oracle = {};  ///< Which one did not hold.
  std::string report = {};  ///< What a person needs to understand it.
  std::uint64_t hash = 0;   ///< Of everything that happened: equal for equal seeds.

  std::string state = {};  ///< Of the live records here at the end, by HubSpot's ids.

  std::int64_t calls = 0;
  std::int64_t commits = 0;
  std::int64_t writes = 0;     ///< Values that people wrote.
  std::int64_t conflicts = 0;  ///< Ever detected.
  std::int64_t overtaken = 0;  ///< Writes between our read and our write, which nothing can prevent (I6).
  Duration lasted{0};
  Weather::Counts trouble = {};
};

struct Telling {
  Theme theme = Theme::everything;
  std::uint64_t variant = 0;  ///< Of Setup::of().

  bool print = false;     ///< The trace goes to standard output as it happens.
  const char* keep = "";  ///< A file for the database as it is at the end; "" = none.
};

[[nodiscard]] History run_history(std::uint64_t seed, const Telling& telling = {});

/// Tells a history of events four times, each with other luck of its webhooks: they may not show in the end
/// (I17).
[[nodiscard]] History run_events(std::uint64_t seed);

}  // namespace hubsync::sim
