// Runs many histories on two processes and tells how many held, how fast, and which one to look at. Forks.
#pragma once

#include <cstdint>
#include <optional>

#include "tests/sim/setup.hpp"

namespace hubsync::sim {

struct SimulationRequest {
  std::uint64_t first = 1;
  std::uint64_t count = 1'000;
  bool one = false;  ///< A single seed, with its whole trace.
  Theme theme = Theme::everything;
  bool keep_going = false;  ///< Past failures.
  const char* keep = "";    ///< Where a single seed leaves its database, to be looked at; "" = nowhere.
};

/// Reads --seeds N, --first S, --about creates|events|directions|keys, --keep-going, --seed S and --keep
/// FILE; nothing when neither --seeds nor --seed is there.
[[nodiscard]] std::optional<SimulationRequest> read_request(int argc, char** argv);

/// The exit code: 0 when every history held.
[[nodiscard]] int run_simulation(const SimulationRequest& request);

}  // namespace hubsync::sim
