#include <doctest/doctest.h>

#include "daemon/os/config.hpp"
#include "tests/unit/daemon/os/load_text.hpp"

using namespace hubsync;
using namespace hubsync::test;

TEST_CASE("further types are read with their own keys, and shown so that they read back the same") {
  const Config config = good(R"([objects.deals]
key = "name"
[objects.deals.fields]
name = "dealname"
amount = { property = "amount", conflict = "hubspot" }

[objects.boats]
object_type_id = "2-31415926"
singular = "boat"
[objects.boats.fields]
name = "boat_name"
)");
  REQUIRE(config.objects.size() == 4);
  CHECK(
      config.objects[2] ==
      ObjectConfig{
          .name = "deals",
          .key = "name",
          .fields = {{"name", "dealname"}, {"amount", "amount", Direction::both, Policy::hubspot}}
      }
  );
  CHECK(
      config.objects[3] ==
      ObjectConfig{
          .name = "boats",
          .key = "",
          .fields = {{"name", "boat_name"}},
          .object_type_id = "2-31415926",
          .singular = "boat"
      }
  );
  CHECK(good(show_config(config)).objects == config.objects);
}

TEST_CASE("a type that came or went is a changed key") {
  const Config without = default_config();
  const Config with = good("[objects.tickets.fields]\nsubject = \"subject\"\n");
  CHECK(changed_keys(without, with) == std::vector<std::string>{"objects.tickets"});
  CHECK(changed_keys(with, without) == std::vector<std::string>{"objects.tickets"});
}

TEST_CASE("a type that cannot be is refused with its file, line and key, and what is allowed") {
  const WrongText cases[] = {
      {"[objects.deals]\nkey = \"x\"", ":1: objects.deals.fields: ", "no field is mapped"},
      {"[objects.deals]\nkey = \"x\"\n[objects.deals.fields]\nname = \"dealname\"",
       ":2: objects.deals.key: ",
       "\"x\" is not a mapped field"},
      {"[objects.deals]\nobject_type_id = \"0-3\"\n[objects.deals.fields]\nname = \"dealname\"",
       ":2: objects.deals.object_type_id: ",
       "always \"0-3\""},
      {"[objects.deals]\nsingular = \"d\"\n[objects.deals.fields]\nname = \"dealname\"",
       ":2: objects.deals.singular: ",
       "not possible here"},
      {"[objects.dealz.fields]\nname = \"dealname\"", ":1: objects.dealz: ", "did you mean \"deals\"?"},
      {"[objects.boats.fields]\nname = \"name\"", ":1: objects.boats: ", "with object_type_id"},
      {"[objects.deal]\nobject_type_id = \"2-1\"", ":1: objects.deal: ", "did you mean \"deals\"?"},
      {"[objects.Boats]\nobject_type_id = \"2-1\"", ":1: objects.Boats: ", "lower-case"},
      {"[objects.sync]\nobject_type_id = \"2-1\"", ":1: objects.sync: ", "none of"},
      {"[objects.boats]\nobject_type_id = \"p_boats\"\nfields = { a = \"a\" }",
       ":2: objects.boats.object_type_id: ",
       "not an object type's id"},
      {"[objects.boats]\nobject_type_id = \"0-5\"\nfields = { a = \"a\" }",
       ":2: objects.boats.object_type_id: ",
       "[objects.tickets]"},
      {"[objects.boats]\nobject_type_id = 2\nfields = { a = \"a\" }",
       ":2: objects.boats.object_type_id: ",
       "an integer where a string"},
      {"[objects.boats]\nobject_type_id = \"2-1\"\nsingular = \"A boat\"\nfields = { a = \"a\" }",
       ":3: objects.boats.singular: ",
       "lower-case"},
      {"[objects.a]\nobject_type_id = \"2-1\"\nfields = { a = \"a\" }\n"
       "[objects.b]\nobject_type_id = \"2-1\"\nfields = { a = \"a\" }",
       ":5: objects.b.object_type_id: ",
       "already that of \"a\""},
      {"[objects.boat]\nobject_type_id = \"2-1\"\nfields = { a = \"a\" }\n"
       "[objects.boats]\nobject_type_id = \"2-2\"\nsingular = \"boat\"\nfields = { a = \"a\" }",
       ":4: objects.boats: ",
       "also that of \"boat\""},
  };
  for (const WrongText& each : cases) {
    check_refused(each);
  }
}
