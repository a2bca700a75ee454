// Reads HubSpot's property history where it is needed after the fact: who edited a conflicting field there,
// and whether somebody wrote between our read and our write (I6). Loop thread. Cheap by design: fifty records
// a call, in the sweep class, and a write is asked about no sooner than one poll later, so that many edits of
// a record are one question.
#pragma once

#include "daemon/engine/context.hpp"

namespace hubsync {

/// Works until the engine stops.
Task<void> keep_histories(EngineContext& context);

}  // namespace hubsync
