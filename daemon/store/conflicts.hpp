// Conflicts, open and resolved. Store thread. Decides nothing.
#pragma once

#include <optional>

#include "daemon/core/conflict.hpp"
#include "daemon/ports/repository.hpp"
#include "daemon/store/db.hpp"

namespace hubsync::store {

class ConflictTable {
 public:
  explicit ConflictTable(Db& db) : db_(db) {}

  std::int64_t insert(const Conflict& conflict);
  void update(const Conflict& conflict);
  [[nodiscard]] std::optional<Conflict> find(std::int64_t id);
  [[nodiscard]] std::optional<Conflict> find_open(const LocalId& record);
  /// The record's newest, open or resolved.
  [[nodiscard]] std::optional<Conflict> find_last(const LocalId& record);
  /// HubSpot's ids of the records whose open conflict lacks HubSpot's history.
  [[nodiscard]] std::vector<HubspotId> unexplained(const std::string& type, std::int64_t limit);
  /// Open ones by urgency, then age; resolved ones latest first.
  [[nodiscard]] Page<Conflict> list(const ConflictQuery& query);
  [[nodiscard]] std::int64_t count(bool open);

 private:
  Db& db_;
};

}  // namespace hubsync::store
