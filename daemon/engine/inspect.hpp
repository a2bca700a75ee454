// Looks into HubSpot for doctor and setup: each thing once, without a retry. Loop thread.
#pragma once

#include <vector>

#include "daemon/engine/context.hpp"
#include "daemon/engine/operate.hpp"

namespace hubsync {

/// `hub` is not the gate's: a token that is refused is looked into as well. Of another portal than the
/// store's only its name is read (I11).
Task<Inspection> inspect_hubspot(EngineContext& context, Hub& hub);
/// Only once the portal is known to be the right one.
Task<std::vector<MadeProperty>> make_missing_properties(EngineContext& context);

}  // namespace hubsync
