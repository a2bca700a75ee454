// Which refusals of a create are not its end. Pure; any thread.
#pragma once

#include "daemon/ports/repository.hpp"

namespace hubsync {

/// Somebody made a record with the same key between our read and our create (HUBSPOT.md §3.1): the next
/// attempt finds it by that key and takes it for ours. HubSpot may tell its id, or only that it is there.
[[nodiscard]] inline bool is_adoptable(PushKind kind, const CallFailure& failure) {
  const bool taken = failure.existing_id || failure.status == 409 || failure.category == "CONFLICT";
  return kind == PushKind::create && failure.outcome == Outcome::refused && taken;
}

}  // namespace hubsync
