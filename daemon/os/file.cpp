#include "daemon/os/file.hpp"

#include <string.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace hubsync {
namespace {

ErrorCode code_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::not_found;
    case EACCES:
    case EPERM:
      return ErrorCode::forbidden;
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
      return ErrorCode::invalid;
    default:
      return ErrorCode::unavailable;
  }
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

std::unexpected<Error> fail_errno(std::string_view what, int error) {
  const char* text = ::strerrordesc_np(error);
  std::string message{what};
  message.append(": ").append(text != nullptr ? text : "unknown error");
  return fail(code_of(error), std::move(message));
}

Result<std::string> read_all(const FileDescriptor& file, std::size_t limit, std::string_view name) {
  std::string content;
  std::array<char, 4096> chunk{};
  while (true) {
    const ssize_t count = ::read(file.get(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return fail_errno(name, errno);
    }
    if (count == 0) {
      return content;
    }
    content.append(chunk.data(), static_cast<std::size_t>(count));
    if (content.size() > limit) {
      return fail(
          ErrorCode::too_large, std::string{name} + ": more than " + std::to_string(limit) + " bytes"
      );
    }
  }
}

}  // namespace hubsync
