// The audit trail: append-only rows in a hash chain, and their erasable values (I30). Store thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/uuid.hpp"
#include "daemon/core/record.hpp"
#include "daemon/ports/repository.hpp"
#include "daemon/store/db.hpp"

namespace hubsync::store {

/// Random bytes, from the kernel or seeded.
using RandomBytes = std::function<UuidRandom()>;

/// One thing that somebody or a rule did.
struct AuditEntry {
  std::string actor;
  std::string action;  ///< "create", "update", "overruled", "sent update"…
  std::string type = {};
  LocalId record = {};
  Base values = {};  ///< By field: the old and the new value, or the kept and the lost one.
};

class AuditTable {
 public:
  AuditTable(Db& db, RandomBytes random) : db_(db), random_(std::move(random)) {}

  void append(const AuditEntry& entry, Instant now);
  /// Who last wrote each field of a record, `not_this` actor aside. Looks at the newest entries only.
  [[nodiscard]] std::map<std::string, LocalWriter, std::less<>> last_writers(
      const LocalId& record, std::string_view not_this
  );
  /// Records that a merge made one with `record`.
  [[nodiscard]] std::vector<LocalId> folded_into(const LocalId& record);
  /// The id of the first row that does not fit the chain; 0 when it verifies.
  [[nodiscard]] std::int64_t first_broken();
  [[nodiscard]] AuditHead head();

 private:
  Db& db_;
  RandomBytes random_;
};

}  // namespace hubsync::store
