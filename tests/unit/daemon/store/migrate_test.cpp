#include "daemon/store/migrate.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include "daemon/ports/store_error.hpp"
#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::store;
using namespace hubsync::test;

namespace {

const Migration one{1, "one", "aa", "CREATE TABLE one (x INTEGER) STRICT; INSERT INTO one VALUES (1);"};
const Migration two{
    2, "two", "bb", "CREATE TABLE two (x INTEGER) STRICT; ALTER TABLE one ADD COLUMN y INTEGER;"
};

std::int64_t number(Db& db, const char* sql) {
  Query query{db, sql};
  REQUIRE(query.next());
  return query.integer(0);
}

std::vector<std::string> statements_of(std::string_view sql) {
  std::vector<std::string> statements{{}};
  for (const char c : sql) {
    statements.back() += c;
    if (c == ';' && sqlite3_complete(statements.back().c_str()) != 0) {
      statements.emplace_back();
    }
  }
  statements.pop_back();
  return statements;
}

std::string schema_of(Db& db) {
  Query query{
      db, "SELECT coalesce(group_concat(sql), '') FROM (SELECT sql FROM sqlite_schema ORDER BY name)"
  };
  REQUIRE(query.next());
  return query.text(0) + std::to_string(number(db, "PRAGMA user_version"));
}

}  // namespace

TEST_CASE("each embedded step that ends at any of its statements leaves the schema as it was") {
  std::vector<Migration> steps;
  for (const Migration& step : embedded_migrations()) {
    const auto statements = statements_of(step.sql);
    CHECK(statements.size() > 1);
    std::string sql;
    for (const std::string& statement : statements) {
      sql += statement;
      const std::string broken = sql + "INSERT INTO no_such_table VALUES (1);";
      Db db{":memory:"};
      migrate(db, steps);
      const std::string before = schema_of(db);
      std::vector<Migration> with_broken = steps;
      with_broken.push_back({step.number, step.name, step.checksum, broken});
      CHECK_THROWS(migrate(db, with_broken));
      CHECK(schema_of(db) == before);
      CHECK_FALSE(db.in_transaction());
    }
    steps.push_back(step);
  }
}

TEST_CASE("the embedded migrations are numbered from one without holes") {
  int expected = 0;
  for (const Migration& migration : embedded_migrations()) {
    CHECK(migration.number == ++expected);
    CHECK(migration.checksum.size() == 64);
  }
  CHECK(expected > 0);
}

TEST_CASE("a new database gets every step, and doing it again does nothing") {
  Db db{":memory:"};
  migrate(db, {one, two});
  migrate(db, {one, two});
  CHECK(number(db, "SELECT count(*) FROM schema_migrations") == 2);
  CHECK(number(db, "PRAGMA user_version") == 2);
  CHECK(number(db, "SELECT count(*) FROM one WHERE y IS NULL") == 1);
}

TEST_CASE("an older schema is backed up, privately, before it is upgraded") {
  const StoreDir dir;
  {
    Db db{dir.path()};
    migrate(db, {one});
    CHECK_FALSE(std::filesystem::exists(dir.path() + ".backup-v1"));
  }
  {
    Db db{dir.path()};
    migrate(db, {one, two});
  }
  const std::filesystem::path backup = dir.path() + ".backup-v1";
  REQUIRE(std::filesystem::exists(backup));
  CHECK(
      (std::filesystem::status(backup).permissions() & std::filesystem::perms::all) ==
      (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
  );
  Db old{backup};
  CHECK(number(old, "PRAGMA user_version") == 1);
  CHECK(number(old, "SELECT count(*) FROM sqlite_schema WHERE name = 'two'") == 0);
}

TEST_CASE("a step that fails half-way leaves the schema as it was") {
  Db db{":memory:"};
  const Migration broken{
      2, "two", "bb", "CREATE TABLE two (x INTEGER); INSERT INTO no_such_table VALUES (1);"
  };
  migrate(db, {one});
  CHECK_THROWS((migrate(db, {one, broken})));
  CHECK(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'two'") == 0);
  CHECK(number(db, "PRAGMA user_version") == 1);
  CHECK_FALSE(db.in_transaction());
  CHECK_NOTHROW((migrate(db, {one, two})));
}

TEST_CASE("a schema from the future, a step edited since and somebody else's database are refused") {
  Db db{":memory:"};
  migrate(db, {one, two});
  CHECK_THROWS_AS((migrate(db, {one})), StoreRefused);
  Migration edited = two;
  edited.checksum = "cc";
  CHECK_THROWS_AS((migrate(db, {one, edited})), StoreRefused);
  CHECK_NOTHROW((migrate(db, {one, two})));

  Db other{":memory:"};
  other.execute("CREATE TABLE theirs (x)");
  CHECK_THROWS_AS((migrate(other, {one})), StoreRefused);
  CHECK(number(other, "SELECT count(*) FROM sqlite_schema") == 1);
}
