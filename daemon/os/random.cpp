#include "daemon/os/random.hpp"

#include <sys/random.h>

#include "common/assert.hpp"

namespace hubsync {

std::uint64_t KernelRandom::bits() {
  std::uint64_t value = 0;
  // Eight bytes come whole: getrandom is interrupted only above 256.
  const ssize_t count = ::getrandom(&value, sizeof(value), 0);
  ASSERT(count == static_cast<ssize_t>(sizeof(value)));
  return value;
}

}  // namespace hubsync
