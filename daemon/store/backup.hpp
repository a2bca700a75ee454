// A copy of the database, made page by page between transactions, so that nothing waits for it. Owns the copy
// under way. Store thread. The copy gets its name only when it is complete and on disk.
#pragma once

#include <memory>
#include <string>

#include "common/result.hpp"
#include "daemon/ports/compare.hpp"
#include "daemon/store/db.hpp"

namespace SQLite {
class Backup;
}  // namespace SQLite

namespace hubsync::store {

class Backup {
 public:
  explicit Backup(Db& source);
  /// Removes a copy that is not complete.
  ~Backup();
  Backup(const Backup&) = delete;
  Backup& operator=(const Backup&) = delete;

  /// An Error says what is wrong with `path`; conflict while another copy is made.
  Result<void> begin(const std::string& path, bool force);
  /// Copies the next pages, if a copy is under way. Outside a transaction.
  void step();
  [[nodiscard]] BackupProgress progress() const { return progress_; }

 private:
  [[nodiscard]] Result<void> check_target(const std::string& path, bool force) const;
  void finish();
  void abandon(const std::string& why);

  Db& source_;
  std::string path_;
  std::string partial_;  ///< Beside it; empty while no copy is under way.
  bool replace_ = false;
  std::unique_ptr<SQLite::Database> copy_;
  std::unique_ptr<SQLite::Backup> backup_;
  BackupProgress progress_;
};

}  // namespace hubsync::store
