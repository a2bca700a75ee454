// The limit over restarts: what the calls of the last process still count for.
#include <memory>

#include <doctest/doctest.h>

#include "daemon/engine/throttle.hpp"
#include "tests/unit/daemon/engine/throttle_rig.hpp"

using namespace hubsync;
using namespace hubsync::test;

TEST_CASE("the limit holds over a restart in the middle of the work") {
  World world{5};
  world.server.there = [&] { return world.up_to(Duration{4'000}); };
  world.server.back = [&] { return world.up_to(Duration{1'000}); };
  for (int restart = 0; restart < 20; ++restart) {
    start_workers(world, 150);
    world.clock.run_for(Duration{5'000} + world.up_to(Duration{30'000}));
    // The process is killed; what it has sent still arrives.
    ++world.process;
    world.throttle = std::make_unique<Throttle>(world.server, world.clock, Throttle::Options{});
    world.throttle->hold_after_restart();
    CHECK(world.throttle->snapshot().available == 0);
  }
  CHECK(world.server.largest_window <= 100);
  CHECK(world.server.arrivals.size() > 1'000);
}

TEST_CASE("the limit holds over clean restarts, which wait for nothing that is not held") {
  World world{5};
  world.server.there = [&] { return world.up_to(Duration{4'000}); };
  world.server.back = [&] { return world.up_to(Duration{1'000}); };
  CHECK(world.throttle->holds().has_value());
  for (int restart = 0; restart < 20; ++restart) {
    start_workers(world, 60);
    world.clock.run_for(Duration{500});
    CHECK_FALSE(world.throttle->holds().has_value());
    ++world.process;
    world.throttle->stop();
    world.clock.run_for(Duration{6'000});  // The last answers come.
    const auto holds = world.throttle->holds();
    REQUIRE(holds);
    world.throttle = std::make_unique<Throttle>(world.server, world.clock, Throttle::Options{});
    REQUIRE(world.throttle->restore_holds(*holds));
    CHECK(world.throttle->snapshot().available == 100 - static_cast<int>(holds->burst.releases.size()));
    world.clock.run_for(world.up_to(Duration{3'000}));
  }
  CHECK(world.server.largest_window <= 100);
  CHECK(world.server.arrivals.size() > 500);
}
