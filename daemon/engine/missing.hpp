// What became of records that a read did not show: archived, merged into another one, or gone without a
// trace. Owns nothing; loop thread. Proves deletions, and decides nothing (I9).
#pragma once

#include <string>
#include <vector>

#include "daemon/ports/hub.hpp"

namespace hubsync {

struct Whereabouts {
  /// Archived ones, and those that they were merged into, live or archived, with the id asked for among the
  /// former ids.
  std::vector<RemoteRecord> records = {};
  std::vector<BadRecord> bad = {};
  std::vector<HubspotId> nowhere = {};  ///< Neither live nor in the recycle bin, by any name.
};

/// Said of a record that is nowhere.
inline const std::string nowhere_text =
    "HubSpot has no record with this id, neither live nor in its recycle bin: it was purged";

/// ≤ 100 ids. A failure of any of its calls is the failure of all; it makes no retry.
Task<Reply<Whereabouts>> find_missing(
    Hub& hub, const TypeRules& rules, std::vector<HubspotId> ids, CallClass call_class
);

}  // namespace hubsync
