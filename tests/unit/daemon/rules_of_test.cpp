#include "daemon/rules_of.hpp"

#include <doctest/doctest.h>

#include "tests/support/deal_rules.hpp"
#include "tests/support/records.hpp"

using namespace hubsync;

namespace {

std::vector<FieldConfig> fields_of(const TypeRules& rules) {
  std::vector<FieldConfig> fields;
  for (const FieldRule& field : rules.fields) {
    fields.push_back({.local = field.name, .property = field.property});
  }
  return fields;
}

}  // namespace

TEST_CASE("the default configuration makes the rules of contacts and companies, companies first") {
  CHECK(rules_of(default_config()) == test::default_rules());
}

TEST_CASE("a further type is made of what HubSpot fixes about it and of what is configured") {
  Config config = default_config();
  config.objects.push_back({.name = "deals", .key = "name", .fields = fields_of(test::deal_rules())});
  config.objects.push_back(
      {.name = "boats",
       .key = "",
       .fields = fields_of(test::boat_rules()),
       .object_type_id = "2-31415926",
       .singular = "boat"}
  );
  const Rules rules = rules_of(config);
  REQUIRE(rules.types.size() == 4);
  CHECK(rules.types[0].name == "companies");
  CHECK(rules.types[1] == test::contact_rules());
  CHECK(rules.types[2] == test::deal_rules());
  CHECK(rules.types[3] == test::boat_rules());
  CHECK(rules.find("deal") == &rules.types[2]);
}

TEST_CASE("a type without a singular goes by its name") {
  Config config = default_config();
  config.objects.push_back(
      {.name = "boats", .key = "", .fields = {{"name", "boat_name"}}, .object_type_id = "2-1"}
  );
  CHECK(rules_of(config).find("boats")->singular == "boats");
}
