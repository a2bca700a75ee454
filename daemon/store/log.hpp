// The sync log. Store thread. Decides nothing.
#pragma once

#include <optional>

#include "daemon/core/log_entry.hpp"
#include "daemon/ports/repository.hpp"
#include "daemon/store/db.hpp"

namespace hubsync::store {

class LogTable {
 public:
  explicit LogTable(Db& db) : db_(db) {}

  /// Writes a new entry; its id is given here and returned.
  std::int64_t insert(const LogEntry& entry);
  /// An entry for each record with row ids from `first` to `last`, all of one type, which HubSpot showed and
  /// are new here.
  void insert_pulled(const std::string& type, std::int64_t first, std::int64_t last, Instant now);
  void update(const LogEntry& entry);
  void erase(std::int64_t id);
  [[nodiscard]] std::optional<LogEntry> find(std::int64_t id);
  [[nodiscard]] Page<LogEntry> list(const LogQuery& query);
  /// A failed entry about a HubSpot record with the same reason stands already.
  [[nodiscard]] bool has_failed(
      const std::string& type, std::optional<HubspotId> id, const std::string& error
  );
  /// Successful entries towards HubSpot that are still kept.
  [[nodiscard]] std::int64_t completed();
  /// When the newest entry was made.
  [[nodiscard]] std::optional<Instant> newest();
  std::int64_t purge(Instant before, std::int64_t limit);

 private:
  void add_count(const std::string& type, SyncDirection direction, LogStatus status, std::int64_t number);
  [[nodiscard]] std::int64_t count(const LogQuery& query);

  Db& db_;
};

}  // namespace hubsync::store
