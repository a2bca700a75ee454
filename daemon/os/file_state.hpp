// How a file stands: its mode, its size, the room beside it. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace hubsync {

struct FileState {
  std::optional<int> mode = {};                 ///< Permission bits; none when there is no such file.
  std::optional<std::int64_t> free_bytes = {};  ///< Of its file system, for who may not use the reserve.
  std::int64_t bytes = 0;
};

[[nodiscard]] FileState look_at_file(const std::string& path);

}  // namespace hubsync
