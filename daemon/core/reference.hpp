// Which of several associations a reference field stands for (HUBSPOT.md §6). Pure; any thread.
#pragma once

#include <optional>
#include <vector>

#include "daemon/core/record.hpp"

namespace hubsync {

/// One associated record; it comes once per association type.
struct AssociationTarget {
  HubspotId id;
  bool primary = false;
};

/// The primary one; without a primary the one with the lowest id, so that the answer does not depend on
/// order.
[[nodiscard]] std::optional<HubspotId> choose_reference(const std::vector<AssociationTarget>& targets);

}  // namespace hubsync
