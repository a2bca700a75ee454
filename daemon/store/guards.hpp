// Guards and what counts against `max_delete`. Store thread. Decides nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/guard.hpp"
#include "daemon/store/db.hpp"

namespace hubsync::store {

class GuardTable {
 public:
  explicit GuardTable(Db& db) : db_(db) {}

  /// With its count; a guard whose records all came to live is closed by this.
  [[nodiscard]] std::optional<Guard> find_open(const std::string& type, SyncDirection direction, Instant now);
  [[nodiscard]] std::optional<Guard> find(std::int64_t id);
  /// Newest first.
  [[nodiscard]] std::vector<Guard> list(bool closed_too, std::int64_t offset, std::int64_t limit);
  [[nodiscard]] std::int64_t count(bool closed_too);
  [[nodiscard]] Guard insert(
      const std::string& type, SyncDirection direction, std::int64_t limit, Instant now
  );
  void close(std::int64_t id, const std::string& released_by, Instant now);

  void add_member(std::int64_t guard, const LocalId& record);
  /// The guard that holds or held the record, for what has not happened to it yet.
  [[nodiscard]] std::optional<Guard> of_record(const LocalId& record);
  /// The deletion was carried out, or is not wanted any more.
  void forget(const LocalId& record);
  /// HubSpot shows these alive: nothing holds them back.
  void forget_live(const std::string& type, const std::vector<HubspotId>& ids);
  [[nodiscard]] std::vector<HeldRecord> sample(std::int64_t guard, std::int64_t limit);
  /// HubSpot's ids of records whose deletion here was released and is still to be done.
  [[nodiscard]] std::vector<HubspotId> released_here(const std::string& type);

  /// A deletion that no person released was carried out.
  void count_carried(const std::string& type, SyncDirection direction, Instant now);
  [[nodiscard]] std::int64_t carried(const std::string& type, SyncDirection direction, Instant now);
  /// Records of the type that live on both sides or wait for the deletion on HubSpot's.
  [[nodiscard]] std::int64_t linked(const std::string& type);
  /// Records whose deletion in HubSpot is due and that no guard holds or has let through.
  [[nodiscard]] std::vector<LocalId> pending_there(const std::string& type);
  /// Puts the due work of the guard's records to sleep, or wakes it.
  void hold_due(std::int64_t guard, const std::string& why);
  void wake_due(std::int64_t guard);

 private:
  Db& db_;
};

}  // namespace hubsync::store
