// The properties API (HUBSPOT.md §7).
#include <algorithm>

#include "tests/hubspot_sim/batch_input.hpp"
#include "tests/hubspot_sim/handlers.hpp"
#include "tests/hubspot_sim/property_json.hpp"

namespace hubspot_sim {
namespace {

constexpr std::ptrdiff_t max_unique = 10;

ObjectType& type_of(const Call& call) {
  return call.portal.type(call.type());
}

ApiError property_missing(const std::string& name) {
  ApiError error;
  error.status = 404;
  error.category = "OBJECT_NOT_FOUND";
  error.sub_category = "Properties.PROPERTY_NOT_FOUND";
  error.message = "Property '" + name + "' does not exist";
  error.context = {{"propertyName", {name}}};
  return error;
}

ApiError name_taken(const std::string& name) {
  ApiError error;
  error.status = 409;
  error.category = "OBJECT_ALREADY_EXISTS";
  error.sub_category = "Properties.PROPERTY_WITH_NAME_EXISTS";
  error.message = "A property named '" + name + "' already exists.";
  error.context = {{"propertyName", {name}}};
  return error;
}

PropertyDef* find_property(const Call& call, const std::string& name, bool archived) {
  auto& type = type_of(call);
  const auto found = type.by_name.find(name);
  if (found == type.by_name.end() || type.properties[found->second].archived != archived) {
    return nullptr;
  }
  return &type.properties[found->second];
}

/// Adds a property, or brings an archived one of that name back.
Expected<const PropertyDef*> add_property(const Call& call, const nlohmann::json& body) {
  auto& type = type_of(call);
  auto def = parse_property(type, body);
  if (!def) {
    return Unexpected{def.error()};
  }
  if (find_property(call, def->name, false) != nullptr) {
    return Unexpected{name_taken(def->name)};
  }
  const auto unique = std::ranges::count_if(type.properties, [](const PropertyDef& other) {
    return other.unique && !other.archived;
  });
  if (def->unique && unique >= max_unique) {
    return Unexpected{
        validation_error("At most 10 properties with unique values are allowed for an object type")
    };
  }
  if (PropertyDef* const old = find_property(call, def->name, true)) {
    old->archived = false;
    update_property(*old, body);
    old->updated_at = call.portal.now;
    return old;
  }
  def->created_at = call.portal.now;
  def->updated_at = call.portal.now;
  return &type.properties[type.add(std::move(*def))];
}

void archive_property(Call& call, PropertyDef& def) {
  def.archived = true;
  def.updated_at = call.portal.now;
}

nlohmann::json group_json(const PropertyGroup& group) {
  return {
      {"name", group.name}, {"label", group.label}, {"displayOrder", group.display_order}, {"archived", false}
  };
}

}  // namespace

Response list_properties(Call& call) {
  auto results = nlohmann::json::array();
  const bool archived = call.flag("archived");
  const auto sensitivity = call.param("dataSensitivity").value_or("non_sensitive");
  for (const auto& def : type_of(call).properties) {
    if (def.archived == archived && def.data_sensitivity == sensitivity) {
      results.push_back(property_json(def));
    }
  }
  return json_response(200, nlohmann::json{{"results", std::move(results)}}.dump());
}

Response get_property(Call& call) {
  const PropertyDef* const def = find_property(call, call.names.front(), call.flag("archived"));
  if (def == nullptr) {
    return error_response(call, property_missing(call.names.front()));
  }
  return json_response(200, property_json(*def).dump());
}

Response create_property(Call& call) {
  const auto def = add_property(call, call.body);
  if (!def) {
    return error_response(call, def.error());
  }
  return json_response(201, property_json(**def).dump());
}

Response patch_property(Call& call) {
  PropertyDef* const def = find_property(call, call.names.front(), false);
  if (def == nullptr) {
    return error_response(call, property_missing(call.names.front()));
  }
  if (def->hubspot_defined) {
    return error_response(call, validation_error("The definition of " + def->name + " is read-only"));
  }
  update_property(*def, call.body);
  def->updated_at = call.portal.now;
  return json_response(200, property_json(*def).dump());
}

Response delete_property(Call& call) {
  PropertyDef* const def = find_property(call, call.names.front(), false);
  if (def == nullptr) {
    return error_response(call, property_missing(call.names.front()));
  }
  if (def->hubspot_defined) {
    auto error = validation_error("Property " + def->name + " cannot be deleted");
    error.sub_category = "Properties.CANNOT_DELETE_PROPERTY_IN_USE";
    return error_response(call, error);
  }
  archive_property(call, *def);
  return no_content();
}

Response batch_read_properties(Call& call) {
  BatchAnswer answer{call};
  const bool archived = string_member(call.body, "archived") == "true";
  for (const auto& input : inputs_of(call.body)) {
    const auto name = string_member(input, "name");
    if (const PropertyDef* const def = find_property(call, name, archived)) {
      answer.next() = property_json(*def).dump();
    } else {
      answer.add_error(property_missing(name));
    }
  }
  return answer.finish(200, true);
}

Response batch_create_properties(Call& call) {
  BatchAnswer answer{call};
  for (const auto& input : inputs_of(call.body)) {
    const auto def = add_property(call, input);
    if (def) {
      answer.next() = property_json(**def).dump();
    } else {
      answer.add_error(def.error());
    }
  }
  return answer.finish(201, true);
}

Response batch_archive_properties(Call& call) {
  for (const auto& input : inputs_of(call.body)) {
    PropertyDef* const def = find_property(call, string_member(input, "name"), false);
    if (def != nullptr && !def->hubspot_defined) {
      archive_property(call, *def);
    }
  }
  return no_content();
}

Response list_groups(Call& call) {
  auto results = nlohmann::json::array();
  for (const auto& group : type_of(call).groups) {
    results.push_back(group_json(group));
  }
  return json_response(200, nlohmann::json{{"results", std::move(results)}}.dump());
}

Response get_group(Call& call) {
  const auto& groups = type_of(call).groups;
  const auto found = std::ranges::find(groups, call.names.front(), &PropertyGroup::name);
  if (found == groups.end()) {
    return error_response(call, bare_not_found());
  }
  return json_response(200, group_json(*found).dump());
}

Response create_group(Call& call) {
  auto& groups = type_of(call).groups;
  PropertyGroup group{string_member(call.body, "name"), string_member(call.body, "label"), -1};
  if (group.name.empty() || group.label.empty()) {
    return error_response(call, validation_error("name and label must be given"));
  }
  if (std::ranges::find(groups, group.name, &PropertyGroup::name) != groups.end()) {
    ApiError error = name_taken(group.name);
    error.sub_category = "Properties.GROUP_WITH_NAME_EXISTS";
    error.message = "A property group named '" + group.name + "' already exists.";
    return error_response(call, error);
  }
  groups.push_back(group);
  return json_response(201, group_json(group).dump());
}

}  // namespace hubspot_sim
