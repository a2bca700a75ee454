#include "daemon/store/migrate.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/ports/store_error.hpp"

namespace hubsync::store {
namespace {

constexpr std::int64_t application_id = 0x6873796E;  // "hsyn"

[[noreturn]] void refuse(const Db& db, const std::string& why) {
  throw StoreRefused(db.path() + ": " + why);
}

std::int64_t read_integer(Db& db, const char* sql) {
  Query query{db, sql};
  query.next();
  return query.integer(0);
}

void check_ours(Db& db) {
  const std::int64_t id = read_integer(db, "PRAGMA application_id");
  const bool empty = read_integer(db, "SELECT count(*) FROM sqlite_schema") == 0;
  if (id != application_id && !empty) {
    refuse(db, "belongs to another program; give hubsync a file of its own");
  }
}

/// The applied steps must be a prefix of ours, unchanged.
std::size_t check_applied(Db& db, const std::vector<Migration>& migrations) {
  std::size_t applied = 0;
  Query query{db, "SELECT number, name, checksum FROM schema_migrations ORDER BY number"};
  while (query.next()) {
    const std::string step = "step " + std::to_string(query.integer(0)) + " (" + query.text(1) + ")";
    if (applied >= migrations.size()) {
      refuse(db, "has a newer schema, " + step + "; install the hubsync that wrote it, or a newer one");
    }
    const Migration& ours = migrations[applied];
    if (ours.number != query.integer(0) || ours.checksum != query.text(2)) {
      refuse(db, "was made by another build: " + step + " of its schema differs from this program's");
    }
    ++applied;
  }
  return applied;
}

/// VACUUM INTO writes into an empty file, so the file is made first, private.
void back_up(Db& db, int version) {
  if (db.path() == ":memory:") {
    return;
  }
  const std::string backup = db.path() + ".backup-v" + std::to_string(version);
  if (::unlink(backup.c_str()) != 0 && errno != ENOENT) {
    refuse(db, "cannot replace the backup " + backup + ": " + std::strerror(errno));
  }
  const int fd = ::open(backup.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    refuse(db, "cannot make the backup " + backup + ": " + std::strerror(errno));
  }
  ::close(fd);
  Query{db, "VACUUM INTO ?", backup}.run();
}

void apply(Db& db, const Migration& migration) {
  db.execute("BEGIN IMMEDIATE");
  try {
    db.execute(std::string{migration.sql});
    Query{
        db,
        "INSERT INTO schema_migrations (number, name, checksum) VALUES (?, ?, ?)",
        migration.number,
        migration.name,
        migration.checksum
    }
        .run();
    db.execute("PRAGMA user_version = " + std::to_string(migration.number));
    db.execute("COMMIT");
  } catch (...) {
    if (db.in_transaction()) {
      db.execute("ROLLBACK");
    }
    throw;
  }
}

}  // namespace

void migrate(Db& db, const std::vector<Migration>& migrations) {
  check_ours(db);
  db.execute(
      "BEGIN IMMEDIATE;"
      "PRAGMA application_id = " +
      std::to_string(application_id) +
      ";"
      "CREATE TABLE IF NOT EXISTS schema_migrations ("
      "  number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT;"
      "COMMIT;"
  );
  const std::size_t applied = check_applied(db, migrations);
  if (applied > 0 && applied < migrations.size()) {
    back_up(db, migrations[applied - 1].number);
  }
  for (std::size_t i = applied; i < migrations.size(); ++i) {
    apply(db, migrations[i]);
  }
}

}  // namespace hubsync::store
