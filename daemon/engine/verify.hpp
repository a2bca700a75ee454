// Compares both sides, part by part: HubSpot's listing first, then what HubSpot does not have. Loop thread.
// Writes nothing.
#pragma once

#include <string>

#include "daemon/engine/context.hpp"
#include "daemon/engine/operate.hpp"

namespace hubsync {

/// `after`: see Engine::verify().
Task<Result<VerifyPart>> verify_part(EngineContext& context, std::string type, std::string after);

}  // namespace hubsync
