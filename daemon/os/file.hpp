// Files and errno: an owning descriptor and the one place where errno becomes an Error. Any thread. No
// policy.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "common/result.hpp"

namespace hubsync {

/// Owns a file descriptor; closes it.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// "WHAT: No such file or directory", with the kind of failure that errno stands for.
[[nodiscard]] std::unexpected<Error> fail_errno(std::string_view what, int error);

/// Reads to the end; fails when there is more than `limit`. `name` is only for messages.
[[nodiscard]] Result<std::string> read_all(
    const FileDescriptor& file, std::size_t limit, std::string_view name
);

}  // namespace hubsync
