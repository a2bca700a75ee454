#include "tests/hubspot_sim/property_json.hpp"

#include <algorithm>
#include <array>

#include "tests/hubspot_sim/call.hpp"

namespace hubspot_sim {
namespace {

constexpr std::array<std::string_view, 12> field_types{
    "booleancheckbox",
    "calculation_equation",
    "checkbox",
    "date",
    "file",
    "html",
    "number",
    "phonenumber",
    "radio",
    "select",
    "text",
    "textarea"
};

bool valid_name(std::string_view name) {
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::vector<PropertyOption> parse_options(const nlohmann::json& body) {
  std::vector<PropertyOption> options;
  const auto list = body.find("options");
  if (list == body.end() || !list->is_array()) {
    return options;
  }
  for (const auto& entry : *list) {
    const auto order = to_integer(string_member(entry, "displayOrder")).value_or(-1);
    options.push_back(
        {string_member(entry, "label"),
         string_member(entry, "value"),
         order,
         string_member(entry, "hidden") == "true"}
    );
  }
  return options;
}

nlohmann::json options_json(const PropertyDef& def) {
  auto list = nlohmann::json::array();
  for (const auto& option : def.options) {
    list.push_back(
        {{"label", option.label},
         {"value", option.value},
         {"displayOrder", option.display_order},
         {"hidden", option.hidden}}
    );
  }
  return list;
}

}  // namespace

nlohmann::json property_json(const PropertyDef& def) {
  nlohmann::json json;
  json["name"] = def.name;
  json["label"] = def.label;
  json["type"] = value_type_name(def.type);
  json["fieldType"] = def.field_type;
  json["description"] = def.description;
  json["groupName"] = def.group;
  json["options"] = options_json(def);
  json["createdAt"] = time_text(def.created_at);
  json["updatedAt"] = time_text(def.updated_at);
  json["displayOrder"] = def.display_order;
  // A rollup that HubSpot computes may still say calculated: false (HUBSPOT.md §7); only readOnlyValue tells.
  json["calculated"] = def.computed == Computed::contact_count;
  json["externalOptions"] = def.external_options;
  json["archived"] = def.archived;
  json["hasUniqueValue"] = def.unique;
  json["hidden"] = false;
  json["formField"] = !def.read_only;
  json["dataSensitivity"] = def.data_sensitivity;
  if (def.hubspot_defined) {
    json["hubspotDefined"] = true;
  }
  json["modificationMetadata"] = {
      {"archivable", !def.hubspot_defined},
      {"readOnlyDefinition", def.hubspot_defined},
      {"readOnlyValue", def.read_only},
  };
  if (!def.options.empty()) {
    json["modificationMetadata"]["readOnlyOptions"] = def.hubspot_defined;
  }
  return json;
}

Expected<PropertyDef> parse_property(const ObjectType& type, const nlohmann::json& body) {
  PropertyDef def;
  def.name = string_member(body, "name");
  def.label = string_member(body, "label");
  def.group = string_member(body, "groupName");
  def.field_type = string_member(body, "fieldType");
  def.description = string_member(body, "description");
  def.unique = string_member(body, "hasUniqueValue") == "true";
  def.hubspot_defined = false;
  def.options = parse_options(body);
  if (const auto order = to_integer(string_member(body, "displayOrder"))) {
    def.display_order = *order;
  }
  const auto value_type = value_type_from(string_member(body, "type"));
  const bool known_field = std::ranges::find(field_types, def.field_type) != field_types.end();
  if (!valid_name(def.name) || def.label.empty() || !value_type || !known_field) {
    return Unexpected{validation_error("Property name, label, type and fieldType must be given and valid")};
  }
  if (std::ranges::find(type.groups, def.group, &PropertyGroup::name) == type.groups.end()) {
    return Unexpected{validation_error("Property group " + def.group + " does not exist")};
  }
  def.type = *value_type;
  if (def.type == ValueType::boolean && def.options.empty()) {
    def.options = {{"True", "true", 0, false}, {"False", "false", 1, false}};
  }
  return def;
}

void update_property(PropertyDef& def, const nlohmann::json& body) {
  const auto text = [&](std::string_view name, std::string& field) {
    if (body.contains(name)) {
      field = string_member(body, name);
    }
  };
  text("label", def.label);
  text("description", def.description);
  text("groupName", def.group);
  text("fieldType", def.field_type);
  if (body.contains("options")) {
    def.options = parse_options(body);
  }
}

}  // namespace hubspot_sim
