#include <doctest/doctest.h>

#include "tests/unit/hubspot_sim/sim_fixture.hpp"

using namespace hubspot_sim;
using nlohmann::json;

namespace {

struct Pairs : Sim {
  Pairs() : contact_id(contact("a@example.com")), first(company("First")), second(company("Second")) {}

  Answer label(const std::string& company_id, const std::vector<int>& types) {
    json body = json::array();
    for (const int type : types) {
      body.push_back({{"associationCategory", "HUBSPOT_DEFINED"}, {"associationTypeId", type}});
    }
    return put("/crm/v4/objects/contacts/" + contact_id + "/associations/companies/" + company_id, body);
  }
  json primary() { return property("contacts", contact_id, "associatedcompanyid"); }
  json targets() {
    return get("/crm/v4/objects/contacts/" + contact_id + "/associations/companies").body["results"];
  }

  std::string contact_id;
  std::string first;
  std::string second;
};

}  // namespace

TEST_CASE("the first company of a contact becomes its primary one") {
  Pairs sim;
  CHECK(sim.label(sim.first, {279}).status == 201);
  CHECK(sim.primary() == sim.first);
  CHECK(sim.label(sim.second, {279}).status == 201);
  CHECK(sim.primary() == sim.first);
}

TEST_CASE("making another company primary moves it, from either side") {
  Pairs sim;
  sim.label(sim.first, {279});
  sim.label(sim.second, {1});
  CHECK(sim.primary() == sim.second);
  const json body{{{"associationCategory", "HUBSPOT_DEFINED"}, {"associationTypeId", 2}}};
  CHECK(
      sim.put("/crm/v4/objects/companies/" + sim.first + "/associations/contacts/" + sim.contact_id, body)
          .status == 201
  );
  CHECK(sim.primary() == sim.first);
  CHECK(sim.targets().size() == 2);
}

TEST_CASE("toObjectId is a number, and a primary company carries two types") {
  Pairs sim;
  sim.label(sim.first, {279});
  const auto target = sim.targets()[0];
  CHECK(target["toObjectId"].is_number());
  REQUIRE(target["associationTypes"].size() == 2);
  CHECK(target["associationTypes"][0]["typeId"] == 279);
  CHECK(target["associationTypes"][0]["label"].is_null());
  CHECK(target["associationTypes"][1]["typeId"] == 1);
}

TEST_CASE("a record's own associations name a company once per type") {
  Pairs sim;
  sim.label(sim.first, {279});
  const auto inlined = sim.get("/crm/v3/objects/contacts/" + sim.contact_id + "?associations=companies");
  const auto results = inlined.body["associations"]["companies"]["results"];
  REQUIRE(results.size() == 2);
  CHECK(results[0] == json{{"id", sim.first}, {"type", "contact_to_company"}});
  CHECK(results[1] == json{{"id", sim.first}, {"type", "contact_to_company_unlabeled"}});
  const auto lonely = sim.contact("b@example.com");
  CHECK_FALSE(
      sim.get("/crm/v3/objects/contacts/" + lonely + "?associations=companies").body.contains("associations")
  );
}

TEST_CASE("no associations is an error item of a batch read") {
  Pairs sim;
  sim.label(sim.first, {279});
  const auto lonely = sim.contact("b@example.com");
  const auto answer = sim.post(
      "/crm/v4/associations/contacts/companies/batch/read",
      {{"inputs", {{{"id", sim.contact_id}}, {{"id", lonely}}}}}
  );
  CHECK(answer.status == 207);
  CHECK(answer.body["results"][0]["from"]["id"] == sim.contact_id);
  CHECK(answer.body["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND");
  CHECK(answer.body["errors"][0]["context"]["fromObjectId"] == json::array({lonely}));
}

TEST_CASE("the dated forms answer with their own status codes") {
  Pairs sim;
  const json input{
      {"from", {{"id", sim.contact_id}}},
      {"to", {{"id", sim.first}}},
      {"types", {{{"associationCategory", "HUBSPOT_DEFINED"}, {"associationTypeId", 279}}}}
  };
  const json body{{"inputs", {input}}};
  CHECK(sim.post("/crm/v4/associations/contacts/companies/batch/create", body).status == 201);
  CHECK(sim.post("/crm/associations/2026-09/contacts/companies/batch/create", body).status == 200);
  const json archive{{"inputs", {{{"from", {{"id", sim.contact_id}}}, {"to", {{{"id", sim.first}}}}}}}};
  const auto dated = sim.post("/crm/associations/2026-03/contacts/companies/batch/archive", archive);
  CHECK(dated.status == 200);
  CHECK(dated.body["status"] == "COMPLETE");
  CHECK(sim.primary().is_null());
  CHECK(sim.post("/crm/v4/associations/contacts/companies/batch/archive", archive).status == 204);
  CHECK(sim.get("/crm/objects/2026-09/contacts/" + sim.contact_id + "/associations/companies").status == 404);
  CHECK(sim.get("/crm/objects/2026-03/contacts/" + sim.contact_id + "/associations/companies").status == 200);
}

TEST_CASE("a default association answers with both directions") {
  Pairs sim;
  const auto answer = sim.put(
      "/crm/objects/2026-09/contacts/" + sim.contact_id + "/associations/default/companies/" + sim.first,
      nullptr
  );
  CHECK(answer.status == 200);
  REQUIRE(answer.body["results"].size() == 2);
  CHECK(answer.body["results"][0]["associationSpec"]["associationTypeId"] == 279);
  CHECK(answer.body["results"][1]["associationSpec"]["associationTypeId"] == 280);
}

TEST_CASE("a type of the wrong direction is refused") {
  Pairs sim;
  CHECK(sim.label(sim.first, {280}).status == 400);
  CHECK(sim.label("987654", {279}).status == 404);
}

TEST_CASE("taking the unlabelled type takes everything, taking the primary one leaves the company") {
  Pairs sim;
  sim.label(sim.first, {279});
  const auto archive = [&](int type) {
    const json input{
        {"from", {{"id", sim.contact_id}}},
        {"to", {{"id", sim.first}}},
        {"types", {{{"associationCategory", "HUBSPOT_DEFINED"}, {"associationTypeId", type}}}}
    };
    return sim.post("/crm/v4/associations/contacts/companies/batch/labels/archive", {{"inputs", {input}}});
  };
  CHECK(archive(1).status == 204);
  CHECK(sim.primary().is_null());
  CHECK(sim.targets().size() == 1);
  CHECK(archive(279).status == 204);
  CHECK(sim.targets().empty());
}

TEST_CASE("an archived company hides its associations and brings them back") {
  Pairs sim;
  sim.label(sim.first, {279});
  sim.remove("/crm/v3/objects/companies/" + sim.first);
  CHECK(sim.primary().is_null());
  CHECK(sim.targets().empty());
  sim.post("/_sim/objects/companies/" + sim.first + "/restore", {});
  CHECK(sim.primary() == sim.first);
}

TEST_CASE("merged companies hand their contacts over") {
  Pairs sim;
  sim.label(sim.first, {279});
  sim.label(sim.second, {279});
  const auto merged = sim.post(
      "/crm/v3/objects/companies/merge", {{"primaryObjectId", sim.second}, {"objectIdToMerge", sim.first}}
  );
  CHECK(sim.primary() == merged.body["id"]);
  CHECK(sim.targets().size() == 1);
}

TEST_CASE("a create can bring its associations along") {
  Pairs sim;
  const json edge{
      {"to", {{"id", sim.second}}},
      {"types", {{{"associationCategory", "HUBSPOT_DEFINED"}, {"associationTypeId", 279}}}}
  };
  const auto answer = sim.post(
      "/crm/v3/objects/contacts", {{"properties", {{"email", "new@example.com"}}}, {"associations", {edge}}}
  );
  REQUIRE(answer.status == 201);
  CHECK(sim.property("contacts", answer.body["id"], "associatedcompanyid") == sim.second);
}

TEST_CASE("an association changes no modified time, but the company's rollup") {
  Pairs sim;
  const auto before = sim.property("companies", sim.first, "hs_lastmodifieddate");
  sim.wait(10'000);
  sim.label(sim.first, {279});
  CHECK(sim.property("companies", sim.first, "hs_lastmodifieddate") == before);
  CHECK(sim.property("companies", sim.first, "num_associated_contacts") == "1");
}

TEST_CASE("long association lists page") {
  Pairs sim;
  json inputs = json::array();
  for (int i = 0; i < 600; ++i) {
    inputs.push_back(
        {{"from", {{"id", sim.contact("p" + std::to_string(i) + "@example.com")}}},
         {"to", {{"id", sim.first}}}}
    );
  }
  sim.post("/crm/v4/associations/contacts/companies/batch/associate/default", {{"inputs", inputs}});
  json input{{"id", sim.first}};
  std::size_t seen = 0;
  for (int page = 0; page < 2; ++page) {
    const auto answer = sim.post("/crm/v4/associations/companies/contacts/batch/read", {{"inputs", {input}}});
    const auto& result = answer.body["results"][0];
    seen += result["to"].size();
    if (result.contains("paging")) {
      input["after"] = result["paging"]["next"]["after"];
    }
  }
  CHECK(seen == 600);
}
