#include <algorithm>

#include <doctest/doctest.h>

#include "tests/unit/hubspot_sim/sim_fixture.hpp"

using namespace hubspot_sim;
using nlohmann::json;

TEST_CASE("a list walks every record once by ascending id") {
  Sim sim;
  for (int i = 0; i < 25; ++i) {
    sim.contact("c" + std::to_string(i) + "@example.com");
  }
  std::vector<std::string> seen;
  std::string after;
  for (int page = 0; page < 10; ++page) {
    const auto answer = sim.get("/crm/v3/objects/contacts?limit=10&after=" + after);
    REQUIRE(answer.status == 200);
    const auto ids = ids_of(answer.body["results"]);
    seen.insert(seen.end(), ids.begin(), ids.end());
    if (!answer.body.contains("paging")) {
      break;
    }
    after = answer.body["paging"]["next"]["after"];
    sim.contact("late" + std::to_string(page) + "@example.com");
  }
  CHECK(seen.size() == 27);
  CHECK(std::ranges::is_sorted(seen, {}, [](const std::string& id) { return std::stoll(id); }));
}

TEST_CASE("a list refuses more than 100 records, or 50 with history") {
  Sim sim;
  CHECK(sim.get("/crm/v3/objects/contacts?limit=101").status == 400);
  CHECK(sim.get("/crm/v3/objects/contacts?limit=100").status == 200);
  CHECK(sim.get("/crm/v3/objects/contacts?limit=51&propertiesWithHistory=email").status == 400);
}

TEST_CASE("a property that is not defined is silently missing, one that is empty is null") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  const auto properties =
      sim.get("/crm/v3/objects/contacts/" + id + "?properties=phone,nonsense").body["properties"];
  CHECK(properties.contains("phone"));
  CHECK(properties["phone"].is_null());
  CHECK_FALSE(properties.contains("nonsense"));
  CHECK(properties.contains("lastmodifieddate"));
}

TEST_CASE("comma-joined and repeated array parameters are the same") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  const auto joined = sim.get("/crm/v3/objects/contacts/" + id + "?properties=email,phone");
  const auto repeated = sim.get("/crm/v3/objects/contacts/" + id + "?properties=email&properties=phone");
  CHECK(joined.body == repeated.body);
}

TEST_CASE("a cleared value reads back as an empty string") {
  Sim sim;
  const auto id = sim.create("contacts", {{"email", "a@example.com"}, {"phone", "1"}});
  sim.patch("/crm/v3/objects/contacts/" + id, {{"properties", {{"phone", ""}}}});
  CHECK(sim.property("contacts", id, "phone") == "");
}

TEST_CASE("an e-mail address is trimmed and lower-cased, and the answer shows only sent and system fields") {
  Sim sim;
  const auto answer =
      sim.post("/crm/v3/objects/contacts", {{"properties", {{"email", " Ada@Example.COM "}}}});
  CHECK(answer.status == 201);
  CHECK(answer.body["properties"]["email"] == "ada@example.com");
  CHECK(answer.body["properties"]["hs_email_domain"] == "example.com");
  CHECK_FALSE(answer.body["properties"].contains("firstname"));
}

TEST_CASE("a second contact with a known address is refused, and only the text names the first") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  const auto answer = sim.post("/crm/v3/objects/contacts", {{"properties", {{"email", "A@EXAMPLE.com"}}}});
  CHECK(answer.status == 409);
  CHECK(answer.body["message"] == "Contact already exists. Existing ID: " + id);
  CHECK(answer.body["category"] == "CONFLICT");
  CHECK_FALSE(answer.body.contains("context"));
}

TEST_CASE("an additional e-mail address is as taken as the first one") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  sim.patch(
      "/_sim/objects/contacts/" + id,
      {{"properties", {{"hs_additional_emails", "b@example.com;c@example.com"}}}}
  );
  const auto answer = sim.post("/crm/v3/objects/contacts", {{"properties", {{"email", "c@example.com"}}}});
  CHECK(answer.status == 409);
  CHECK(sim.get("/crm/v3/objects/contacts/b@example.com?idProperty=email").body["id"] == id);
}

TEST_CASE("companies with the same domain are not deduplicated, and get their website from it") {
  Sim sim;
  const auto first = sim.create("companies", {{"domain", "example.com"}});
  const auto second = sim.create("companies", {{"domain", "example.com"}});
  CHECK(first != second);
  CHECK(sim.property("companies", first, "website") == "example.com");
}

TEST_CASE("values that do not fit their property are refused together, by name and code") {
  Sim sim;
  const json properties{
      {"email", "a@b"},
      {"nonsense", "x"},
      {"hs_object_id", "1"},
      {"annualrevenue", "1,000"},
      {"lifecyclestage", "no"},
      {"closedate", "?"}
  };
  const auto answer = sim.post("/crm/v3/objects/contacts", {{"properties", properties}});
  CHECK(answer.status == 400);
  CHECK(answer.body["message"].get<std::string>().starts_with("Property values were not valid: [{"));
  std::map<std::string, std::string> codes;
  for (const auto& error : answer.body["errors"]) {
    codes[error["context"]["propertyName"][0]] = error["code"];
  }
  CHECK(
      codes ==
      std::map<std::string, std::string>{
          {"email", "INVALID_EMAIL"},
          {"nonsense", "PROPERTY_DOESNT_EXIST"},
          {"hs_object_id", "READ_ONLY_VALUE"},
          {"annualrevenue", "INVALID_LONG"},
          {"lifecyclestage", "INVALID_OPTION"},
          {"closedate", "INVALID_DATE"}
      }
  );
}

TEST_CASE("an address whose domain ends in one letter is an address") {
  Sim sim;
  CHECK(sim.property("contacts", sim.create("contacts", {{"email", "A@b.c"}}), "email") == "a@b.c");
}

TEST_CASE("a create needs something to be called by") {
  Sim sim;
  CHECK(sim.post("/crm/v3/objects/contacts", {{"properties", {{"phone", "1"}}}}).status == 400);
  CHECK(sim.post("/crm/v3/objects/companies", {{"properties", {{"phone", "1"}}}}).status == 400);
  sim.post("/_sim/tokens", {{"scopes", {"crm.objects.deals.write"}}});
  CHECK(sim.post("/crm/v3/objects/deals", {{"properties", {{"dealname", "D"}}}}).status == 201);
}

TEST_CASE("the lifecycle stage only moves forward until it is cleared") {
  Sim sim;
  const auto id = sim.create("contacts", {{"email", "a@example.com"}, {"lifecyclestage", "customer"}});
  const auto path = "/crm/v3/objects/contacts/" + id;
  CHECK(sim.patch(path, {{"properties", {{"lifecyclestage", "lead"}}}}).status == 200);
  CHECK(sim.property("contacts", id, "lifecyclestage") == "customer");
  sim.patch(path, {{"properties", {{"lifecyclestage", ""}}}});
  sim.patch(path, {{"properties", {{"lifecyclestage", "lead"}}}});
  CHECK(sim.property("contacts", id, "lifecyclestage") == "lead");
}

TEST_CASE("a leading semicolon adds to a multiple choice") {
  Sim sim;
  const auto id = sim.create("contacts", {{"email", "a@example.com"}, {"hs_buying_role", "CHAMPION"}});
  sim.patch("/crm/v3/objects/contacts/" + id, {{"properties", {{"hs_buying_role", ";BLOCKER"}}}});
  CHECK(sim.property("contacts", id, "hs_buying_role") == "CHAMPION;BLOCKER");
}

TEST_CASE("an archived record is found only among the archived") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  CHECK(sim.remove("/crm/v3/objects/contacts/" + id).status == 204);
  CHECK(sim.remove("/crm/v3/objects/contacts/" + id).status == 204);
  const auto gone = sim.get("/crm/v3/objects/contacts/" + id);
  CHECK(gone.status == 404);
  CHECK_FALSE(gone.body.contains("category"));
  const auto archived = sim.get("/crm/v3/objects/contacts/" + id + "?archived=true");
  CHECK(archived.body["archived"] == true);
  CHECK(archived.body.contains("archivedAt"));
  CHECK(ids_of(sim.get("/crm/v3/objects/contacts?archived=true").body["results"]) == std::vector{id});
  const auto patched = sim.patch("/crm/v3/objects/contacts/" + id, {{"properties", {{"phone", "1"}}}});
  CHECK(patched.status == 404);
  CHECK(patched.body["category"] == "OBJECT_NOT_FOUND");
  CHECK(sim.contact("a@example.com") != id);
}

TEST_CASE("a restore is refused while a live contact holds the address") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  sim.remove("/crm/v3/objects/contacts/" + id);
  const auto other = sim.contact("a@example.com");
  CHECK(sim.post("/_sim/objects/contacts/" + id + "/restore", {}).status == 400);
  sim.remove("/crm/v3/objects/contacts/" + other);
  CHECK(sim.post("/_sim/objects/contacts/" + id + "/restore", {}).status == 204);
  CHECK(sim.get("/crm/v3/objects/contacts/" + id).status == 200);
}

TEST_CASE("the bin is emptied after 90 days") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  sim.remove("/crm/v3/objects/contacts/" + id);
  sim.wait(89LL * 24 * 3600 * 1000);
  CHECK(sim.get("/crm/v3/objects/contacts/" + id + "?archived=true").status == 200);
  sim.wait(2LL * 24 * 3600 * 1000);
  CHECK(sim.get("/crm/v3/objects/contacts/" + id + "?archived=true").status == 404);
}

TEST_CASE("a deletion for privacy leaves nothing and blocks the address") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  CHECK(sim.post("/crm/v3/objects/contacts/gdpr-delete", {{"objectId", id}}).status == 204);
  CHECK(sim.get("/crm/v3/objects/contacts/" + id + "?archived=true").status == 404);
  CHECK(sim.post("/crm/v3/objects/contacts", {{"properties", {{"email", "a@example.com"}}}}).status == 400);
}

TEST_CASE("HubSpot's own write moves the modified time 1 to 25 s after ours") {
  auto options = Sim::quiet();
  options.bump = true;
  Sim sim{options};
  int moved = 0;
  for (int i = 0; i < 50; ++i) {
    const auto id = sim.contact("c" + std::to_string(i) + "@example.com");
    const auto at_once = sim.property("contacts", id, "lastmodifieddate");
    sim.wait(1'000);
    CHECK(sim.property("contacts", id, "lastmodifieddate") == at_once);
    sim.wait(25'000);
    moved += sim.property("contacts", id, "lastmodifieddate") != at_once ? 1 : 0;
  }
  CHECK(moved > 25);
  CHECK(moved < 50);
}

TEST_CASE("property history tells who set a value when, newest first") {
  Sim sim;
  const auto id = sim.create("contacts", {{"email", "a@example.com"}, {"phone", "1"}});
  sim.wait(5'000);
  sim.patch("/_sim/objects/contacts/" + id, {{"properties", {{"phone", "2"}}}});
  const auto history = sim.get("/crm/v3/objects/contacts/" + id + "?propertiesWithHistory=phone")
                           .body["propertiesWithHistory"]["phone"];
  REQUIRE(history.size() == 2);
  CHECK(history[0]["value"] == "2");
  CHECK(history[0]["sourceType"] == "CRM_UI");
  CHECK(history[1]["value"] == "1");
  CHECK(history[1]["sourceType"] == "INTEGRATION");
}

TEST_CASE("envelope times lose trailing zeros of their fraction") {
  Sim sim;
  sim.now = hubsync::instant_from_ms(1'795'500'000'500);
  const auto tenth = sim.post("/crm/v3/objects/contacts", {{"properties", {{"email", "a@example.com"}}}});
  CHECK(tenth.body["createdAt"].get<std::string>().ends_with(".5Z"));
  sim.wait(500);
  const auto whole = sim.post("/crm/v3/objects/contacts", {{"properties", {{"email", "b@example.com"}}}});
  CHECK(whole.body["createdAt"].get<std::string>().find('.') == std::string::npos);
}

TEST_CASE("a business address makes a company appear later, when the portal does that") {
  auto options = Sim::quiet();
  options.auto_company = true;
  Sim sim{options};
  const auto id = sim.contact("ada@analytical.example");
  const auto mail = sim.contact("ada@gmail.com");
  CHECK(sim.property("contacts", id, "associatedcompanyid").is_null());
  sim.wait(30'000);
  const std::string company = sim.property("contacts", id, "associatedcompanyid");
  CHECK(sim.property("companies", company, "domain") == "analytical.example");
  CHECK(sim.property("contacts", mail, "associatedcompanyid").is_null());
}

TEST_CASE("names, singulars and ids of a type are interchangeable in paths") {
  Sim sim;
  for (const auto* const type : {"contacts", "contact", "CONTACT", "0-1"}) {
    CHECK(sim.get(std::string{"/crm/v3/objects/"} + type).status == 200);
  }
  const auto unknown = sim.get("/crm/v3/objects/martians");
  CHECK(unknown.status == 400);
  CHECK(unknown.body["message"] == "Unable to infer object type from: martians");
}

TEST_CASE("all versions of the paths answer, in their own form only") {
  Sim sim;
  for (const auto* const path :
       {"/crm/v3/objects/contacts",
        "/crm/objects/2026-03/contacts",
        "/crm/objects/2026-09/contacts",
        "/crm/objects/2026-09-beta/contacts"}) {
    CHECK(sim.get(path).status == 200);
  }
  CHECK(sim.get("/crm/2026-09/objects/contacts").status == 404);
  CHECK(sim.get("/crm/objects/2031-01/contacts").status == 404);
  CHECK(sim.put("/crm/v3/objects/contacts", {}).status == 405);
}

TEST_CASE("a date must be at midnight, except in the laxer 2026-09") {
  Sim sim;
  sim.post(
      "/crm/v3/properties/contacts",
      {{"name", "since"},
       {"label", "Since"},
       {"type", "date"},
       {"fieldType", "date"},
       {"groupName", "contactinformation"}}
  );
  const json noon{{"properties", {{"email", "a@example.com"}, {"since", "1795521600001"}}}};
  CHECK(sim.post("/crm/v3/objects/contacts", noon).status == 400);
  const auto lax = sim.post("/crm/objects/2026-09/contacts", noon);
  CHECK(lax.status == 201);
  CHECK(lax.body["properties"]["since"] == "2026-11-24");
}

TEST_CASE("ids are beyond 32 bits when asked for, and overlap between types") {
  auto options = Sim::quiet();
  options.large_ids = true;
  Sim sim{options};
  CHECK(std::stoll(sim.contact("a@example.com")) > (1LL << 31));
  Sim small;
  for (int i = 0; i < 40; ++i) {
    small.contact("c" + std::to_string(i) + "@example.com");
    small.company("Company " + std::to_string(i));
  }
  const auto contacts = ids_of(small.get("/crm/v3/objects/contacts?limit=100").body["results"]);
  const auto companies = ids_of(small.get("/crm/v3/objects/companies?limit=100").body["results"]);
  CHECK(std::ranges::any_of(contacts, [&](const auto& id) {
    return std::ranges::find(companies, id) != companies.end();
  }));
}

TEST_CASE("equal calls give equal answers for the same seed") {
  const auto run = [] {
    Sim sim{ModelOptions{}};
    std::string all;
    for (int i = 0; i < 20; ++i) {
      all +=
          sim.post(
                 "/crm/v3/objects/contacts", {{"properties", {{"email", std::to_string(i) + "@example.com"}}}}
          ).text;
      sim.wait(700);
      all += sim.get("/crm/v3/objects/contacts").text;
    }
    return all;
  };
  CHECK(run() == run());
}

TEST_CASE("a URL beyond 8 KB is refused with a page of HTML") {
  Sim sim;
  const auto answer = sim.get("/crm/v3/objects/contacts?properties=" + std::string(8'200, 'x'));
  CHECK(answer.status == 414);
  CHECK(answer.header("Content-Type").starts_with("text/html"));
  CHECK(sim.get("/crm/v3/objects/contacts?properties=" + std::string(8'000, 'x')).status == 200);
}
