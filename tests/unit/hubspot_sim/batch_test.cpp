#include <algorithm>

#include <doctest/doctest.h>

#include "tests/unit/hubspot_sim/sim_fixture.hpp"

using namespace hubspot_sim;
using nlohmann::json;

namespace {

const std::string contacts = "/crm/v3/objects/contacts/batch/";

json create_input(const std::string& email, const std::string& trace = {}) {
  json input{{"properties", {{"email", email}}}};
  if (!trace.empty()) {
    input["objectWriteTraceId"] = trace;
  }
  return input;
}

json inputs(const std::vector<json>& list) {
  return {{"inputs", list}};
}

void make_unique_key(Sim& sim, const std::string& type) {
  const auto group = type == "contacts" ? "contactinformation" : "companyinformation";
  const auto made = sim.post(
      "/crm/v3/properties/" + type,
      {{"name", "hubsync_id"},
       {"label", "hubsync"},
       {"type", "string"},
       {"fieldType", "text"},
       {"groupName", group},
       {"hasUniqueValue", true}}
  );
  REQUIRE(made.status == 201);
}

std::size_t live_contacts(Sim& sim) {
  return sim.get("/crm/v3/objects/contacts?limit=100").body["results"].size();
}

}  // namespace

TEST_CASE("without trace ids one bad input refuses the whole batch") {
  Sim sim;
  const auto answer =
      sim.post(contacts + "create", inputs({create_input("a@example.com"), create_input("bad")}));
  CHECK(answer.status == 400);
  CHECK(live_contacts(sim) == 0);
}

TEST_CASE("with a trace id on every input the good ones are written and 207 names the bad") {
  Sim sim;
  const auto answer =
      sim.post(contacts + "create", inputs({create_input("a@example.com", "t1"), create_input("bad", "t2")}));
  CHECK(answer.status == 207);
  CHECK(answer.body["numErrors"] == 1);
  CHECK(answer.body["results"][0]["objectWriteTraceId"] == "t1");
  CHECK(answer.body["errors"][0]["context"]["objectWriteTraceId"] == json::array({"t2"}));
  CHECK(answer.body["errors"][0]["category"] == "VALIDATION_ERROR");
  CHECK(live_contacts(sim) == 1);
}

TEST_CASE("trace ids that repeat or lack somewhere do not count") {
  Sim sim;
  CHECK(
      sim.post(contacts + "create", inputs({create_input("a@example.com", "t"), create_input("bad", "t")}))
          .status == 400
  );
  CHECK(
      sim.post(contacts + "create", inputs({create_input("a@example.com", "t"), create_input("bad")}))
          .status == 400
  );
}

TEST_CASE("2026-09 folds errors into its ordinary status") {
  Sim sim;
  const auto body = inputs({create_input("a@example.com", "t1"), create_input("bad", "t2")});
  const auto answer = sim.post("/crm/objects/2026-09/contacts/batch/create", body);
  CHECK(answer.status == 201);
  CHECK(answer.body["numErrors"] == 1);
  const auto beta = inputs({create_input("b@example.com", "t1"), create_input("bad", "t2")});
  CHECK(sim.post("/crm/objects/2026-09-beta/contacts/batch/create", beta).status == 207);
}

TEST_CASE("the same record twice is refused even with trace ids") {
  Sim sim;
  const auto same_email = inputs({create_input("a@example.com", "1"), create_input(" A@example.com", "2")});
  const auto answer = sim.post(contacts + "create", same_email);
  CHECK(answer.status == 400);
  CHECK(answer.body["message"] == "Duplicate IDs found in batch input: [a@example.com]. IDs must be unique");
  CHECK(answer.body["context"]["ids"] == json::array({"a@example.com"}));
  const auto id = sim.contact("b@example.com");
  const json twice{{"id", id}, {"properties", {{"phone", "1"}}}};
  CHECK(sim.post(contacts + "update", inputs({twice, twice})).status == 400);
}

TEST_CASE("a hundred and one inputs are too many") {
  Sim sim;
  std::vector<json> list;
  for (int i = 0; i < 101; ++i) {
    list.push_back(create_input("c" + std::to_string(i) + "@example.com"));
  }
  CHECK(sim.post(contacts + "create", inputs(list)).status == 400);
  list.pop_back();
  CHECK(sim.post(contacts + "create", inputs(list)).status == 201);
}

TEST_CASE("a body without inputs does nothing, successfully") {
  Sim sim;
  const auto answer = sim.post(contacts + "update", {{"input", json::array()}});
  CHECK(answer.status == 200);
  CHECK(answer.body["status"] == "COMPLETE");
  CHECK(answer.body["results"].empty());
}

TEST_CASE("results come in another order than inputs") {
  auto options = Sim::quiet();
  options.shuffle_batches = true;
  Sim sim{options};
  std::vector<json> list;
  for (int i = 0; i < 20; ++i) {
    list.push_back(create_input("c" + std::to_string(i) + "@example.com", "t" + std::to_string(i)));
  }
  const auto answer = sim.post(contacts + "create", inputs(list));
  std::vector<std::string> traces;
  for (const auto& result : answer.body["results"]) {
    traces.push_back(result["objectWriteTraceId"]);
  }
  std::vector<std::string> sent;
  for (const auto& input : list) {
    sent.push_back(input["objectWriteTraceId"]);
  }
  CHECK(traces != sent);
  std::ranges::sort(traces);
  std::ranges::sort(sent);
  CHECK(traces == sent);
}

TEST_CASE("a batch read names the missing ids in one error") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  const auto answer = sim.post(
      contacts + "read",
      {{"properties", {"email"}}, {"inputs", {{{"id", id}}, {{"id", "99999"}}, {{"id", "88888"}}}}}
  );
  CHECK(answer.status == 207);
  CHECK(answer.body["results"].size() == 1);
  CHECK(answer.body["errors"][0]["category"] == "OBJECT_NOT_FOUND");
  CHECK(answer.body["errors"][0]["context"]["ids"] == json::array({"99999", "88888"}));
  CHECK(sim.post(contacts + "read", {{"inputs", {{{"id", id}}}}}).status == 200);
}

TEST_CASE("a batch read with history takes 50 inputs") {
  Sim sim;
  json body{{"propertiesWithHistory", {"email"}}, {"inputs", json::array()}};
  for (int i = 0; i < 51; ++i) {
    body["inputs"].push_back({{"id", std::to_string(i)}});
  }
  CHECK(sim.post(contacts + "read", body).status == 400);
}

TEST_CASE("a batch update by e-mail address or hs_object_id is refused, by a unique property it works") {
  Sim sim;
  make_unique_key(sim, "contacts");
  const auto id = sim.create("contacts", {{"email", "a@example.com"}, {"hubsync_id", "k1"}});
  const auto by = [&](const std::string& property, const std::string& value) {
    return sim.post(
        contacts + "update",
        inputs({{{"id", value}, {"idProperty", property}, {"properties", {{"phone", "7"}}}}})
    );
  };
  const auto refused = by("email", "a@example.com");
  CHECK(refused.status == 400);
  CHECK(refused.body["message"].get<std::string>().starts_with(
      "Unable to perform update/upsert by non-unique 0-1 property email in portal ID "
  ));
  CHECK(by("hs_object_id", id).status == 400);
  CHECK(by("hubsync_id", "k1").status == 200);
  CHECK(sim.property("contacts", id, "phone") == "7");
}

TEST_CASE("an upsert says which records are new and needs a unique property") {
  Sim sim;
  make_unique_key(sim, "companies");
  const auto upsert = [&](const std::string& property, const std::string& value) {
    return sim.post(
        "/crm/v3/objects/companies/batch/upsert",
        inputs({{{"id", value}, {"idProperty", property}, {"properties", {{"name", "N"}}}}})
    );
  };
  const auto first = upsert("hubsync_id", "k1");
  CHECK(first.status == 200);
  CHECK(first.body["results"][0]["new"] == true);
  const auto second = upsert("hubsync_id", "k1");
  CHECK(second.body["results"][0]["new"] == false);
  CHECK(second.body["results"][0]["id"] == first.body["results"][0]["id"]);
  CHECK(upsert("domain", "example.com").status == 400);
  CHECK(sim.post("/crm/v3/objects/companies/batch/upsert", inputs({{{"id", "x"}}})).status == 400);
}

TEST_CASE("an upsert by e-mail address also matches additional addresses") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  sim.patch("/_sim/objects/contacts/" + id, {{"properties", {{"hs_additional_emails", "b@example.com"}}}});
  const auto answer = sim.post(
      contacts + "upsert",
      inputs({{{"id", "B@example.com"}, {"idProperty", "email"}, {"properties", {{"firstname", "B"}}}}})
  );
  CHECK(answer.body["results"][0]["new"] == false);
  CHECK(answer.body["results"][0]["id"] == id);
}

TEST_CASE("a unique value of another record is a conflict") {
  Sim sim;
  make_unique_key(sim, "contacts");
  sim.create("contacts", {{"email", "a@example.com"}, {"hubsync_id", "k1"}});
  const auto answer =
      sim.post("/crm/v3/objects/contacts", {{"properties", {{"firstname", "B"}, {"hubsync_id", "k1"}}}});
  CHECK(answer.status == 400);
  CHECK(answer.body["errors"][0]["code"] == "CONFLICTING_UNIQUE_VALUE");
}

TEST_CASE("a conflict inside a 207 names the existing contact") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  const auto answer = sim.post(
      contacts + "create", inputs({create_input("a@example.com", "t1"), create_input("b@example.com", "t2")})
  );
  CHECK(answer.status == 207);
  CHECK(answer.body["errors"][0]["context"]["existingId"] == json::array({id}));
}

TEST_CASE("a batch archive ignores ids that are not there") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  CHECK(sim.post(contacts + "archive", {{"inputs", {{{"id", id}}, {{"id", "4711"}}}}}).status == 204);
  CHECK(live_contacts(sim) == 0);
}

TEST_CASE("a merge makes a new record to which both old ids lead") {
  Sim sim;
  const auto first = sim.create("contacts", {{"email", "a@example.com"}, {"phone", "1"}});
  const auto second = sim.create("contacts", {{"email", "b@example.com"}, {"phone", "2"}, {"city", "Köln"}});
  const auto merged =
      sim.post("/crm/v3/objects/contacts/merge", {{"primaryObjectId", first}, {"objectIdToMerge", second}});
  REQUIRE(merged.status == 200);
  const std::string survivor = merged.body["id"];
  CHECK(survivor != first);
  CHECK(survivor != second);
  for (const auto& old : {first, second}) {
    const auto read =
        sim.get("/crm/v3/objects/contacts/" + old + "?properties=phone,city,hs_additional_emails,email");
    CHECK(read.body["id"] == survivor);
    CHECK(read.body["properties"]["phone"] == "1");
    CHECK(read.body["properties"]["city"] == "Köln");
    CHECK(read.body["properties"]["email"] == "a@example.com");
    CHECK(read.body["properties"]["hs_additional_emails"] == "b@example.com");
  }
  CHECK(live_contacts(sim) == 1);
  CHECK(sim.get("/crm/v3/objects/contacts?archived=true").body["results"].empty());
  const std::string ids = sim.property("contacts", survivor, "hs_merged_object_ids");
  CHECK(ids.find(first) != std::string::npos);
  CHECK(ids.find(second) != std::string::npos);
  const json update{{"id", first}, {"properties", {{"phone", "3"}}}, {"objectWriteTraceId", "t"}};
  CHECK(sim.post(contacts + "update", inputs({update})).status == 207);
  CHECK(sim.patch("/crm/v3/objects/contacts/" + second, {{"properties", {{"phone", "3"}}}}).status == 200);
}

TEST_CASE("a chain of merges keeps every old id") {
  Sim sim;
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(sim.contact("c" + std::to_string(i) + "@example.com"));
  }
  for (int i = 1; i < 4; ++i) {
    sim.post(
        "/crm/v3/objects/contacts/merge",
        {{"primaryObjectId", ids[0]}, {"objectIdToMerge", ids[static_cast<std::size_t>(i)]}}
    );
  }
  const auto survivor = sim.get("/crm/v3/objects/contacts/" + ids[0]).body["id"];
  for (const auto& id : ids) {
    CHECK(sim.get("/crm/v3/objects/contacts/" + id).body["id"] == survivor);
  }
  CHECK(sim.post("/crm/v3/objects/contacts", {{"properties", {{"email", "c3@example.com"}}}}).status == 409);
}

TEST_CASE("the old kind of merge keeps the primary's id") {
  auto options = Sim::quiet();
  options.merge_new_id = false;
  Sim sim{options};
  const auto first = sim.contact("a@example.com");
  const auto second = sim.contact("b@example.com");
  const auto merged =
      sim.post("/crm/v3/objects/contacts/merge", {{"primaryObjectId", first}, {"objectIdToMerge", second}});
  CHECK(merged.body["id"] == first);
  CHECK(sim.get("/crm/v3/objects/contacts/" + second).body["id"] == first);
}

TEST_CASE("an upsert by the loser's key after a merge does what the portal was told to do") {
  for (const bool follow : {false, true}) {
    auto options = Sim::quiet();
    options.merged_unique_keys = follow;
    Sim sim{options};
    make_unique_key(sim, "contacts");
    const auto first = sim.create("contacts", {{"email", "a@example.com"}, {"hubsync_id", "k1"}});
    const auto second = sim.create("contacts", {{"email", "b@example.com"}, {"hubsync_id", "k2"}});
    sim.post("/crm/v3/objects/contacts/merge", {{"primaryObjectId", first}, {"objectIdToMerge", second}});
    const auto answer = sim.post(
        contacts + "upsert",
        inputs({{{"id", "k2"}, {"idProperty", "hubsync_id"}, {"properties", {{"firstname", "X"}}}}})
    );
    CHECK(answer.body["results"][0]["new"] == !follow);
  }
}
