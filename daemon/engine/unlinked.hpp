// Looks in HubSpot for records that it may have already, before they are created: what an unanswered create
// made (I23), and what has their natural key (I7). Owns nothing; loop thread. Decides nothing.
#pragma once

#include <vector>

#include "daemon/ports/hub.hpp"
#include "daemon/ports/repository.hpp"

namespace hubsync {

/// What may be the claims' records, and others beside them: the store compares. `has_uid`: HubSpot keeps our
/// ids of this type. A failure of any of its calls is the failure of all; it makes no retry.
Task<Reply<ReadResult>> find_unlinked(
    Hub& hub, const TypeRules& rules, bool has_uid, std::vector<Claim> claims, CallClass call_class
);

}  // namespace hubsync
