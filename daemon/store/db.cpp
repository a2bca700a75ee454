#include "daemon/store/db.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include "common/assert.hpp"
#include "daemon/ports/store_error.hpp"

namespace hubsync::store {
namespace {

constexpr std::string_view in_memory = ":memory:";

[[noreturn]] void throw_translated(const SQLite::Exception& error) {
  switch (error.getErrorCode()) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
      throw StoreUnavailable(std::string{"the database: "} + error.what());
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw StoreCorrupt(std::string{"the database: "} + error.what());
    default:
      throw std::runtime_error(std::string{"the database: "} + error.what());
  }
}

template <class Work>
decltype(auto) translated(Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const SQLite::Exception& error) {
    throw_translated(error);
  }
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw StoreRefused(path + ": " + why);
}

/// Makes the directory (its last part only, 0700) and the file (0600) when they are missing. The file is
/// closed again before SQLite opens it: a later close() would drop SQLite's own locks.
void prepare_file(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path{path}.parent_path();
  if (!parent.empty() && ::mkdir(parent.c_str(), 0700) != 0 && errno != EEXIST) {
    refuse(path, std::string{"cannot make its directory: "} + std::strerror(errno));
  }
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) {
    refuse(path, errno == ELOOP ? "is a symbolic link; name the file itself" : std::strerror(errno));
  }
  struct stat status{};
  const bool regular = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  const bool closed_to_others = regular && ((status.st_mode & 077) == 0 || ::fchmod(fd, 0600) == 0);
  ::close(fd);
  if (!regular) {
    refuse(path, "is not a regular file");
  }
  if (!closed_to_others) {
    refuse(path, "is open to other users, and its mode cannot be changed to 0600");
  }
}

/// Memory statistics are kept under a mutex that every allocation takes, and nobody reads them.
void configure_library() {
  static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  ASSERT(
      done == SQLITE_OK || done == SQLITE_MISUSE
  );  // MISUSE: SQLite was in use before, and works as it is.
}

void configure(SQLite::Database& database) {
  sqlite3* const handle = database.getHandle();
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  // EXCLUSIVE before WAL: the index of the WAL is then in our memory, and a second opener is refused (I38).
  // synchronous=FULL: what is acknowledged survives a power cut (I19, I20). Pages of 8 KiB: a full sync makes
  // half as many writes as with 4 KiB, of no more bytes; beyond that, small changes write more than they
  // need.
  database.exec(
      "PRAGMA page_size = 8192;"
      "PRAGMA locking_mode = EXCLUSIVE;"
      "PRAGMA journal_mode = WAL;"
      "PRAGMA synchronous = FULL;"
      "PRAGMA foreign_keys = ON;"
      "PRAGMA secure_delete = ON;"
      "PRAGMA cell_size_check = ON;"
      "PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -16384;"
      "PRAGMA wal_autocheckpoint = 4000;"
      "PRAGMA journal_size_limit = 67108864;"
  );
  database.exec("BEGIN IMMEDIATE; COMMIT;");
}

}  // namespace

Db::Db(const std::string& path, const std::string& vfs) : path_(path) {
  if (path != in_memory && vfs.empty()) {
    prepare_file(path);
  }
  configure_library();
  try {
    database_ = std::make_unique<SQLite::Database>(
        path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX, 0, vfs
    );
    configure(*database_);
  } catch (const SQLite::Exception& error) {
    switch (error.getErrorCode()) {
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        refuse(path, "is in use by another hubsyncd or another program");
      case SQLITE_NOTADB:
        refuse(path, "is not a SQLite database");
      case SQLITE_CORRUPT:
        throw StoreCorrupt(path + ": " + error.what());
      default:
        refuse(path, error.what());
    }
  }
}

Db::~Db() = default;

void Db::execute(const std::string& sql) {
  translated([&] { database_->exec(sql); });
}

std::int64_t Db::last_id() const {
  return database_->getLastInsertRowid();
}

std::int64_t Db::changes() const {
  return database_->getChanges();
}

bool Db::in_transaction() const {
  return sqlite3_get_autocommit(database_->getHandle()) == 0;
}

Db::Cached& Db::borrow(const char* sql) {
  Cached& cached = statements_[sql];
  if (cached.statement == nullptr) {
    cached.statement = std::make_unique<SQLite::Statement>(*database_, sql);
  }
  return cached;
}

Query::Query(Db& db, const char* sql, Open) {
  translated([&] {
    Db::Cached& cached = db.borrow(sql);
    if (cached.busy) {
      own_ = std::make_unique<SQLite::Statement>(*db.database_, sql);
      statement_ = own_.get();
    } else {
      cached.busy = true;
      busy_ = &cached.busy;
      statement_ = cached.statement.get();
    }
  });
}

Query::~Query() {
  if (busy_ != nullptr) {
    // Bindings stay, so that the next use finds their memory; next() asserts that it bound all of them.
    (void)statement_->tryReset();
    *busy_ = false;
  }
}

void Query::put(std::int64_t value) {
  translated([&] { statement_->bind(++bound_, value); });
}

void Query::put(const std::string& value) {
  translated([&] { statement_->bind(++bound_, value); });
}

void Query::put(std::string_view value) {
  put(std::string{value});
}

void Query::put(std::nullptr_t) {
  translated([&] { statement_->bind(++bound_); });
}

void Query::put(const std::vector<unsigned char>& bytes) {
  translated([&] { statement_->bind(++bound_, bytes.data(), static_cast<int>(bytes.size())); });
}

bool Query::next() {
  ASSERT(bound_ == statement_->getBindParameterCount());
  return translated([&] { return statement_->executeStep(); });
}

void Query::run() {
  ASSERT(!next());
}

std::int64_t Query::integer(int column) const {
  return statement_->getColumn(column).getInt64();
}

std::string Query::text(int column) const {
  return statement_->getColumn(column).getString();
}

std::vector<unsigned char> Query::blob(int column) const {
  const SQLite::Column value = statement_->getColumn(column);
  const auto* const bytes = static_cast<const unsigned char*>(value.getBlob());
  return {bytes, bytes + value.getBytes()};
}

bool Query::is_null(int column) const {
  return statement_->isColumnNull(column);
}

std::optional<Instant> Query::maybe_instant(int column) const {
  return is_null(column) ? std::nullopt : std::optional{instant(column)};
}

std::optional<HubspotId> Query::maybe_hubspot_id(int column) const {
  return is_null(column) ? std::nullopt : std::optional{HubspotId{integer(column)}};
}

Savepoint::Savepoint(Db& db) : db_(db) {
  Query{db_, "SAVEPOINT inner"}.run();
}

Savepoint::~Savepoint() {
  // After a full disk SQLite has rolled back everything already, and there is no savepoint left.
  if (open_ && db_.in_transaction()) {
    try {
      Query{db_, "ROLLBACK TO inner"}.run();
      Query{db_, "RELEASE inner"}.run();
    } catch (const std::exception&) {
      // The transaction around it fails at its COMMIT, which is where it is told.
    }
  }
}

void Savepoint::release() {
  Query{db_, "RELEASE inner"}.run();
  open_ = false;
}

}  // namespace hubsync::store
