// Which calls of the last process still count in HubSpot's windows (I26): from the throttle to the store at a
// clean stop, and back at the start. A process that was killed leaves nothing, and the next one waits until
// none of its calls can count any more.
#pragma once

#include <string>

#include "daemon/engine/throttle.hpp"
#include "daemon/ports/store.hpp"

namespace hubsync {

/// As stored. "no": none counts. "yes": nobody knows.
struct StoredHolds {
  std::string text;
};

/// Reads what the process before left, and stores that from now on nobody knows.
[[nodiscard]] StoredHolds take_stored_holds(Repository& repository);

/// Has the throttle hold the tokens that the last process held, or all of them when that cannot be told.
void restore_holds(const StoredHolds& stored, Throttle& throttle, const Clock& clock);

/// At a clean stop, after the last call. Where it cannot be stored, the next process waits.
Task<void> store_holds(const Throttle& throttle, const Clock& clock, Store& store);

}  // namespace hubsync
