// Randomness as the engine sees it: the kernel's in the daemon, seeded in the simulation. Loop thread.
#pragma once

#include <cstdint>

namespace hubsync {

class Random {
 public:
  virtual ~Random() = default;

  /// 64 uniformly random bits.
  [[nodiscard]] virtual std::uint64_t bits() = 0;

  /// Uniform in [0, 1).
  [[nodiscard]] double unit() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
};

}  // namespace hubsync
