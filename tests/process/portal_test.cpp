// What a portal lets us do, between real programs: paths it does not serve and scopes it does not grant.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

void refuse(Rig& rig, const std::string& path, int status) {
  rig.sim().admin(
      "POST", "/_sim/faults", {{"path", path}, {"action", "answer"}, {"status", status}, {"count", -1}}
  );
}

RigOptions small() {
  return {
      .sim = {"--contacts", "20", "--companies", "5", "--no-bump"},
      .settings = {{"sync", {{"full_interval", "\"0\""}}}}
  };
}

}  // namespace

TEST_CASE("a portal that tells neither whose it is nor its properties is synced all the same") {
  Rig rig{small()};
  SUBCASE("they are not served") {
    refuse(rig, "/account-info/", 404);
    refuse(rig, "/crm/properties/", 404);
  }
  SUBCASE("the token may not ask whose it is") {
    refuse(rig, "/account-info/", 403);
  }
  rig.start();
  rig.full_sync();
  REQUIRE(rig.api("POST", "/api/contacts", R"({"email":"new@example.com"})").status == 201);
  rig.settle();
  CHECK(joined(rig.differences()) == "");
  CHECK(rig.get("/api/sync/status").at("state") == "idle");
}

TEST_CASE("a store that belongs to a portal waits for a person when the next token does not tell whose it is"
) {
  Rig rig{small()};
  rig.start();
  rig.full_sync();
  rig.stop();
  refuse(rig, "/account-info/", 403);
  rig.sim().reset_counters();
  rig.start();
  CHECK(rig.cli({"sync", "--wait", "--timeout", "20s"}).code == 7);
  CHECK(rig.get("/api/sync/status").at("problems").at(0).at("code") == "guarded");
  CHECK(rig.sim().admin("GET", "/_sim/counters").at("calls").value("search", 0) == 0);
}

TEST_CASE("a type that the token may not read fails its run, and the others are synced") {
  Rig rig{small()};
  refuse(rig, "/crm/objects/2026-09/companies", 403);
  SUBCASE("its records") {}
  SUBCASE("its records and properties") {
    refuse(rig, "/crm/properties/2026-09/companies", 403);
  }
  rig.start();
  const Finished run = rig.cli({"sync", "--full", "--wait", "--timeout", "30s"});
  CHECK(run.code == 5);
  CHECK(rig.local("contacts").size() == 20);
  CHECK(rig.local("companies").empty());
  const Json problems = rig.get("/api/sync/status").at("problems");
  REQUIRE(problems.size() == 1);
  CHECK(problems.at(0).at("field") == "companies");
  const auto message = problems.at(0).at("message").get<std::string>();
  CHECK(message.starts_with("HubSpot takes no reads of companies: HubSpot answered 403"));
  const Finished doctor = rig.cli({"doctor"});
  CHECK(doctor.code == 5);
  CHECK(doctor.out.contains("reading companies"));
  CHECK_FALSE(doctor.out.contains("writing companies"));

  rig.sim().admin("DELETE", "/_sim/faults");
  CHECK(rig.cli({"sync", "--full", "--wait", "--timeout", "30s"}).code == 0);
  CHECK(rig.local("companies").size() == 5);
  CHECK(rig.get("/api/sync/status").at("problems").empty());
}

TEST_CASE("a first full sync that HubSpot's outage made fail is made up for once it is over") {
  RigOptions options = small();
  options.settings["sync"] = {{"poll_interval", "\"1s\""}};
  options.settings["retry"] = {{"base", "\"100ms\""}, {"max_retries", "1"}};
  Rig rig{options};
  refuse(rig, "/crm/objects/2026-09/", 503);
  rig.start();
  REQUIRE(rig.daemon().wait_until([&] {
    return std::ranges::any_of(rig.get("/api/sync/runs").at("items"), [](const Json& run) {
      return run.at("kind") == "full" && run.at("state") == "failed";
    });
  }));
  rig.sim().admin("DELETE", "/_sim/faults");
  CHECK(rig.daemon().wait_until([&] {
    return rig.local("contacts").size() == 20 && rig.local("companies").size() == 5;
  }));
}

TEST_CASE("a dry run plans what a paused queue holds, and counts nothing that is sent meanwhile") {
  Rig rig{small()};
  rig.start();
  rig.full_sync();
  REQUIRE(rig.cli({"queue", "pause"}).code == 0);
  REQUIRE(rig.api("POST", "/api/contacts", R"({"email":"new@example.com"})").status == 201);
  const auto creates = [&rig] {
    return rig.cli_json({"sync", "contacts", "--dry-run"}).at("counts").at("toHubspot").at("created");
  };
  CHECK(creates() == 1);
  REQUIRE(rig.cli({"queue", "resume"}).code == 0);
  rig.settle();
  CHECK(creates() == 0);
}

TEST_CASE("a company is found by its domain among more companies than one read takes") {
  Rig rig{
      {.sim = {"--contacts", "0", "--companies", "0", "--no-bump"},
       .settings = {{"sync", {{"full_interval", "\"0\""}}}}}
  };
  rig.start();
  rig.full_sync();
  rig.sim().admin(
      "POST", "/_sim/objects/companies", {{"count", 130}, {"properties", {{"domain", "shared.example"}}}}
  );
  rig.sim().admin("POST", "/_sim/objects/companies", {{"properties", {{"domain", "last.example"}}}});
  REQUIRE(rig.cli({"queue", "pause"}).code == 0);
  for (const char* const body : {R"({"domain":"shared.example"})", R"({"domain":"last.example"})"}) {
    REQUIRE(rig.api("POST", "/api/companies", body).status == 201);
  }
  REQUIRE(rig.cli({"queue", "resume"}).code == 0);
  rig.settle();
  std::int64_t last = 0;
  for (const Json& company : rig.sim().dump("companies")) {
    last += company.at("properties").value("domain", "") == "last.example" ? 1 : 0;
  }
  CHECK(last == 1);
}
