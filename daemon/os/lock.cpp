#include "daemon/os/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>

namespace hubsync {
namespace {

/// The process id that the holder wrote; empty when it has not got that far or the file holds something else.
std::string holder_of(const FileDescriptor& file) {
  const Result<std::string> text = read_all(file, 32, "lock file");
  if (!text) {
    return {};
  }
  const std::string pid = text->substr(0, text->find('\n'));
  const bool digits = std::ranges::all_of(pid, [](char c) { return c >= '0' && c <= '9'; });
  return digits ? pid : std::string{};
}

/// Where no package or unit made it; private by the umask. Why it could not be made, opening the file tells.
void make_directory_of(const std::string& path) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), ignored);
}

}  // namespace

Result<DatabaseLock> DatabaseLock::acquire(const std::string& database) {
  const std::string path = database + ".lock";
  make_directory_of(path);
  FileDescriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)};
  if (!file.valid()) {
    auto failure = fail_errno(path, errno);
    failure.error().hint = "make its directory writable for this user, or set store.path (HUBSYNC_DB)";
    return failure;
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return fail_errno(path, errno);
    }
    const std::string pid = holder_of(file);
    return fail(
        ErrorCode::conflict,
        "another hubsyncd" + (pid.empty() ? std::string{} : " (pid " + pid + ")") + " already uses " +
            database,
        "stop it first, or give this one its own database (HUBSYNC_DB) and socket (HUBSYNC_SOCKET)"
    );
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  const bool written = ::fchmod(file.get(), S_IRUSR | S_IWUSR) == 0 && ::ftruncate(file.get(), 0) == 0 &&
                       ::pwrite(file.get(), pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size());
  if (!written) {
    return fail_errno(path, errno);
  }
  return DatabaseLock{std::move(file)};
}

void harden_process() {
  ::umask(S_IRWXG | S_IRWXO);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace hubsync
