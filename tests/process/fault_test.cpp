// The real programs with a network that loses, delays and cuts between them.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/process/fault_proxy.hpp"
#include "tests/process/workload.hpp"

using namespace hubsync::rig;

namespace {

struct Scene {
  std::string name;
  std::vector<Fault> faults;
  int percent;
};

std::int64_t count_hits(const std::vector<FaultProxy::Passed>& requests) {
  return std::ranges::count_if(requests, [](const auto& one) { return one.fault != "-"; });
}

/// Calls that the daemon knows of since its start.
std::int64_t calls_sent(Rig& rig) {
  return rig.get("/api/sync/status").at("rateLimit").at("dailyUsed");
}

}  // namespace

TEST_CASE(
    "whatever the network does to requests and answers, creates are never doubled and both sides end equal"
) {
  const std::vector<Scene> scenes{
      {"lost before HubSpot", {Fault::drop_before}, 40},
      {"lost after HubSpot did it", {Fault::drop_after, Fault::reset, Fault::truncate}, 40},
      {"dead keep-alive connections", {Fault::dead}, 50},
      {"answers in pieces", {Fault::trickle}, 100},
  };
  std::uint64_t seed = 0;
  for (const Scene& scene : scenes) {
    CAPTURE(scene.name);
    Rig rig{{.settings = {{"sync", {{"poll_interval", "\"500ms\""}}}}}};
    FaultProxy proxy{
        rig.directory() / "proxy",
        rig.sim().url().substr(rig.sim().url().rfind(':') + 1),
        scene.faults,
        scene.percent,
        ++seed
    };
    rig.configure({{"hubspot", {{"base_url", "\"" + proxy.url() + "\""}}}});
    rig.start();
    Workload work{rig, seed};
    const auto busy_enough = [&] {
      work.below(4) == 0 ? work.act_in_hubspot() : work.act_here();
      return count_hits(proxy.requests()) >= 6;
    };
    CHECK(rig.daemon().wait_until(busy_enough));
    proxy.calm();
    // What was under way may still be given up on: only then everything that failed can be tried again.
    rig.settle();
    rig.cli({"retry", "--all"});
    rig.settle();
    rig.full_sync();
    CHECK(joined(work.losses()) == "");
    CHECK(joined(work.doubles()) == "");
    INFO(rig.get("/api/conflicts").dump(1));
    INFO(rig.get("/api/queue").dump(1));
    CHECK(joined(rig.differences()) == "");
    // Between two polls every call was made once: libcurl sends nothing again by itself.
    CHECK(rig.daemon().wait_until([&] { return calls_sent(rig) == std::ssize(proxy.requests()); }));
    CHECK(rig.stop() == 0);
  }
}
