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

  /// Somebody may have written between our read, which showed `seen`, and our write of `written`: HubSpot's
  /// history will tell, once the write has arrived, which is at `since` at the latest. Fields in only one of
  /// them were not written over anything.
  void add(const Record& record, const Fields& seen, const Fields& written, Instant since);
  [[nodiscard]] std::optional<Unverified> find(const LocalId& record);
  /// HubSpot's ids of the records of a type that were last written at `before` or earlier.
  [[nodiscard]] std::vector<HubspotId> due(const std::string& type, Instant before, std::int64_t limit);
  /// The writes that were answered before then.
  void forget(const std::string& type, HubspotId id, Instant before);

 private:
  Db& db_;
};

}  // namespace hubsync::store
