// What this process uses of the machine, from /proc. Any thread. A figure that cannot be read is zero.
#pragma once

#include <cstdint>

namespace hubsync {

struct ProcessUse {
  std::int64_t resident_bytes = 0;
  double cpu_seconds = 0;
  std::int64_t open_files = 0;
};

[[nodiscard]] ProcessUse process_use();

}  // namespace hubsync
