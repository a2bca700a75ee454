#include "daemon/store/db.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include <doctest/doctest.h>

#include "daemon/ports/store_error.hpp"
#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::store;
using namespace hubsync::test;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

std::string pragma(Db& db, const char* sql) {
  Query query{db, sql};
  REQUIRE(query.next());
  return query.text(0);
}

}  // namespace

TEST_CASE("a new database and its directory are private") {
  const StoreDir dir;
  const std::string path = dir.path("state/hubsync.db");
  Db db{path};
  db.execute("CREATE TABLE t (x) ; INSERT INTO t VALUES (1)");
  CHECK(mode_of(dir.path("state")) == 0700);
  CHECK(mode_of(path) == 0600);
  CHECK(mode_of(path + "-wal") == 0600);
}

TEST_CASE("every pragma that a promise rests on is set") {
  const StoreDir dir;
  Db db{dir.path()};
  CHECK(pragma(db, "PRAGMA journal_mode") == "wal");
  CHECK(pragma(db, "PRAGMA locking_mode") == "exclusive");
  CHECK(pragma(db, "PRAGMA synchronous") == "2");
  CHECK(pragma(db, "PRAGMA foreign_keys") == "1");
  CHECK(pragma(db, "PRAGMA secure_delete") == "1");
  CHECK(pragma(db, "PRAGMA trusted_schema") == "0");
  CHECK(pragma(db, "PRAGMA temp_store") == "2");
  CHECK_FALSE(std::filesystem::exists(dir.path() + "-shm"));
}

TEST_CASE("a second opener is refused and the first goes on") {
  const StoreDir dir;
  TestStore first{dir.path()};
  CHECK_THROWS_WITH_AS(
      Db{dir.path()},
      (dir.path() + ": is in use by another hubsyncd or another program").c_str(),
      StoreRefused
  );
  CHECK_NOTHROW(first.create("companies", {{"name", "Acme"}}));
}

TEST_CASE("a symbolic link, a directory and a file that is no database are refused") {
  const StoreDir dir;
  REQUIRE(::symlink(dir.path("real.db").c_str(), dir.path("link.db").c_str()) == 0);
  CHECK_THROWS_AS(Db{dir.path("link.db")}, StoreRefused);
  CHECK_FALSE(std::filesystem::exists(dir.path("real.db")));
  std::filesystem::create_directory(dir.path("folder"));
  CHECK_THROWS_AS(Db{dir.path("folder")}, StoreRefused);
  std::ofstream{dir.path("text.db")} << std::string(5'000, 'x');
  CHECK_THROWS_AS(Db{dir.path("text.db")}, StoreRefused);
  CHECK_THROWS_AS(Db{dir.path("no/such/dir.db")}, StoreRefused);
}

TEST_CASE("a file that others could read is closed to them") {
  const StoreDir dir;
  std::ofstream{dir.path()}.flush();
  REQUIRE(::chmod(dir.path().c_str(), 0644) == 0);
  const Db db{dir.path()};
  CHECK(mode_of(dir.path()) == 0600);
}

TEST_CASE("a statement in use further up is not disturbed by the same text below") {
  Db db{":memory:"};
  db.execute("CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1), (2), (3)");
  const auto ask = [&db] { return std::make_unique<Query>(db, "SELECT x FROM t ORDER BY x"); };
  const char* sql = "SELECT x FROM t ORDER BY x";
  Query outer{db, sql};
  REQUIRE(outer.next());
  {
    Query inner{db, sql};
    REQUIRE(inner.next());
    CHECK(inner.integer(0) == 1);
  }
  REQUIRE(outer.next());
  CHECK(outer.integer(0) == 2);
  CHECK(ask()->next());
}

TEST_CASE("a full database is unavailable, not corrupt, and takes writes again once there is room") {
  const StoreDir dir;
  Db db{dir.path()};
  db.execute("CREATE TABLE t (x TEXT)");
  db.execute("PRAGMA max_page_count = 3");
  CHECK_THROWS_AS(db.execute("INSERT INTO t VALUES (hex(zeroblob(100000)))"), StoreUnavailable);
  db.execute("PRAGMA max_page_count = 1000");
  CHECK_NOTHROW(db.execute("INSERT INTO t VALUES (hex(zeroblob(100000)))"));
}
