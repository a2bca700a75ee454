#include "daemon/store/backup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>

namespace hubsync::store {
namespace {

/// Two megabytes: a transaction that waits for them does not notice.
constexpr int pages_a_step = 512;

std::string reason(const std::string& what) {
  return what + ": " + std::strerror(errno);
}

/// Opens, syncs, closes; "" or why it did not work. Not for the database itself: close() would drop SQLite's
/// locks.
std::string sync_path(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    return reason(path);
  }
  const bool synced = ::fsync(fd) == 0;
  std::string why = synced ? "" : reason(path);
  ::close(fd);
  return why;
}

bool looks_like_a_database(const std::string& path) {
  std::array<char, 16> head{};
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) {
    return false;
  }
  const bool whole = ::read(fd, head.data(), head.size()) == static_cast<ssize_t>(head.size());
  ::close(fd);
  return whole && std::memcmp(head.data(), "SQLite format 3", head.size()) == 0;
}

bool same_file(const struct stat& a, const std::string& path) {
  struct stat b{};
  return ::stat(path.c_str(), &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace

Backup::Backup(Db& source) : source_(source) {}

Backup::~Backup() {
  abandon("the daemon stopped");
}

Result<void> Backup::check_target(const std::string& path, bool force) const {
  if (!path.starts_with('/') || path.ends_with('/') || path.contains('\0')) {
    return fail(ErrorCode::invalid, "a backup needs the absolute path of a file", "", "path");
  }
  for (const char* suffix : {"-wal", "-shm", "-journal", ".lock"}) {
    if (path == source_.path() + suffix) {
      return fail(
          ErrorCode::invalid, path + " belongs to the database itself", "choose another name", "path"
      );
    }
  }
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    return errno == ENOENT ? Result<void>{} : fail(ErrorCode::invalid, reason(path), "", "path");
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::invalid, path + " is not a regular file", "choose another name", "path");
  }
  // Told apart before it is opened: closing the database's own file would drop SQLite's locks.
  if (same_file(status, source_.path())) {
    return fail(ErrorCode::invalid, path + " is the database itself", "choose another name", "path");
  }
  if (!force) {
    return fail(ErrorCode::conflict, path + " exists", "--force replaces an older backup", "path");
  }
  if (!looks_like_a_database(path)) {
    return fail(
        ErrorCode::conflict, path + " is no older backup, and is not replaced", "choose another name", "path"
    );
  }
  return {};
}

Result<void> Backup::begin(const std::string& path, bool force) {
  if (!progress_.done) {
    return fail(ErrorCode::conflict, "another backup is being made", "try again when it is done");
  }
  if (const auto usable = check_target(path, force); !usable) {
    return usable;
  }
  const std::string partial = path + ".partial";
  ::unlink(partial.c_str());  // Of a daemon that was killed.
  const int fd = ::open(partial.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) {
    return fail(
        ErrorCode::invalid,
        "the daemon cannot write there: " + reason(partial),
        "choose a directory that the daemon's user may write to, such as that of the database",
        "path"
    );
  }
  ::close(fd);
  path_ = path;
  partial_ = partial;
  replace_ = force;
  progress_ = {.done = false};
  try {
    copy_ = std::make_unique<SQLite::Database>(partial, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
    copy_->exec("PRAGMA synchronous = OFF");  // It is synced as a whole before it gets its name.
    backup_ = std::make_unique<SQLite::Backup>(*copy_, *source_.database_);
  } catch (const SQLite::Exception& error) {
    abandon(error.what());
    return fail(ErrorCode::unavailable, "the backup could not be begun: " + progress_.error);
  }
  return {};
}

void Backup::step() {
  if (!backup_) {
    return;
  }
  try {
    const int code = backup_->executeStep(pages_a_step);
    if (code == 101 /* SQLITE_DONE */) {
      finish();
    }
  } catch (const SQLite::Exception& error) {
    abandon(error.what());
  }
}

void Backup::finish() {
  backup_.reset();
  copy_.reset();
  std::string why = sync_path(partial_, O_RDONLY);
  struct stat status{};
  if (why.empty() && ::stat(partial_.c_str(), &status) != 0) {
    why = reason(partial_);
  }
  // Without leave to replace, a file that came meanwhile stays: link() does not overwrite, rename() would.
  if (why.empty() &&
      (replace_ ? ::rename(partial_.c_str(), path_.c_str()) : ::link(partial_.c_str(), path_.c_str())) != 0) {
    why = reason(path_);
  }
  if (why.empty()) {
    why = sync_path(std::filesystem::path{path_}.parent_path().string(), O_RDONLY | O_DIRECTORY);
  }
  abandon(why);
  progress_.bytes = status.st_size;
}

void Backup::abandon(const std::string& why) {
  backup_.reset();
  copy_.reset();
  if (!partial_.empty()) {
    ::unlink(partial_.c_str());
    ::unlink((partial_ + "-journal").c_str());
    progress_ = {.done = true, .error = why};
  }
  partial_.clear();
}

}  // namespace hubsync::store
