// The rules of types that nothing in the code is made for: deals, and a custom object without a key.
#pragma once

#include "daemon/core/rules.hpp"

namespace hubsync::test {

[[nodiscard]] inline TypeRules deal_rules() {
  TypeRules rules;
  rules.name = "deals";
  rules.singular = "deal";
  rules.object_type_id = "0-3";
  rules.modified_property = "hs_lastmodifieddate";
  rules.key = "name";
  rules.fields = {
      {.name = "name", .property = "dealname"},
      {.name = "amount", .property = "amount"},
      {.name = "stage", .property = "dealstage"},
      {.name = "closes", .property = "closedate"},
  };
  return rules;
}

[[nodiscard]] inline TypeRules boat_rules() {
  TypeRules rules;
  rules.name = "boats";
  rules.singular = "boat";
  rules.object_type_id = "2-31415926";
  rules.modified_property = "hs_lastmodifieddate";
  rules.fields = {
      {.name = "name", .property = "boat_name"},
      {.name = "length", .property = "length_m"},
  };
  return rules;
}

}  // namespace hubsync::test
