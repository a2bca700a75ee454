#include "daemon/core/rules.hpp"

#include <algorithm>

namespace hubsync {

std::string rule_name(const FieldRule& rule) {
  if (rule.direction != Direction::both) {
    return rule.direction == Direction::pull ? "direction = pull" : "direction = push";
  }
  switch (rule.policy) {
    case Policy::newest:
      return "conflict = newest";
    case Policy::local:
      return "conflict = local";
    case Policy::hubspot:
      return "conflict = hubspot";
    case Policy::manual:
      break;
  }
  return "conflict = manual";
}

const FieldRule* TypeRules::find(std::string_view field) const {
  const auto found = std::ranges::find(fields, field, &FieldRule::name);
  return found == fields.end() ? nullptr : &*found;
}

const FieldRule* TypeRules::reference() const {
  const auto found = std::ranges::find(fields, ValueKind::reference, &FieldRule::kind);
  return found == fields.end() ? nullptr : &*found;
}

const TypeRules* Rules::find(std::string_view type) const {
  const auto found = std::ranges::find_if(types, [type](const TypeRules& rules) {
    return rules.name == type || rules.singular == type;
  });
  return found == types.end() ? nullptr : &*found;
}

}  // namespace hubsync
