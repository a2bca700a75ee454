// Trouble that comes from people and programs rather than from the network: a token taken back, another app
// that uses the limit, an operator who restarts the daemon or sets the clock. One thread.
#pragma once

#include "tests/sim/world.hpp"

namespace hubsync::sim {

class Disturbances {
 public:
  explicit Disturbances(World& world) : world_(world), draw_(world.setup.seed, 10) {}

  /// What strikes now, if anything does.
  void strike();

 private:
  void set_the_clock();

  World& world_;
  Draw draw_;
};

}  // namespace hubsync::sim
