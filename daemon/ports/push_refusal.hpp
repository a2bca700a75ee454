// Which refusals of a write are not its end, or not of all of it. Pure; any thread.
#pragma once

#include <algorithm>

#include "daemon/core/rules.hpp"
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

/// The values among `fields` that HubSpot refused by name (HUBSPOT.md §3.1).
[[nodiscard]] inline Fields refused_values(
    const TypeRules& rules, const CallFailure& failure, const Fields& fields
) {
  Fields refused;
  for (const FieldRule& rule : rules.fields) {
    const auto value = fields.find(rule.name);
    if (value != fields.end() &&
        std::ranges::find(failure.properties, rule.property) != failure.properties.end()) {
      refused.insert(*value);
    }
  }
  return refused;
}

}  // namespace hubsync
