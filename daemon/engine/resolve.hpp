// Resolves conflicts against what HubSpot has at that moment: reads the records, then lets the store decide
// and commit in one transaction. Loop thread. Sends nothing: what is to be sent becomes due work.
#pragma once

#include <string>
#include <vector>

#include "daemon/engine/context.hpp"

namespace hubsync {

/// One outcome for each wish, in order. A wish that is wrong or stale costs no call. `away`: why HubSpot can
/// not be read now; nothing when it can. `on_decided`: see Engine::resolve().
Task<std::vector<ResolveOutcome>> resolve_conflicts(
    EngineContext& context,
    std::vector<ConflictWish> wishes,
    std::string user,
    OnDecided on_decided,
    std::optional<Error> away
);

}  // namespace hubsync
