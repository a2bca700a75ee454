#include "daemon/engine/clocks.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "tests/unit/daemon/engine/engine_rig.hpp"

using namespace hubsync;
using hubsync::test::EngineRig;

TEST_CASE("a Date within its second and the time its answer took tells of no skew") {
  EngineRig rig;
  for (int i = 0; i < 20; ++i) {
    rig.trigger(true);
    rig.wait(Duration{1'730});
    CHECK(rig.throttle.snapshot().clock_skew == Duration{0});
  }
}

TEST_CASE("the time in HubSpot goes on whatever becomes of our clock, whose setting is told") {
  EngineRig rig;
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  const Instant hubspot = rig.throttle.hubspot_time().value();
  rig.clock.set_wall(rig.clock.now() + std::chrono::hours{9'000});
  CHECK(rig.throttle.hubspot_time() == hubspot);
  rig.trigger(false);
  rig.wait(std::chrono::minutes{1});
  CHECK(rig.throttle.snapshot().clock_skew < -std::chrono::hours{8'999});
  CHECK(std::ranges::count(rig.events.kinds, "clock.set") == 1);
}

TEST_CASE("an edit made while the clock was wrong and HubSpot away is sent once both are right") {
  EngineRig rig;
  rig.stop();
  rig.admin(
      "POST",
      "/_sim/faults",
      R"({"method":"GET","path":"/account-info/","action":"answer","status":503,"count":-1})"
  );
  rig.start();
  const Instant right = rig.clock.now();
  rig.clock.set_wall(right + std::chrono::hours{20});
  const auto made = rig.data.repository->create_record(
      {.type = "contacts", .fields = {{"email", "ada@x.example"}}, .actor = "uid 1000"}, rig.clock.now()
  );
  REQUIRE(made);
  rig.engine->local_edits();
  rig.wait(std::chrono::seconds{10});
  rig.clock.set_wall(right + std::chrono::seconds{10});
  rig.admin("DELETE", "/_sim/faults");
  rig.wait(std::chrono::minutes{10});
  CHECK(rig.data.get(*made).status == SyncStatus::synced);
}
