#include "common/object_type.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace hubsync;

TEST_CASE("HubSpot's own types are found by either name, and only contacts have another modified time") {
  for (const StandardType& type : standard_types()) {
    CHECK(find_standard_type(type.name) == &type);
    CHECK(find_standard_type(type.singular) == &type);
    CHECK(is_type_name(type.name));
    CHECK(is_object_type_id(type.object_type_id));
    CHECK((type.modified_property == "lastmodifieddate") == (type.name == "contacts"));
    CHECK(type.key_is_unique == (type.name == "contacts"));
  }
  CHECK(find_standard_type("deals")->object_type_id == "0-3");
  CHECK(scope_name("deals") == "deals");
  CHECK(scope_name("boats") == "custom");
  CHECK(find_standard_type("0-3") == nullptr);
  CHECK(find_standard_type("") == nullptr);
}

TEST_CASE("names and ids of types are what may stand in a path") {
  for (const char* good : {"a", "boats", "p_boat2"}) {
    CHECK(is_type_name(good));
  }
  for (const char* bad : {"", "Boats", "2boats", "_boats", "boats/1", "boats?x", "böats", "a.b", "a-b"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_type_name(bad));
  }
  CHECK_FALSE(is_type_name(std::string(65, 'a')));
  for (const char* good : {"0-1", "2-12345678"}) {
    CHECK(is_object_type_id(good));
  }
  for (const char* bad :
       {"", "-", "2-", "-1", "2", "2-x", "2-1/", "2--1", "p_boats", "2-1234567890123456789012"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_object_type_id(bad));
  }
}
