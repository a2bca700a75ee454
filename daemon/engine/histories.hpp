// Reads HubSpot's property history where it is needed after the fact: who edited a conflicting field there,
// and whether somebody wrote between our read and our write (I6). Loop thread. Cheap by design: fifty records
// a call, in the sweep class, and a write is asked about no sooner than one poll later, so that many edits of
// a record are one question.
#pragma once

#include <string>

#include "daemon/engine/context.hpp"

namespace hubsync {

/// Works until the engine stops.
Task<void> keep_histories(EngineContext& context);

/// One record's, for somebody who waits; nothing when HubSpot does not answer.
Task<Histories> read_history(EngineContext& context, std::string type, HubspotId id);

}  // namespace hubsync
