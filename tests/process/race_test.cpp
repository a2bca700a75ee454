// The race that HubSpot cannot prevent: it has no conditional write, so somebody may write between our read
// and our write (I6).
#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

bool fault_was_met(Rig& rig) {
  return rig.sim().admin("GET", "/_sim/faults").at("faults").at(0).at("hits") == 1;
}

}  // namespace

TEST_CASE("a value written in HubSpot between our read and our write becomes a conflict, with both values") {
  Rig rig{
      {.sim = {"--contacts", "3", "--companies", "0", "--no-bump"},
       .settings = {{"sync", {{"full_interval", "\"0\""}, {"poll_interval", "\"8s\""}}}}}
  };
  rig.start();
  rig.full_sync();
  const Json record = rig.local("contacts").at(0);
  const std::string id = record.at("id");
  const std::string hubspot_id = record.at("hubspotId");

  // Right after a poll, so that the next one does not see the foreign value before we write over it.
  const Json before = rig.get("/api/sync/status").at("lastPoll");
  REQUIRE(rig.daemon().wait_until([&] { return rig.get("/api/sync/status").at("lastPoll") != before; }));
  // The read's answer is on its way for long enough that a person can edit.
  rig.sim().admin(
      "POST",
      "/_sim/faults",
      {{"method", "GET"},
       {"path", "/crm/objects/2026-09/contacts/" + hubspot_id},
       {"action", "delay"},
       {"delay", "1s"},
       {"count", 1}}
  );
  REQUIRE(rig.api("PUT", "/api/contacts/" + id, R"({"phone":"+49 30 5550001"})").status == 200);
  REQUIRE(rig.daemon().wait_until([&] { return fault_was_met(rig); }));
  rig.sim().admin(
      "PATCH", "/_sim/objects/contacts/" + hubspot_id, {{"properties", {{"phone", "+1 555 0100"}}}}
  );
  REQUIRE(rig.daemon().wait_until([&] {
    return rig.sim().value("contacts", hubspot_id, "phone") == "+49 30 5550001";
  }));

  REQUIRE(rig.daemon().wait_until([&] { return rig.get("/api/conflicts").at("total") == 1; }));
  const Json conflict = rig.get("/api/conflicts").at("items").at(0);
  CHECK(conflict.at("entityId") == id);
  CHECK(conflict.at("conflictingFields") == Json::array({"phone"}));
  CHECK(conflict.at("localVersion").at("phone") == "+49 30 5550001");
  CHECK(conflict.at("hubspotVersion").at("phone") == "+1 555 0100");

  // Keeping what was overwritten brings it back on both sides.
  const std::string path = "/api/conflicts/" + conflict.at("id").get<std::string>() + "/resolve";
  REQUIRE(rig.api("POST", path, R"({"resolution":"keep_hubspot"})").status == 200);
  rig.settle();
  CHECK(rig.sim().value("contacts", hubspot_id, "phone") == "+1 555 0100");
  CHECK(rig.get("/api/contacts/" + id).at("phone") == "+1 555 0100");
}
