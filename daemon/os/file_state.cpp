#include "daemon/os/file_state.hpp"

#include <sys/stat.h>
#include <sys/statvfs.h>

namespace hubsync {

FileState look_at_file(const std::string& path) {
  FileState state;
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0) {
    state.mode = static_cast<int>(status.st_mode & 07777U);
    state.bytes = status.st_size;
  }
  struct statvfs space{};
  if (::statvfs(path.c_str(), &space) == 0) {
    state.free_bytes = static_cast<std::int64_t>(space.f_bavail) * static_cast<std::int64_t>(space.f_frsize);
  }
  return state;
}

}  // namespace hubsync
