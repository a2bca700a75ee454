#include <doctest/doctest.h>

#include "tests/unit/hubspot_sim/sim_fixture.hpp"

using namespace hubspot_sim;
using nlohmann::json;

namespace {

const std::string path = "/crm/v3/objects/contacts/search";

json filter(const std::string& name, const std::string& op, const json& value) {
  json one{{"propertyName", name}, {"operator", op}};
  if (value.is_array()) {
    one["values"] = value;
  } else if (!value.is_null()) {
    one["value"] = value;
  }
  return one;
}

json query(const std::vector<json>& filters) {
  return {{"filterGroups", {{{"filters", filters}}}}, {"properties", {"email", "phone"}}};
}

std::vector<std::string> found(Sim& sim, const std::vector<json>& filters) {
  return ids_of(sim.post(path, query(filters)).body["results"]);
}

std::string ms(Instant at) {
  return std::to_string(hubsync::to_ms(at));
}

}  // namespace

TEST_CASE("each operator finds what it should") {
  Sim sim;
  const auto a =
      sim.create("contacts", {{"email", "a@example.com"}, {"city", "New York"}, {"annualrevenue", "5"}});
  const auto b =
      sim.create("contacts", {{"email", "b@example.com"}, {"city", "York"}, {"annualrevenue", "10"}});
  const auto c = sim.create("contacts", {{"firstname", "C"}});
  using Ids = std::vector<std::string>;
  CHECK(found(sim, {filter("email", "EQ", "A@Example.com")}) == Ids{a});
  CHECK(found(sim, {filter("email", "NEQ", "a@example.com")}) == Ids{b, c});
  CHECK(found(sim, {filter("annualrevenue", "LT", "10")}) == Ids{a});
  CHECK(found(sim, {filter("annualrevenue", "LTE", "10")}) == Ids{a, b});
  CHECK(found(sim, {filter("annualrevenue", "GT", "5")}) == Ids{b});
  CHECK(found(sim, {filter("annualrevenue", "GTE", "5")}) == Ids{a, b});
  CHECK(found(sim, {filter("email", "IN", {"a@example.com", "b@example.com"})}) == Ids{a, b});
  CHECK(found(sim, {filter("email", "NOT_IN", json::array({"a@example.com"}))}) == Ids{b, c});
  CHECK(found(sim, {filter("email", "HAS_PROPERTY", nullptr)}) == Ids{a, b});
  CHECK(found(sim, {filter("email", "NOT_HAS_PROPERTY", nullptr)}) == Ids{c});
  CHECK(found(sim, {filter("city", "CONTAINS_TOKEN", "york")}) == Ids{a, b});
  CHECK(found(sim, {filter("city", "CONTAINS_TOKEN", "ne*")}) == Ids{a});
  CHECK(found(sim, {filter("city", "NOT_CONTAINS_TOKEN", "new")}) == Ids{b, c});
  json between = filter("annualrevenue", "BETWEEN", "5");
  between["highValue"] = "9";
  CHECK(found(sim, {between}) == Ids{a});
  CHECK(found(sim, {filter("hs_object_id", "GT", a)}) == Ids{b, c});
}

TEST_CASE("filters of a group must all hold, one group is enough") {
  Sim sim;
  const auto a = sim.create("contacts", {{"email", "a@example.com"}, {"city", "X"}});
  const auto b = sim.create("contacts", {{"email", "b@example.com"}, {"city", "Y"}});
  CHECK(found(sim, {filter("email", "EQ", "a@example.com"), filter("city", "EQ", "Y")}).empty());
  const json either{
      {"filterGroups",
       {{{"filters", {filter("email", "EQ", "a@example.com")}}}, {{"filters", {filter("city", "EQ", "y")}}}}}
  };
  CHECK(ids_of(sim.post(path, either).body["results"]) == std::vector{a, b});
}

TEST_CASE("a lagging index filters by old values and shows fresh ones") {
  Sim sim;
  const auto id = sim.create("contacts", {{"email", "old@example.com"}, {"phone", "1"}});
  sim.wait(60'000);
  sim.set_option("search_lag", "4s");
  sim.patch("/crm/v3/objects/contacts/" + id, {{"properties", {{"email", "new@example.com"}}}});
  sim.wait(500);
  const auto stale = sim.post(path, query({filter("email", "EQ", "old@example.com")}));
  REQUIRE(stale.body["results"].size() == 1);
  CHECK(stale.body["results"][0]["properties"]["email"] == "new@example.com");
  CHECK(found(sim, {filter("email", "EQ", "new@example.com")}).empty());
  sim.wait(4'000);
  CHECK(found(sim, {filter("email", "EQ", "old@example.com")}).empty());
  CHECK(found(sim, {filter("email", "EQ", "new@example.com")}) == std::vector{id});
}

TEST_CASE("a new record is missing from a lagging index, by its modified time too") {
  Sim sim;
  sim.set_option("search_lag", "4s");
  const auto created = sim.now;
  const auto id = sim.contact("a@example.com");
  const std::vector window{filter("lastmodifieddate", "GTE", ms(created))};
  CHECK(found(sim, window).empty());
  sim.wait(4'000);
  CHECK(found(sim, window) == std::vector{id});
}

TEST_CASE("a record edited again is still found in its old window until the index catches up") {
  Sim sim;
  const auto created = sim.now;
  const auto id = sim.contact("a@example.com");
  sim.wait(60'000);
  sim.set_option("search_lag", "4s");
  sim.patch("/crm/v3/objects/contacts/" + id, {{"properties", {{"phone", "2"}}}});
  const std::vector old_window{
      filter("lastmodifieddate", "GTE", ms(created)),
      filter("lastmodifieddate", "LT", ms(created + Duration{1'000}))
  };
  CHECK(found(sim, old_window) == std::vector{id});
  sim.wait(4'000);
  CHECK(found(sim, old_window).empty());
}

TEST_CASE("a record archived a moment ago is counted but not shown") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  sim.wait(60'000);
  sim.set_option("search_lag", "4s");
  sim.remove("/crm/v3/objects/contacts/" + id);
  const auto answer = sim.post(path, query({filter("city", "NOT_HAS_PROPERTY", nullptr)}));
  CHECK(answer.body["total"] == 1);
  CHECK(answer.body["results"].empty());
  sim.wait(4'000);
  CHECK(sim.post(path, query({filter("city", "NOT_HAS_PROPERTY", nullptr)})).body["total"] == 0);
}

TEST_CASE("search pages by offset and stops at ten thousand") {
  Sim sim;
  sim.model.seed({.contacts = 450, .companies = 0}, sim.now);
  std::size_t seen = 0;
  json body{{"limit", 200}, {"sorts", {{{"propertyName", "hs_object_id"}, {"direction", "ASCENDING"}}}}};
  for (int page = 0; page < 4; ++page) {
    const auto answer = sim.post(path, body);
    seen += answer.body["results"].size();
    CHECK(answer.body["total"] == 450);
    if (!answer.body.contains("paging")) {
      break;
    }
    body["after"] = answer.body["paging"]["next"]["after"];
  }
  CHECK(seen == 450);
  CHECK(sim.post(path, {{"limit", 200}, {"after", "9801"}}).status == 400);
  CHECK(sim.post(path, {{"limit", 200}, {"after", "9800"}}).status == 200);
  CHECK(sim.post(path, {{"limit", 201}}).status == 400);
}

TEST_CASE("too many groups, filters or characters are refused") {
  Sim sim;
  json groups = json::array();
  for (int i = 0; i < 6; ++i) {
    groups.push_back({{"filters", {filter("email", "EQ", "a@example.com")}}});
  }
  const auto answer = sim.post(path, {{"filterGroups", groups}});
  CHECK(answer.status == 400);
  CHECK(answer.body["message"].get<std::string>().find("too many filterGroups") != std::string::npos);
  groups.erase(groups.begin());
  CHECK(sim.post(path, {{"filterGroups", groups}}).status == 200);
  CHECK(sim.post(path, query(std::vector<json>(7, filter("email", "EQ", "a@example.com")))).status == 400);
  CHECK(sim.post(path, {{"query", std::string(3'000, 'x')}}).status == 400);
  CHECK(sim.post(path, query({filter("nonsense", "EQ", "1")})).status == 400);
}

TEST_CASE("contacts filtered by the companies' modified property give nothing, without an error") {
  Sim sim;
  sim.contact("a@example.com");
  const auto answer = sim.post(path, query({filter("hs_lastmodifieddate", "GTE", "0")}));
  CHECK(answer.status == 200);
  CHECK(answer.body["total"] == 0);
}

TEST_CASE("sorting by modified time is what an incremental poll needs") {
  Sim sim;
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(sim.contact("c" + std::to_string(i) + "@example.com"));
    sim.wait(1'000);
  }
  sim.patch("/crm/v3/objects/contacts/" + ids[1], {{"properties", {{"phone", "1"}}}});
  json body = query({filter("lastmodifieddate", "GTE", ms(Sim::start + Duration{2'000}))});
  body["sorts"] = {{{"propertyName", "lastmodifieddate"}, {"direction", "ASCENDING"}}};
  CHECK(ids_of(sim.post(path, body).body["results"]) == std::vector{ids[2], ids[3], ids[4], ids[1]});
  body["sorts"] = {"-lastmodifieddate"};
  CHECK(ids_of(sim.post(path, body).body["results"]) == std::vector{ids[1], ids[4], ids[3], ids[2]});
}

TEST_CASE("contacts are found by their company") {
  Sim sim;
  const auto contact = sim.contact("a@example.com");
  const auto company = sim.company("N");
  sim.put("/crm/v4/objects/contacts/" + contact + "/associations/default/companies/" + company, nullptr);
  CHECK(found(sim, {filter("associations.company", "EQ", company)}) == std::vector{contact});
}
