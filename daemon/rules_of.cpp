#include "daemon/rules_of.hpp"

namespace hubsync {
namespace {

/// What HubSpot fixes about a type (HUBSPOT.md §2, §4.5, §4.7, §6).
TypeRules standard_type(const std::string& name) {
  TypeRules rules;
  rules.name = name;
  if (name == "contacts") {
    rules.singular = "contact";
    rules.object_type_id = "0-1";
    rules.modified_property = "lastmodifieddate";
    rules.key_is_unique = true;
    rules.association = {.primary = 1, .unlabelled = 279};
  } else {
    rules.singular = "company";
    rules.object_type_id = "0-2";
    rules.modified_property = "hs_lastmodifieddate";
  }
  return rules;
}

ValueKind kind_of(const std::string& property) {
  if (property == "email") {
    return ValueKind::email;
  }
  return property == "domain" ? ValueKind::domain : ValueKind::text;
}

}  // namespace

Rules rules_of(const Config& config) {
  Rules rules{.types = {}, .detection = config.sync.conflict_detection, .max_delete = config.sync.max_delete};
  bool has_companies = false;
  for (const ObjectConfig& object : config.objects) {
    has_companies |= object.name == "companies";
  }
  for (const ObjectConfig& object : config.objects) {
    TypeRules type = standard_type(object.name);
    type.key = object.key;
    for (const FieldConfig& field : object.fields) {
      type.fields.push_back({
          .name = field.local,
          .property = field.property,
          .direction = field.direction,
          .policy = field.conflict.value_or(config.sync.conflict_policy),
          .kind = kind_of(field.property),
      });
    }
    if (object.name == "contacts" && has_companies) {
      type.fields.push_back({
          .name = "company",
          .property = "",
          .policy = config.sync.conflict_policy,
          .kind = ValueKind::reference,
          .target = "companies",
      });
    }
    // Companies first: a contact refers to its company.
    rules.types.insert(object.name == "contacts" ? rules.types.end() : rules.types.begin(), std::move(type));
  }
  return rules;
}

}  // namespace hubsync
