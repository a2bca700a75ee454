#include "daemon/core/reference.hpp"

namespace hubsync {

std::optional<HubspotId> choose_reference(const std::vector<AssociationTarget>& targets) {
  std::optional<HubspotId> lowest;
  std::optional<HubspotId> lowest_primary;
  for (const AssociationTarget& target : targets) {
    auto& slot = target.primary ? lowest_primary : lowest;
    if (!slot || target.id < *slot) {
      slot = target.id;
    }
  }
  return lowest_primary ? lowest_primary : lowest;
}

}  // namespace hubsync
