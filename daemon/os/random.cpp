#include "daemon/os/random.hpp"

#include <sys/random.h>

#include <utility>

#include "common/assert.hpp"

namespace hubsync {

std::uint64_t KernelRandom::bits() {
  if (next_ == drawn_.size()) {
    // 256 bytes come whole: getrandom is interrupted only above that.
    const ssize_t count = ::getrandom(drawn_.data(), sizeof(drawn_), 0);
    ASSERT(count == static_cast<ssize_t>(sizeof(drawn_)));
    next_ = 0;
  }
  return std::exchange(drawn_[next_++], 0);
}

}  // namespace hubsync
