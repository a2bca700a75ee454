// Loaded before a daemon under test: while the file that HUBSYNC_TEST_READ_ONLY names is there, its files are
// on a file system that became read-only, as after an error of the disk: those that are open can still be
// read. Only SQLite writes at a position.
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

namespace {

bool is_read_only() {
  const char* const path = std::getenv("HUBSYNC_TEST_READ_ONLY");
  const int before = errno;
  const bool there = path != nullptr && ::access(path, F_OK) == 0;
  errno = there ? EROFS : before;
  return there;
}

}  // namespace

extern "C" {

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
  return is_read_only() ? -1 : ::syscall(SYS_pwrite64, file, bytes, size, offset);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  return pwrite64(file, bytes, size, offset);
}

int ftruncate64(int file, off64_t size) noexcept {
  return is_read_only() ? -1 : static_cast<int>(::syscall(SYS_ftruncate, file, size));
}

int ftruncate(int file, off_t size) noexcept {
  return ftruncate64(file, size);
}

}  // extern "C"
