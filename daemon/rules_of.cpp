#include "daemon/rules_of.hpp"

#include <algorithm>

#include "common/object_type.hpp"

namespace hubsync {
namespace {

/// What HubSpot fixes about a type, or the configuration for it.
TypeRules type_of(const ObjectConfig& object) {
  TypeRules rules;
  rules.name = object.name;
  rules.key = object.key;
  if (const StandardType* const standard = find_standard_type(object.name)) {
    rules.singular = standard->singular;
    rules.object_type_id = standard->object_type_id;
    rules.modified_property = standard->modified_property;
    rules.key_is_unique = standard->key_is_unique;
  } else {
    rules.singular = object.singular.empty() ? object.name : object.singular;
    rules.object_type_id = object.object_type_id;
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

/// The contact's company as a field like any other (HUBSPOT.md §6).
void add_company(TypeRules& contacts, Policy policy) {
  contacts.association = {.primary = 1, .unlabelled = 279};
  contacts.fields.push_back({
      .name = "company",
      .property = "",
      .policy = policy,
      .kind = ValueKind::reference,
      .target = "companies",
  });
}

}  // namespace

Rules rules_of(const Config& config) {
  Rules rules{.types = {}, .detection = config.sync.conflict_detection, .max_delete = config.sync.max_delete};
  const bool has_companies =
      std::ranges::find(config.objects, "companies", &ObjectConfig::name) != config.objects.end();
  for (const ObjectConfig& object : config.objects) {
    TypeRules type = type_of(object);
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
      add_company(type, config.sync.conflict_policy);
    }
    // Companies first: a contact refers to its company.
    rules.types.insert(object.name == "companies" ? rules.types.begin() : rules.types.end(), std::move(type));
  }
  return rules;
}

}  // namespace hubsync
