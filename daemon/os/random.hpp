// The real Random: the kernel's generator, drawn 256 bytes at a time. One thread each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "daemon/ports/random.hpp"

namespace hubsync {

class KernelRandom final : public Random {
 public:
  [[nodiscard]] std::uint64_t bits() override;

 private:
  std::array<std::uint64_t, 32> drawn_{};
  std::size_t next_ = drawn_.size();
};

}  // namespace hubsync
