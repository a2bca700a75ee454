#include "daemon/hubspot/client.hpp"

#include <doctest/doctest.h>

#include "tests/support/deal_rules.hpp"
#include "tests/unit/daemon/hubspot/client_rig.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

const std::vector<HubspotId> two_ids{HubspotId{11}, HubspotId{22}};
const std::vector<Link> two_links{{HubspotId{11}, HubspotId{1}}, {HubspotId{22}, HubspotId{2}}};

}  // namespace

TEST_CASE("each API version has its own paths") {
  struct Row {
    const char* version;
    const char* list;
    const char* associations;
    const char* account;
  };
  for (const Row& row : {
           Row{"2026-09",
               "/crm/objects/2026-09/contacts?",
               "/crm/associations/2026-09/contacts/companies/batch/read",
               "/account-info/2026-09/details"},
           Row{"2026-03",
               "/crm/objects/2026-03/contacts?",
               "/crm/associations/2026-03/contacts/companies/batch/read",
               "/account-info/2026-03/details"},
           Row{"v3",
               "/crm/v3/objects/contacts?",
               "/crm/v4/associations/contacts/companies/batch/read",
               "/account-info/v3/details"},
       }) {
    CAPTURE(row.version);
    Rig rig(row.version);
    run(rig.client.list(rig.contacts, std::nullopt, false, CallClass::sweep));
    CHECK(rig.sent().target.starts_with(row.list));
    CHECK(rig.sent().call_class == CallClass::sweep);
    run(rig.client.read_references(rig.contacts, two_ids, CallClass::sweep));
    CHECK(rig.sent().target == row.associations);
    run(rig.client.account(CallClass::interactive));
    CHECK(rig.sent().target == row.account);
  }
  CHECK(find_api_version("v2") == nullptr);
}

TEST_CASE("HubSpot's own types stand in paths by name, all others by id") {
  Rig rig;
  run(rig.client.archive(deal_rules(), two_ids, CallClass::change));
  CHECK(rig.sent().target == "/crm/objects/2026-09/deals/batch/archive");
  run(rig.client.create_uid_property(deal_rules(), CallClass::change));
  CHECK(rig.sent().target == "/crm/properties/2026-09/deals");
  CHECK(rig.body()["groupName"] == "dealinformation");
  run(rig.client.read(boat_rules(), two_ids, false, false, CallClass::sweep));
  CHECK(rig.sent().target == "/crm/objects/2026-09/2-31415926/batch/read");
  run(rig.client.create_uid_property(boat_rules(), CallClass::change));
  CHECK(rig.sent().target == "/crm/properties/2026-09/2-31415926");
  CHECK(rig.body()["groupName"] == "boat_information");
}

TEST_CASE("a list asks for the mapped properties, the modified time, the key and the associations") {
  Rig rig;
  rig.transport.answer(
      200, R"({"results":[{"id":"7","properties":{"email":"a"}}],"paging":{"next":{"after":"8"}}})"
  );
  const auto page = run(rig.client.list(rig.contacts, "a&b=c", true, CallClass::sweep));
  CHECK(
      rig.sent().target ==
      "/crm/objects/2026-09/contacts?limit=100&properties=email,firstname,lastname,phone,"
      "lifecyclestage,lastmodifieddate,hs_merged_object_ids,hubsync_id&archived=true&associations=companies&"
      "after=a%26b%3Dc"
  );
  REQUIRE(page.has_value());
  CHECK(page->next == "8");
  CHECK_FALSE(page->narrow);
  REQUIRE(page->records.size() == 1);
  CHECK(page->records.front().references_known);
  CHECK_FALSE(page->records.front().reference);

  rig.client.set_has_uid("companies", false);
  run(rig.client.list(rig.companies, std::nullopt, false, CallClass::sweep));
  CHECK(
      rig.sent().target ==
      "/crm/objects/2026-09/"
      "companies?limit=100&properties=name,domain,industry,hs_lastmodifieddate,hs_merged_object_ids&archived="
      "false"
  );
}

TEST_CASE("a mapping too wide for a URL is listed by ids and times only") {
  Rig rig;
  for (int i = 0; i < 200; ++i) {
    rig.contacts.fields.push_back(
        {.name = "f" + std::to_string(i), .property = "a_rather_long_name_" + std::to_string(i)}
    );
  }
  rig.transport.answer(200, R"({"results":[]})");
  const auto page = run(rig.client.list(rig.contacts, std::nullopt, false, CallClass::sweep));
  REQUIRE(page.has_value());
  CHECK(page->narrow);
  CHECK(rig.sent().target.size() < 200);
}

TEST_CASE("a read names what was not answered") {
  Rig rig;
  rig.transport.answer(
      207, R"({"status":"COMPLETE","results":[{"id":"22","properties":{"email":"b"}}],"numErrors":1,
    "errors":[{"status":"error","category":"OBJECT_NOT_FOUND","message":"Could not get some","context":{"ids":["11"]}}]})"
  );
  const auto read = run(rig.client.read(rig.contacts, two_ids, true, true, CallClass::change));
  REQUIRE(read.has_value());
  CHECK(rig.sent().target == "/crm/objects/2026-09/contacts/batch/read?archived=true");
  CHECK(rig.body()["inputs"] == json::parse(R"([{"id":"11"},{"id":"22"}])"));
  CHECK(rig.body()["propertiesWithHistory"] == rig.body()["properties"]);
  CHECK_FALSE(rig.body().contains("idProperty"));
  CHECK(read->missing == std::vector<std::string>{"11"});
  CHECK(read->records.size() == 1);
  CHECK_FALSE(read->records.front().references_known);
}

TEST_CASE("a single record is read by GET, which finds the survivor of a merge") {
  Rig rig;
  rig.transport.answer(200, R"({"id":"99","properties":{"email":"a"}})");
  const auto read = run(rig.client.read(rig.companies, {HubspotId{11}}, true, true, CallClass::change));
  CHECK(rig.sent().method == "GET");
  CHECK(
      rig.sent().target ==
      "/crm/objects/2026-09/companies/"
      "11?properties=name,domain,industry,hs_lastmodifieddate,hs_merged_object_ids,hubsync_id"
      "&propertiesWithHistory=name,domain,industry,hs_lastmodifieddate,hs_merged_object_ids,hubsync_id&"
      "archived=true"
  );
  REQUIRE(read.has_value());
  CHECK(read->missing.empty());
  CHECK(read->records.front().id == HubspotId{99});
  CHECK(read->records.front().former_ids == std::vector{HubspotId{11}});
}

TEST_CASE("a single record is missing only when HubSpot itself says so") {
  Rig rig;
  const auto read = [&] {
    return run(rig.client.read(rig.contacts, {HubspotId{11}}, false, false, CallClass::change));
  };
  rig.transport.answer(404, R"({"status":"error","message":"resource not found","correlationId":"c"})");
  CHECK(read().value().missing == std::vector<std::string>{"11"});
  rig.transport.answer(404, R"({"category":"OBJECT_NOT_FOUND","message":"Object not found."})");
  CHECK(read().value().missing == std::vector<std::string>{"11"});
  rig.transport.answer(404, "<html>no such page</html>");
  CHECK(read().error().outcome == Outcome::refused);
  for (const char* body : {"", "{},{}", "<html></html>"}) {
    CAPTURE(body);
    rig.transport.answer(200, body);
    CHECK(read().error().outcome == Outcome::unavailable);
  }
  rig.transport.answer(200, R"({"id":"x"})");
  CHECK(read().value().bad.size() == 1);
}

TEST_CASE("a batch tells which asked ids were merged into what it answers") {
  Rig rig;
  rig.transport.answer(200, R"({"results":[{"id":"99","properties":{"hs_merged_object_ids":"22;11"}}]})");
  const auto both = run(rig.client.read(rig.contacts, two_ids, false, false, CallClass::change));
  REQUIRE(both.has_value());
  CHECK(both->missing.empty());
  CHECK(both->records.front().former_ids == std::vector{HubspotId{22}, HubspotId{11}});
}

TEST_CASE("a read that was answered with nothing misses everything") {
  Rig rig;
  rig.transport.answer(200, R"({"status":"COMPLETE","results":[]})");
  const auto read = run(rig.client.read(rig.contacts, two_ids, false, false, CallClass::change));
  REQUIRE(read.has_value());
  CHECK(read->missing == std::vector<std::string>{"11", "22"});
}

TEST_CASE("a read by e-mail ignores case, and one by hubsync_id matches the key") {
  Rig rig;
  rig.transport.answer(207, R"({"results":[{"id":"2","properties":{"email":"b@x.example"}}]})");
  const auto by_email =
      run(rig.client.read_by(rig.contacts, "email", {"A@x.example", "B@X.example"}, CallClass::change));
  REQUIRE(by_email.has_value());
  CHECK(rig.body()["idProperty"] == "email");
  CHECK(by_email->missing == std::vector<std::string>{"A@x.example"});
  rig.transport.answer(200, R"({"results":[{"id":"2","properties":{"hubsync_id":"u2"}}]})");
  const auto by_uid = run(rig.client.read_by(rig.companies, "hubsync_id", {"u1", "u2"}, CallClass::change));
  REQUIRE(by_uid.has_value());
  CHECK(by_uid->missing == std::vector<std::string>{"u1"});
  CHECK(by_uid->records.front().uid == "u2");
}

TEST_CASE("reading nothing sends nothing") {
  Rig rig;
  CHECK(run(rig.client.read(rig.contacts, {}, false, false, CallClass::change)).has_value());
  CHECK(run(rig.client.read_by(rig.contacts, "email", {}, CallClass::change)).has_value());
  CHECK(run(rig.client.archive(rig.contacts, {}, CallClass::change)).has_value());
  CHECK(rig.write(WriteKind::create, {}).empty());
  CHECK(run(rig.client.associate(rig.contacts, {}, CallClass::change)).empty());
  CHECK(rig.transport.requests.empty());
}

TEST_CASE("a search sends its filters and counts as a search") {
  Rig rig;
  rig.transport.answer(200, R"({"total":9000,"results":[
    {"id":"1","properties":{"lastmodifieddate":"2022-02-17T19:22:50Z"},"updatedAt":"2022-02-17T19:22:50Z"},
    {"id":"2","properties":{"email":[]}}],"paging":{"next":{"after":"200"}}})");
  const SearchQuery query{
      .filters =
          {{.property = "lastmodifieddate", .op = "GTE", .values = {"1645125765500"}},
           {.property = "email", .op = "IN", .values = {"A@x.example", "b@x.example"}}},
      .sort = "lastmodifieddate",
      .limit = 200,
      .after = "100"
  };
  const auto page = run(rig.client.search(rig.contacts, query, CallClass::sweep));
  CHECK(rig.sent().search);
  CHECK(rig.body() == json::parse(R"({"filterGroups":[{"filters":[
    {"propertyName":"lastmodifieddate","operator":"GTE","value":"1645125765500"},
    {"propertyName":"email","operator":"IN","values":["a@x.example","b@x.example"]}]}],
    "sorts":[{"propertyName":"lastmodifieddate","direction":"ASCENDING"}],"properties":["lastmodifieddate"],
    "limit":200,"after":"100"})"));
  REQUIRE(page.has_value());
  CHECK(page->total == 9000);
  CHECK(page->next == "200");
  REQUIRE(page->hits.size() == 2);
  CHECK(page->hits[0].modified == parse_instant("2022-02-17T19:22:50Z"));
  CHECK_FALSE(page->hits[1].modified);
}

TEST_CASE("a search for everything names no group of filters") {
  Rig rig;
  rig.transport.answer(200, R"({"total":7,"results":[]})");
  const auto page =
      run(rig.client.search(rig.contacts, {.filters = {}, .sort = "", .limit = 1}, CallClass::sweep));
  CHECK(rig.body()["filterGroups"] == json::array());
  REQUIRE(page.has_value());
  CHECK(page->total == 7);
}

TEST_CASE("a search over HubSpot's length limit is not sent") {
  Rig rig;
  const SearchQuery query{
      .filters =
          {{.property = "email", .op = "IN", .values = std::vector<std::string>(200, "someone@x.example")}},
      .sort = ""
  };
  const auto page = run(rig.client.search(rig.contacts, query, CallClass::sweep));
  REQUIRE_FALSE(page.has_value());
  CHECK(page.error().outcome == Outcome::refused);
  CHECK(rig.transport.requests.empty());
}

TEST_CASE("archiving takes a 204 or an envelope, and does not mind records that are gone") {
  Rig rig;
  rig.transport.answer(204, "");
  CHECK(run(rig.client.archive(rig.contacts, two_ids, CallClass::change)).has_value());
  CHECK(rig.sent().target == "/crm/objects/2026-09/contacts/batch/archive");
  rig.transport.answer(207, R"({"results":[],"errors":[{"category":"OBJECT_NOT_FOUND","message":"x"}]})");
  CHECK(run(rig.client.archive(rig.contacts, two_ids, CallClass::change)).has_value());
  rig.transport.answer(207, R"({"results":[],"errors":[{"category":"VALIDATION_ERROR","message":"x"}]})");
  CHECK(
      run(rig.client.archive(rig.contacts, two_ids, CallClass::change)).error().outcome == Outcome::refused
  );
  for (const char* const nothing_said : {"<html></html>", "{}", ""}) {
    rig.transport.answer(200, nothing_said);
    CHECK(
        run(rig.client.archive(rig.contacts, two_ids, CallClass::change)).error().outcome == Outcome::unknown
    );
  }
}

TEST_CASE("references are read from every known form of the answer") {
  Rig rig;
  rig.transport.answer(207, R"({"status":"COMPLETE","results":[
    {"from":{"id":"1"},"to":[{"toObjectId":30,"associationTypes":[{"category":"HUBSPOT_DEFINED","typeId":279,"label":null}]},
      {"toObjectId":"20","associationTypes":[{"category":"HUBSPOT_DEFINED","typeId":279},
      {"category":"HUBSPOT_DEFINED","typeId":1,"label":"Primary"}]}]},
    {"from":{"id":2},"to":[{"toObjectId":9,"associationTypes":[{"category":"USER_DEFINED","typeId":1}]}],
      "paging":{"next":{"after":"x"}}},
    {"from":{"id":"3"},"to":[{"toObjectId":8,"associationTypes":[{"category":"HUBSPOT_DEFINED","typeId":1}]}],
      "paging":{"next":{"after":"x"}}},
    {"from":{"id":"4"},"to":[]},
    {"from":{"id":"7"},"to":[{"toObjectId":null}]}],
    "errors":[{"status":"error","category":"OBJECT_NOT_FOUND","subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND",
      "message":"none","context":{"fromObjectId":["5"]}},
      {"category":"OBJECT_NOT_FOUND","message":"gone","context":{"fromObjectId":["6"]}}]})");
  const auto references = run(rig.client.read_references(rig.contacts, two_ids, CallClass::sweep));
  REQUIRE(references.has_value());
  CHECK(
      *references ==
      std::map<HubspotId, std::optional<HubspotId>>{
          {HubspotId{1}, HubspotId{20}},
          {HubspotId{3}, HubspotId{8}},
          {HubspotId{4}, std::nullopt},
          {HubspotId{5}, std::nullopt},
      }
  );
}

TEST_CASE("a link is made primary and plain, and each is settled alone") {
  Rig rig;
  rig.transport.answer(
      207, R"({"results":[{"fromObjectTypeId":"0-1","fromObjectId":11,"toObjectId":"1","labels":[]}],
    "errors":[{"category":"OBJECT_NOT_FOUND","message":"x","context":{"fromObjectId":["22"],"toObjectId":["2"]}}]})"
  );
  const auto replies = run(rig.client.associate(rig.contacts, two_links, CallClass::change));
  CHECK(rig.sent().target == "/crm/associations/2026-09/contacts/companies/batch/create");
  CHECK(rig.body()["inputs"][0] == json::parse(R"({"from":{"id":"11"},"to":{"id":"1"},"types":[
    {"associationCategory":"HUBSPOT_DEFINED","associationTypeId":1},
    {"associationCategory":"HUBSPOT_DEFINED","associationTypeId":279}]})"));
  CHECK(replies[0].has_value());
  CHECK(replies[1].error().status == 404);
  rig.transport.answer(200, R"({"results":[]})");
  for (const auto& reply : run(rig.client.associate(rig.contacts, two_links, CallClass::change))) {
    CHECK(reply.error().outcome == Outcome::unknown);
  }
  rig.transport.answer(
      200, R"({"results":[{"from":{"id":"11"},"to":{"id":"1"}},{"from":{"id":"22"},"to":{"id":"2"}}]})"
  );
  CHECK(run(rig.client.associate(rig.contacts, two_links, CallClass::change))[1].has_value());
}

TEST_CASE("links are removed with or without a body in the answer") {
  Rig rig;
  rig.transport.answer(204, "");
  auto links = two_links;
  links.push_back({HubspotId{11}, HubspotId{3}});
  const auto replies = run(rig.client.dissociate(rig.contacts, links, CallClass::change));
  CHECK(rig.body() == json::parse(R"({"inputs":[{"from":{"id":"11"},"to":[{"id":"1"},{"id":"3"}]},
    {"from":{"id":"22"},"to":[{"id":"2"}]}]})"));
  CHECK(replies.size() == 3);
  CHECK(replies[2].has_value());
  rig.transport.answer(200, R"({"results":[],"errors":[{"category":"VALIDATION_ERROR","message":"x",
    "context":{"fromObjectId":["22"]}}]})");
  const auto partial = run(rig.client.dissociate(rig.contacts, two_links, CallClass::change));
  CHECK(partial[0].has_value());
  CHECK(partial[1].error().outcome == Outcome::refused);
  for (const char* const unclear : {R"({"errors":[{"category":"VALIDATION_ERROR","message":"x"}]})", "{}"}) {
    rig.transport.answer(200, unclear);
    CHECK(
        run(rig.client.dissociate(rig.contacts, two_links, CallClass::change))[0].error().outcome ==
        Outcome::unknown
    );
  }
}

TEST_CASE("an answer that names no record is no answer to a read of one") {
  Rig rig;
  rig.transport.answer(200, "{}");
  const auto read = run(rig.client.read(rig.contacts, {HubspotId{11}}, false, false, CallClass::change));
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().outcome == Outcome::unavailable);
}

TEST_CASE("the account and the property definitions are read") {
  Rig rig;
  rig.transport.answer(200, R"({"portalId":123,"timeZone":"US/Eastern","utcOffsetMilliseconds":-18000000})");
  const auto account = run(rig.client.account(CallClass::interactive));
  REQUIRE(account.has_value());
  CHECK(account->portal_id == 123);
  CHECK(account->utc_offset == Duration(-18'000'000));
  rig.transport.answer(200, R"({"portalId":"x"})");
  CHECK(run(rig.client.account(CallClass::interactive)).error().outcome == Outcome::unavailable);
  rig.transport.answer(
      200, R"({"results":[{"name":"hubsync_id","type":"string","fieldType":"text","hasUniqueValue":true,
    "modificationMetadata":{"readOnlyValue":false}},{"name":"createdate","type":"datetime","fieldType":"date",
    "modificationMetadata":{"readOnlyValue":true}},{}]})"
  );
  const auto properties = run(rig.client.properties(rig.contacts, CallClass::interactive));
  REQUIRE(properties.has_value());
  REQUIRE(properties->size() == 2);
  CHECK((*properties)[0].has_unique_value);
  CHECK((*properties)[1].read_only);
}

TEST_CASE("the key property is created unique in the type's own group") {
  Rig rig;
  rig.transport.answer(201, "{}");
  CHECK(run(rig.client.create_uid_property(rig.companies, CallClass::interactive)).has_value());
  CHECK(rig.sent().target == "/crm/properties/2026-09/companies");
  CHECK(rig.body()["name"] == "hubsync_id");
  CHECK(rig.body()["hasUniqueValue"] == true);
  CHECK(rig.body()["groupName"] == "companyinformation");
  rig.transport.answer(409, R"({"category":"OBJECT_ALREADY_EXISTS","message":"x"})");
  CHECK(run(rig.client.create_uid_property(rig.companies, CallClass::interactive)).error().status == 409);
}

TEST_CASE("no reply at all is unknown for a write and unavailable for a read") {
  Rig rig;
  rig.transport.answers.emplace_back(std::unexpected(TransportFailure{.message = "reset"}));
  CHECK(rig.write(WriteKind::create, two_creates())[1].error().outcome == Outcome::unknown);
  rig.transport.answers.emplace_back(std::unexpected(TransportFailure{.message = "reset"}));
  const auto read = run(rig.client.read(rig.contacts, two_ids, false, false, CallClass::change));
  CHECK(read.error().outcome == Outcome::unavailable);
}
