// What comparing both sides shows, record by record; and what checking the database file shows. Plain data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/reconcile.hpp"
#include "daemon/core/record.hpp"

namespace hubsync {

enum class DifferenceKind : std::uint8_t {
  missing_local,    ///< HubSpot has it, we do not.
  missing_hubspot,  ///< We have it, HubSpot does not.
  differs,
  conflict_open,  ///< It differs, and a person is to decide.
  unreadable      ///< HubSpot sent something that is no record.
};

struct Difference {
  std::string type;
  DifferenceKind kind = DifferenceKind::differs;
  LocalId id = {};
  std::optional<HubspotId> hubspot_id = {};
  std::string field = {};
  std::optional<std::string> local = {};
  std::optional<std::string> remote = {};
  std::optional<SyncStatus> status = {};
};

/// Consecutive records of HubSpot's listing, with those that cannot be read: all it has with after < id ≤
/// last.
struct CompareStep {
  std::string type;
  std::vector<HubspotId> unreadable = {};
  std::vector<RemoteRecord> seen = {};
  std::int64_t after = 0;
  std::int64_t last = 0;
};

/// Live local records that HubSpot does not have yet.
struct UnlinkedPart {
  std::vector<Difference> differences = {};
  std::optional<LocalId> next = {};  ///< None at the end.
};

struct DatabaseCheck {
  std::vector<std::string> problems = {};
  std::map<std::string, std::int64_t, std::less<>> rows = {};  ///< By table.
  std::int64_t bytes = 0;
};

/// A backup under way.
struct BackupProgress {
  bool done = true;
  std::string error = {};  ///< Why there is none; empty for none.
  std::int64_t bytes = 0;
};

}  // namespace hubsync
