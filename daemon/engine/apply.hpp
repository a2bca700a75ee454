// Carries out part of a saved plan, if both sides are still as they were. Loop thread. The check and what is
// taken from HubSpot are one transaction; what is sent was checked right before.
#pragma once

#include "daemon/engine/context.hpp"
#include "daemon/engine/operate.hpp"

namespace hubsync {

Task<Result<ApplyOutcome>> apply_part(EngineContext& context, ApplyWish wish);

}  // namespace hubsync
