#include <doctest/doctest.h>

#include "tests/unit/hubspot_sim/sim_fixture.hpp"

using namespace hubspot_sim;
using nlohmann::json;

namespace {

ModelOptions limited() {
  auto options = Sim::quiet();
  options.limits = true;
  return options;
}

const std::string list = "/crm/v3/objects/contacts";
const std::string search = "/crm/v3/objects/contacts/search";

}  // namespace

TEST_CASE("the 101st call in ten seconds is refused, and a place is free when the first is ten seconds old") {
  Sim sim{limited()};
  for (int i = 0; i < 100; ++i) {
    CHECK(sim.get(list).status == 200);
    sim.wait(50);
  }
  const auto refused = sim.get(list);
  CHECK(refused.status == 429);
  CHECK(refused.body["policyName"] == "TEN_SECONDLY_ROLLING");
  CHECK(refused.body["errorType"] == "RATE_LIMIT");
  CHECK(refused.header("X-HubSpot-RateLimit-Remaining") == "0");
  CHECK(refused.header("Retry-After").empty());
  sim.now = Sim::start + Duration{9'999};
  CHECK(sim.get(list).status == 429);
  sim.now = Sim::start + Duration{10'000};
  CHECK(sim.get(list).status == 200);
  CHECK(sim.get(list).status == 429);
}

TEST_CASE("searches have their own limit and headers, and take nothing from the other") {
  Sim sim{limited()};
  for (int i = 0; i < 5; ++i) {
    CHECK(sim.post(search, json::object()).status == 200);
  }
  const auto refused = sim.post(search, json::object());
  CHECK(refused.status == 429);
  CHECK(refused.body["message"] == "You have reached your secondly limit.");
  CHECK(refused.body["category"] == "RATE_LIMITS");
  CHECK_FALSE(refused.body.contains("policyName"));
  CHECK(refused.header("X-HubSpot-RateLimit-Max").empty());
  CHECK(sim.get(list).header("X-HubSpot-RateLimit-Remaining") == "99");
  sim.wait(1'000);
  CHECK(sim.post(search, json::object()).status == 200);
}

TEST_CASE("refused calls lower the daily rest, which comes back at the portal's midnight") {
  auto options = limited();
  options.daily_limit = 3;
  Sim sim{options};
  sim.now = hubsync::instant_from_ms(1'795'496'400'000);  // 00:20 in UTC−5, 05:20 UTC
  CHECK(sim.get(list).header("X-HubSpot-RateLimit-Daily-Remaining") == "2");
  sim.get(list);
  sim.get(list);
  const auto refused = sim.get(list);
  CHECK(refused.status == 429);
  CHECK(refused.body["policyName"] == "DAILY");
  sim.wait(23LL * 3600 * 1000);
  CHECK(sim.get(list).status == 429);
  sim.wait(3600LL * 1000);
  CHECK(sim.get(list).status == 200);
}

TEST_CASE("batch associations are outside the ten-second window") {
  Sim sim{limited()};
  for (int i = 0; i < 120; ++i) {
    CHECK(
        sim.post("/crm/v4/associations/contacts/companies/batch/read", {{"inputs", json::array()}}).status ==
        200
    );
  }
  CHECK(sim.get(list).header("X-HubSpot-RateLimit-Remaining") == "99");
}

TEST_CASE("another app eats from the same limits") {
  Sim sim{limited()};
  sim.get(list);
  sim.post("/_sim/rival", {{"calls", 99}, {"burst", true}});
  CHECK(sim.get(list).status == 429);
}

TEST_CASE("windows are counted while limits are off") {
  Sim sim;
  for (int i = 0; i < 130; ++i) {
    CHECK(sim.get(list).status == 200);
  }
  const auto counters = sim.get("/_sim/counters").body;
  CHECK(counters["maxBurst"]["accepted"] == 130);
  CHECK(counters["calls"]["contacts.list"]["calls"] == 130);
}

TEST_CASE("a wrong, revoked or expired token is told apart") {
  Sim sim;
  sim.token = "wrong";
  const auto wrong = sim.get(list);
  CHECK(wrong.status == 401);
  CHECK(wrong.body["category"] == "INVALID_AUTHENTICATION");
  sim.token = "pat-na1-sim";
  sim.post("/_sim/tokens", {{"expires", "2026-01-01T00:00:00Z"}});
  const auto expired = sim.get(list);
  CHECK(expired.body["category"] == "EXPIRED_AUTHENTICATION");
  CHECK(expired.body["context"]["expire time"].is_array());
  sim.post("/_sim/tokens", {{"expires", "0"}});
  CHECK(sim.get(list).status == 200);
  sim.post("/_sim/tokens", {{"revoked", true}});
  CHECK(sim.get(list).body["category"] == "INVALID_AUTHENTICATION");
}

TEST_CASE("a missing scope is named") {
  Sim sim;
  sim.post("/_sim/tokens", {{"token", "reader"}, {"scopes", {"crm.objects.contacts.read"}}});
  sim.token = "reader";
  CHECK(sim.get(list).status == 200);
  CHECK(sim.get("/crm/v3/properties/contacts").status == 200);
  const auto refused = sim.post(list, {{"properties", {{"email", "a@example.com"}}}});
  CHECK(refused.status == 403);
  CHECK(refused.body["category"] == "MISSING_SCOPES");
  CHECK(
      refused.body["errors"][0]["context"]["requiredGranularScopes"] ==
      json::array({"crm.objects.contacts.write"})
  );
  CHECK(sim.get("/crm/v3/objects/companies").status == 403);
  CHECK(sim.get("/account-info/v3/details").status == 200);
}

TEST_CASE("account details and daily usage fit the specification") {
  Sim sim;
  const auto details = sim.get("/account-info/2026-09/details").body;
  CHECK(details["portalId"].is_number());
  CHECK(details["utcOffsetMilliseconds"] == -18'000'000);
  CHECK(details["utcOffset"] == "-05:00");
  const auto usage = sim.get("/account-info/v3/api-usage/daily/private-apps").body["results"][0];
  CHECK(usage["usageLimit"] == 250'000);
  CHECK(usage["currentUsage"] == 2);
}
