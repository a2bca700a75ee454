// max_delete between real programs: too many deletions wait for a person, on either side (I10).
#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

RigOptions limited_to_five() {
  return {
      .sim = {"--contacts", "60", "--companies", "0", "--no-bump"},
      .settings = {{"sync", {{"full_interval", "\"0\""}, {"max_delete", "5"}}}}
  };
}

std::int64_t archived(Rig& rig) {
  std::int64_t count = 0;
  for (const Json& record : rig.sim().dump("contacts")) {
    count += record.value("archived", false) ? 1 : 0;
  }
  return count;
}

Json only_guard(Rig& rig) {
  const Json guards = rig.get("/api/guards");
  REQUIRE(guards.at("total") == 1);
  return guards.at("items").at(0);
}

std::string release_path(const Json& guard) {
  return "/api/guards/" + guard.at("id").get<std::string>() + "/release";
}

}  // namespace

TEST_CASE("deletions here beyond max_delete reach HubSpot only after their release") {
  Rig rig{limited_to_five()};
  rig.start();
  rig.full_sync();
  REQUIRE(rig.api("POST", "/api/queue/pause").status == 200);
  const std::vector<Json> records = rig.local("contacts");
  for (std::size_t i = 0; i < 12; ++i) {
    REQUIRE(rig.api("DELETE", "/api/contacts/" + records[i].at("id").get<std::string>()).status < 300);
  }
  REQUIRE(rig.api("POST", "/api/queue/resume").status == 200);
  const Finished stopped = rig.cli({"sync", "--wait", "--timeout", "60s"});
  CHECK(stopped.code == 7);
  CHECK(archived(rig) == 0);

  const Json guard = only_guard(rig);
  CHECK(guard.at("count") == 12);
  CHECK(guard.at("direction") == "to_hubspot");
  CHECK(rig.get("/api/sync/status").at("guards").at("pending") == 1);
  REQUIRE(rig.api("POST", release_path(guard)).status == 200);
  rig.settle();
  CHECK(rig.cli({"sync", "--wait", "--timeout", "60s"}).code == 0);
  CHECK(archived(rig) == 12);
  CHECK(rig.api("POST", release_path(guard)).status == 409);
  CHECK(joined(rig.differences()) == "");
}

TEST_CASE(
    "deletions in HubSpot beyond max_delete delete nothing here until their release, also after a restart"
) {
  Rig rig{limited_to_five()};
  rig.start();
  rig.full_sync();
  rig.sim().admin("POST", "/_sim/objects/contacts/bulk-delete", {{"count", 12}});
  CHECK(rig.cli({"sync", "--full", "--wait", "--timeout", "60s"}).code == 7);
  CHECK(rig.local("contacts").size() == 60);
  CHECK(only_guard(rig).at("direction") == "from_hubspot");

  CHECK(rig.stop() == 0);
  rig.start();
  CHECK(rig.cli({"sync", "--full", "--wait", "--timeout", "60s"}).code == 7);
  CHECK(rig.local("contacts").size() == 60);
  REQUIRE(rig.api("POST", release_path(only_guard(rig))).status == 200);
  CHECK(rig.cli({"sync", "--wait", "--timeout", "60s"}).code == 0);
  CHECK(rig.local("contacts").size() == 48);
  CHECK(rig.get("/api/guards").at("total") == 0);
}
