#include <doctest/doctest.h>

#include "tests/unit/hubspot_sim/sim_fixture.hpp"

using namespace hubspot_sim;
using nlohmann::json;

namespace {

json definition(
    const std::string& name, const std::string& type = "string", const std::string& field = "text"
) {
  return {
      {"name", name},
      {"label", name},
      {"type", type},
      {"fieldType", field},
      {"groupName", "contactinformation"}
  };
}

const std::string path = "/crm/v3/properties/contacts";

}  // namespace

TEST_CASE("definitions say what may be written") {
  Sim sim;
  const auto results = sim.get(path).body["results"];
  CHECK(results.size() > 30);
  const auto find = [&](const std::string& name) {
    for (const auto& property : results) {
      if (property["name"] == name) {
        return property;
      }
    }
    return json{};
  };
  CHECK(find("email")["modificationMetadata"]["readOnlyValue"] == false);
  CHECK(find("lastmodifieddate")["modificationMetadata"]["readOnlyValue"] == true);
  CHECK(find("hs_email_domain")["calculated"] == false);
  CHECK(find("hubspot_owner_id")["externalOptions"] == true);
  CHECK(find("lifecyclestage")["options"].size() == 8);
}

TEST_CASE("a created property can be written, a taken name is a conflict") {
  Sim sim;
  CHECK(sim.post(path, definition("vip_level", "number", "number")).status == 201);
  const auto again = sim.post(path, definition("vip_level"));
  CHECK(again.status == 409);
  CHECK(again.body["category"] == "OBJECT_ALREADY_EXISTS");
  CHECK(again.body["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS");
  const auto id = sim.create("contacts", {{"email", "a@example.com"}, {"vip_level", "7"}});
  CHECK(sim.property("contacts", id, "vip_level") == "7");
}

TEST_CASE("names, types and groups are checked") {
  Sim sim;
  CHECK(sim.post(path, definition("Upper")).status == 400);
  CHECK(sim.post(path, definition("x", "colour")).status == 400);
  auto body = definition("x");
  body["groupName"] = "nowhere";
  CHECK(sim.post(path, body).status == 400);
}

TEST_CASE("an archived property disappears from reads and writes, and comes back by its name") {
  Sim sim;
  sim.post(path, definition("note"));
  const auto id = sim.create("contacts", {{"email", "a@example.com"}, {"note", "hello"}});
  CHECK(sim.remove(path + "/note").status == 204);
  CHECK(sim.property("contacts", id, "note").is_null());
  CHECK(sim.patch("/crm/v3/objects/contacts/" + id, {{"properties", {{"note", "x"}}}}).status == 400);
  CHECK(sim.get(path + "/note").status == 404);
  CHECK(sim.post(path, definition("note")).status == 201);
  CHECK(sim.property("contacts", id, "note") == "hello");
}

TEST_CASE("an update replaces the whole list of options") {
  Sim sim;
  auto body = definition("colour", "enumeration", "select");
  body["options"] = {{{"label", "Red"}, {"value", "red"}}, {{"label", "Blue"}, {"value", "blue"}}};
  CHECK(sim.post(path, body).status == 201);
  CHECK_FALSE(sim.create("contacts", {{"email", "a@example.com"}, {"colour", "red"}}).empty());
  sim.patch(path + "/colour", {{"options", {{{"label", "Blue"}, {"value", "blue"}}}}});
  CHECK(sim.create("contacts", {{"email", "b@example.com"}, {"colour", "red"}}).empty());
}

TEST_CASE("ten unique properties are the most") {
  Sim sim;
  for (int i = 0; i < 11; ++i) {
    auto body = definition("key" + std::to_string(i));
    body["hasUniqueValue"] = true;
    CHECK(sim.post(path, body).status == (i < 10 ? 201 : 400));
  }
}

TEST_CASE("properties are read and made in batches, and have groups") {
  Sim sim;
  const auto made = sim.post(path + "/batch/create", {{"inputs", {definition("one"), definition("email")}}});
  CHECK(made.status == 207);
  CHECK(made.body["results"].size() == 1);
  const auto read =
      sim.post("/crm/properties/2026-09/contacts/batch/read", {{"inputs", {{{"name", "one"}}}}});
  CHECK(read.status == 200);
  CHECK(sim.get(path + "/groups").body["results"][0]["name"] == "contactinformation");
  CHECK(sim.post(path + "/groups", {{"name", "hubsync"}, {"label", "hubsync"}}).status == 201);
  CHECK(sim.get(path + "/groups/hubsync").status == 200);
}
