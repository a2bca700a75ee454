// The main job between real programs: both sides equal, and what that costs in calls to HubSpot.
#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

constexpr int many = 1'000;
/// What issue 2 allows for that many edits.
constexpr int few_calls = 25;

/// Without HubSpot's own later writes: they would move rows while they are paged, and calls could not be
/// foretold.
RigOptions seeded(int contacts, int companies) {
  return {
      .sim = {"--contacts", std::to_string(contacts), "--companies", std::to_string(companies), "--no-bump"},
      .settings = {{"sync", {{"full_interval", "\"0\""}}}, {"rate_limit", {{"interval", "\"10s\""}}}}
  };
}

}  // namespace

TEST_CASE("a full sync makes every mapped field and every association equal on both sides, without a 429") {
  Rig rig{seeded(300, 30)};
  rig.start();
  rig.full_sync();
  CHECK(rig.local("contacts").size() == 300);
  CHECK(rig.local("companies").size() == 30);
  CHECK(joined(rig.differences()) == "");
  CHECK(rig.sim().throttled() == 0);
  CHECK(rig.sim().admin("GET", "/_sim/counters").at("mutations") == 0);

  rig.sim().reset_counters();
  CHECK(rig.cli({"sync", "--wait", "--timeout", "60s"}).code == 0);
  CHECK(rig.sim().calls() == 2);
  CHECK(rig.sim().admin("GET", "/_sim/counters").at("mutations") == 0);
}

TEST_CASE("a type that alone had a full sync is polled") {
  RigOptions options = seeded(5, 2);
  options.settings["sync"]["poll_interval"] = "\"1s\"";
  Rig rig{options};
  rig.start();
  REQUIRE(rig.cli({"sync", "contacts", "--full", "--wait", "--timeout", "60s"}).code == 0);
  rig.sim().admin("POST", "/_sim/objects/contacts", {{"properties", {{"email", "new@x.example"}}}});
  CHECK(rig.daemon().wait_until([&] { return rig.local("contacts").size() == 6; }));
  CHECK(rig.local("companies").empty());
}

TEST_CASE("a full sync of what is in sync asks for its pages and nothing more") {
  Rig rig{seeded(2'150, 0)};  // More than are stored at once, so that there is a border between two lots.
  rig.start();
  rig.full_sync();
  rig.sim().reset_counters();
  CHECK(rig.cli({"sync", "contacts", "--full", "--wait", "--timeout", "60s"}).code == 0);
  CHECK(rig.sim().calls() == 22);
}

TEST_CASE("a thousand local edits reach HubSpot in 25 calls, and a thousand remote ones come back in as many"
) {
  Rig rig{seeded(many, 0)};
  rig.start();
  rig.full_sync();

  // How many calls it takes must not hang on how fast this machine makes a thousand edits.
  REQUIRE(rig.cli({"queue", "pause"}).code == 0);
  rig.sim().reset_counters();
  int n = 0;
  for (const Json& record : rig.local("contacts")) {
    const Reply reply = rig.api(
        "PUT",
        "/api/contacts/" + record.at("id").get<std::string>(),
        Json{{"lastName", "Edited " + std::to_string(++n)}}.dump()
    );
    REQUIRE(reply.status == 200);
  }
  REQUIRE(rig.cli({"queue", "resume"}).code == 0);
  rig.settle();
  CHECK(rig.sim().calls() <= few_calls);
  CHECK(joined(rig.differences()) == "");

  rig.sim().reset_counters();
  rig.sim().admin(
      "POST",
      "/_sim/objects/contacts/bulk-edit",
      {{"count", many}, {"properties", {{"firstname", "Remote {n}"}}}}
  );
  CHECK(rig.cli({"sync", "--wait", "--timeout", "60s"}).code == 0);
  rig.settle();
  INFO(rig.sim().admin("GET", "/_sim/counters").at("calls").dump());
  CHECK(rig.sim().calls() <= few_calls);
  CHECK(joined(rig.differences()) == "");
}
