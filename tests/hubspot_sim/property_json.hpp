// Property definitions to and from the properties API's JSON (HUBSPOT.md §7).
#pragma once

#include <nlohmann/json.hpp>

#include "tests/hubspot_sim/api_error.hpp"
#include "tests/hubspot_sim/portal.hpp"

namespace hubspot_sim {

[[nodiscard]] nlohmann::json property_json(const PropertyDef& def);
/// Reads what a create request says; checks names and types, not whether the name is free.
[[nodiscard]] Expected<PropertyDef> parse_property(const ObjectType& type, const nlohmann::json& body);
/// Applies what an update request may change.
void update_property(PropertyDef& def, const nlohmann::json& body);

}  // namespace hubspot_sim
