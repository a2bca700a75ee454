#include "daemon/os/secret_file.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>

#include "daemon/os/file.hpp"

namespace hubsync {
namespace {

Result<void> write_all(const FileDescriptor& file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t count = ::write(file.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return fail_errno(path, errno);
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

/// The whole file, on disk, under a name of its own.
Result<void> write_new(const std::string& path, const Secret& secret, const struct stat& owner) {
  // What a crash has left; nobody else may write into this directory (load_secret has seen to it).
  ::unlink(path.c_str());
  const FileDescriptor file{
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)
  };
  if (!file.valid()) {
    return fail_errno(path, errno);
  }
  // Only root can keep another owner; for everybody else the file becomes the daemon's own, as it may.
  if (::geteuid() == 0 && ::fchown(file.get(), owner.st_uid, owner.st_gid) != 0) {
    return fail_errno(path, errno);
  }
  for (const std::string_view part : {secret.reveal(), std::string_view{"\n"}}) {
    if (const auto written = write_all(file, part, path); !written) {
      return written;
    }
  }
  return ::fsync(file.get()) == 0 ? Result<void>{} : fail_errno(path, errno);
}

Result<void> sync_directory(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string parent =
      slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
  const FileDescriptor directory{::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory.valid() || ::fsync(directory.get()) != 0) {
    return fail_errno(parent, errno);
  }
  return {};
}

}  // namespace

Result<void> replace_secret(const std::string& path, const Secret& expected, const Secret& next) {
  const auto present = load_secret({"secret", {}, {}, std::nullopt, path});
  if (!present) {
    return std::unexpected(present.error());
  }
  if (present->secret.reveal() != expected.reveal()) {
    return fail(ErrorCode::conflict, path + " holds another secret by now");
  }
  struct stat owner{};
  if (::stat(path.c_str(), &owner) != 0) {
    return fail_errno(path, errno);
  }
  const std::string fresh = path + ".new";
  if (const auto written = write_new(fresh, next, owner); !written) {
    ::unlink(fresh.c_str());
    return written;
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(fresh.c_str());
    return fail_errno(path, error);
  }
  return sync_directory(path);
}

}  // namespace hubsync
