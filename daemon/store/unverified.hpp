// Writes of ours that HubSpot's property history has still to confirm (I6). Store thread. Decides nothing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/record.hpp"
#include "daemon/store/db.hpp"

namespace hubsync::store {

/// By field: the value we had seen in HubSpot, then what we wrote over it, in order.
using KnownValues = std::map<std::string, std::vector<std::string>, std::less<>>;

struct Unverified {
  LocalId record;
  std::string type;
  HubspotId hubspot_id;
  Instant since{};  ///< Of the newest write.
  KnownValues fields;
};

class UnverifiedTable {
 public:
  explicit UnverifiedTable(Db& db) : db_(db) {}

  /// Adds a write to what is known of the record.
  void add(const Unverified& written);
  [[nodiscard]] std::optional<Unverified> find(const LocalId& record);
  /// HubSpot's ids of the records of a type that were last written at `before` or earlier.
  [[nodiscard]] std::vector<HubspotId> due(const std::string& type, Instant before, std::int64_t limit);
  void forget(const std::string& type, HubspotId id);

 private:
  Db& db_;
};

}  // namespace hubsync::store
