// An upgrade of the schema that is killed, or loses power, at each of its changes of the disk (I37).
#include "daemon/store/migrate.hpp"

#include <stdlib.h>

#include <exception>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/sim/disk.hpp"

using namespace hubsync;
using namespace hubsync::sim;
using namespace hubsync::store;

namespace {

/// The backup is made through the real directory, so there is one.
struct Directory {
  Directory() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(path); }

  std::string path = std::filesystem::temp_directory_path() / "hubsync-migrate-XXXXXX";
};

std::vector<Migration> next_schema() {
  std::vector<Migration> steps = embedded_migrations();
  steps.push_back(
      {static_cast<int>(steps.size()) + 1,
       "next",
       "next",
       "CREATE TABLE added (x INTEGER) STRICT;"
       "INSERT INTO added SELECT length(value) FROM facts;"
       "ALTER TABLE facts ADD COLUMN note TEXT NOT NULL DEFAULT '';"
       "UPDATE facts SET note = upper(value);"
       "CREATE INDEX facts_note ON facts (note);"
       "DROP VIEW companies;"
       "DELETE FROM cursors;"}
  );
  return steps;
}

std::string text(Db& db, const char* sql) {
  Query query{db, sql};
  return query.next() ? query.text(0) : std::string{};
}

/// All that the upgrade changes.
std::string contents(Db& db) {
  Query version{db, "PRAGMA user_version"};
  version.next();
  return std::to_string(version.integer(0)) + "\n" +
         text(db, "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema ORDER BY name)") +
         text(db, "SELECT group_concat(name) FROM (SELECT name FROM schema_migrations ORDER BY number)") +
         text(db, "SELECT group_concat(value) FROM (SELECT value FROM facts ORDER BY name)") +
         text(db, "SELECT group_concat(value) FROM (SELECT value FROM cursors ORDER BY name)");
}

void fill(Db& db) {
  db.execute("BEGIN");
  for (int i = 0; i < 300; ++i) {
    const std::string name = "name" + std::to_string(i);
    Query{db, "INSERT INTO facts (name, value) VALUES (?, ?)", name, std::string(50, 'v')}.run();
    Query{db, "INSERT INTO cursors (name, value) VALUES (?, ?)", name, name}.run();
  }
  db.execute("COMMIT");
}

struct Upgrade {
  Upgrade() {
    Disk disk{1, false};
    {
      Db db{database, disk.vfs_name()};
      migrate(db);
      fill(db);
      before = contents(db);
    }
    bytes = disk.get(database);
    Db db{database, disk.vfs_name()};
    migrate(db, next_schema());
    after = contents(db);
  }

  /// False once it no longer dies at its `operation`-th change of the disk.
  bool dies(std::size_t operation, bool power_cut) {
    Disk disk{operation, true};
    disk.put(database, bytes);
    disk.stop_after(operation);
    bool died = false;
    try {
      Db db{database, disk.vfs_name()};
      migrate(db, next_schema());
    } catch (const std::exception&) {
      died = true;
    }
    power_cut ? disk.reboot_after_power_cut() : disk.reboot_after_kill();
    disk.files().erase(database + ".backup-v" + std::to_string(embedded_migrations().size()));
    Db db{database, disk.vfs_name()};
    const std::string found = contents(db);
    const bool old = found == before;
    CHECK_MESSAGE((old || found == after), "between, at change " << operation << ":\n" << found);
    CHECK(text(db, "PRAGMA integrity_check") == "ok");
    ++(old ? left_old : left_new);
    migrate(db, next_schema());
    CHECK(contents(db) == after);
    return died;
  }

  Directory directory;
  std::string database = directory.path + "/hubsync.db";
  std::string bytes;
  std::string before;
  std::string after;
  int left_old = 0;
  int left_new = 0;
};

}  // namespace

TEST_CASE(
    "an upgrade that is killed or loses power at any change of the disk leaves the old schema or the new one"
) {
  for (const bool power_cut : {false, true}) {
    Upgrade upgrade;
    REQUIRE(upgrade.before != upgrade.after);
    std::size_t operation = 0;
    while (upgrade.dies(operation, power_cut)) {
      ++operation;
      REQUIRE(operation < 10'000);
    }
    CHECK(operation > 50);
    CHECK(upgrade.left_old > 0);
    CHECK(upgrade.left_new > 0);
  }
}
