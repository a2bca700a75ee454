#include "tests/sim/weather.hpp"

namespace hubsync::sim {

Fault Weather::next_call() {
  if (calm_) {
    return Fault::none;
  }
  for (std::size_t kind = 1; kind < fault_kinds; ++kind) {
    const double rate = setup_.troubles.call[kind];
    if (rate > 0 && calls_.chance(rate)) {
      ++counts.faults[kind];
      return static_cast<Fault>(kind);
    }
  }
  return Fault::none;
}

}  // namespace hubsync::sim
