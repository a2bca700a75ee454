// The real Random: the kernel's generator. Loop thread.
#pragma once

#include "daemon/ports/random.hpp"

namespace hubsync {

class KernelRandom final : public Random {
 public:
  [[nodiscard]] std::uint64_t bits() override;
};

}  // namespace hubsync
