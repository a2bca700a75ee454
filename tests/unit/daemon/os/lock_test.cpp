#include "daemon/os/lock.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include <doctest/doctest.h>

#include "tests/unit/daemon/os/temp_dir.hpp"

using namespace hubsync;
using hubsync::test::TempDir;

TEST_CASE("a second daemon on one database is refused and told who has it") {
  const TempDir directory;
  const std::string database = directory.path("hubsync.db");
  std::optional<Result<DatabaseLock>> first{DatabaseLock::acquire(database)};
  REQUIRE(*first);
  const Result<DatabaseLock> second = DatabaseLock::acquire(database);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::conflict);
  CHECK(second.error().message.find("pid " + std::to_string(::getpid())) != std::string::npos);
  CHECK(second.error().message.find(database) != std::string::npos);
  first.reset();
  CHECK(DatabaseLock::acquire(database));
}

TEST_CASE("a database's directory that is missing is made, and is private") {
  const TempDir directory;
  const mode_t before = ::umask(S_IRWXG | S_IRWXO);
  CHECK(DatabaseLock::acquire(directory.path("lib/hubsync/hubsync.db")));
  ::umask(before);
  struct stat status{};
  REQUIRE(::stat(directory.path("lib/hubsync").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0700);
}

TEST_CASE("the lock file is private, also when an older one was not") {
  const TempDir directory;
  const std::string path = directory.write("hubsync.db.lock", "999999\n", 0644);
  const Result<DatabaseLock> lock = DatabaseLock::acquire(directory.path("hubsync.db"));
  REQUIRE(lock);
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
}

TEST_CASE("a lock that cannot be made names its file") {
  const TempDir directory;
  directory.write("file", "");
  const Result<DatabaseLock> missing = DatabaseLock::acquire(directory.path("file/hubsync.db"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message == directory.path("file/hubsync.db.lock") + ": Not a directory");
  CHECK(missing.error().hint.find("HUBSYNC_DB") != std::string::npos);
  REQUIRE(::symlink("/etc/passwd", directory.path("x.db.lock").c_str()) == 0);
  CHECK_FALSE(DatabaseLock::acquire(directory.path("x.db")));
}

TEST_CASE("a hardened process leaves no core, hides its memory, and survives a broken pipe") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    harden_process();
    rlimit core{};
    ::getrlimit(RLIMIT_CORE, &core);
    ::raise(SIGPIPE);
    ::raise(SIGXFSZ);
    const bool hardened =
        ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 && core.rlim_max == 0 && ::umask(0) == 0077;
    ::_exit(hardened ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
