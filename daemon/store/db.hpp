// The one connection to the database file: opened safely, with the pragmas every promise rests on, and a
// cache of prepared statements. Store thread. Knows no table. SQLite's error codes get their meaning here and
// nowhere else: StoreUnavailable, StoreCorrupt, or a std::runtime_error for a bug.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/time.hpp"
#include "daemon/core/record.hpp"

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace hubsync::store {

class Query;

class Db {
 public:
  /// Opens or creates `path` (":memory:" for tests); throws StoreRefused when it is in use, a symbolic link,
  /// or not a database of hubsync. `vfs`: SQLite's name of another file system, "" for the usual one.
  explicit Db(const std::string& path, const std::string& vfs = {});
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;
  ~Db();

  /// Runs one or more statements without results: migrations and transactions only.
  void execute(const std::string& sql);
  /// The row id of the last insert.
  [[nodiscard]] std::int64_t last_id() const;
  /// Rows changed by the last statement.
  [[nodiscard]] std::int64_t changes() const;
  /// False when SQLite has rolled the transaction back by itself (disk full).
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  friend class Query;
  friend class Backup;
  struct Cached {
    std::unique_ptr<SQLite::Statement> statement;
    bool busy = false;
  };
  Cached& borrow(const char* sql);

  std::string path_;
  std::unique_ptr<SQLite::Database> database_;
  std::unordered_map<const char*, Cached> statements_;  ///< By address: every key is a literal.
};

/// A prepared statement, borrowed for one use; reset when it goes out of scope. `sql` must be a literal.
class Query {
 public:
  template <class... Values>
  explicit Query(Db& db, const char* sql, const Values&... values) : Query(db, sql, Open{}) {
    (put(values), ...);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  void put(std::int64_t value);
  void put(int value) { put(std::int64_t{value}); }
  void put(bool value) { put(std::int64_t{value}); }
  void put(std::string_view value);
  void put(const std::string& value);
  void put(const char* value) { put(std::string_view{value}); }
  void put(std::nullptr_t);
  void put(const LocalId& id) { put(id.text); }
  void put(HubspotId id) { put(id.number); }
  void put(Instant instant) { put(to_ms(instant)); }
  void put(Presence presence) { put(static_cast<std::int64_t>(presence)); }
  /// A blob.
  void put(const std::vector<unsigned char>& bytes);
  template <class T>
  void put(const std::optional<T>& value) {
    if (value) {
      put(*value);
    } else {
      put(nullptr);
    }
  }

  /// Steps; true while there is a row.
  bool next();
  /// For statements without rows.
  void run();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::vector<unsigned char> blob(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] Instant instant(int column) const { return instant_from_ms(integer(column)); }
  [[nodiscard]] std::optional<Instant> maybe_instant(int column) const;
  [[nodiscard]] std::optional<HubspotId> maybe_hubspot_id(int column) const;

 private:
  struct Open {};
  Query(Db& db, const char* sql, Open);

  std::unique_ptr<SQLite::Statement> own_;  ///< When the cached one is in use further up the stack.
  SQLite::Statement* statement_ = nullptr;
  bool* busy_ = nullptr;
  int bound_ = 0;
};

/// A transaction within the transaction; rolled back unless released.
class Savepoint {
 public:
  explicit Savepoint(Db& db);
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  ~Savepoint();

  void release();

 private:
  Db& db_;
  bool open_ = true;
};

}  // namespace hubsync::store
