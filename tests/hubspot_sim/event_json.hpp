// A change event as HubSpot's webhooks write it (HUBSPOT.md §9.2). Pure.
#pragma once

#include <nlohmann/json.hpp>

#include "tests/hubspot_sim/events.hpp"

namespace hubspot_sim {

/// All but what belongs to the delivery: eventId, subscriptionId, portalId, appId, attemptNumber.
[[nodiscard]] nlohmann::json event_json(const ChangeEvent& event);

}  // namespace hubspot_sim
