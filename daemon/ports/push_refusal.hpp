// Which refusals of a write are not its end. Pure; any thread.
#pragma once

#include "daemon/ports/repository.hpp"

namespace hubsync {

/// Another record of HubSpot's has the key (HUBSPOT.md §3.1). HubSpot may tell its id, or only that it is
/// there.
[[nodiscard]] inline bool is_key_taken(PushKind kind, const CallFailure& failure) {
  const bool taken = failure.existing_id || failure.status == 409 || failure.category == "CONFLICT";
  return kind != PushKind::archive && failure.outcome == Outcome::refused && taken;
}

/// The record went between our reading and our writing: another reading shows where it is now.
[[nodiscard]] inline bool is_gone(PushKind kind, const CallFailure& failure) {
  const bool missing = failure.status == 404 || failure.category == "OBJECT_NOT_FOUND";
  return kind == PushKind::update && failure.outcome == Outcome::refused && missing;
}

}  // namespace hubsync
