#include "daemon/engine/push.hpp"

#include <doctest/doctest.h>

#include "tests/unit/daemon/engine/engine_rig.hpp"

using namespace hubsync;
using hubsync::test::EngineRig;

TEST_CASE("a contact that somebody makes in HubSpot right before we do is taken for ours") {
  EngineRig rig;
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  std::int64_t theirs = 0;
  rig.transport.before = [&](const HttpRequest& request) {
    if (theirs == 0 && request.target.ends_with("/contacts/batch/upsert")) {
      theirs = rig.make("contacts", R"({"email":"race@x.example","lastname":"Remote"})");
    }
  };
  const auto made = rig.data.repository->create_record(
      {.type = "contacts", .fields = {{"email", "race@x.example"}, {"firstName", "Local"}}, .actor = "app"},
      rig.clock.now()
  );
  REQUIRE(made);
  rig.engine->local_edits();
  rig.wait(std::chrono::minutes{2});
  REQUIRE(theirs != 0);
  REQUIRE(rig.record("contacts", theirs));
  CHECK(rig.record("contacts", theirs)->id == made->id);
  CHECK(rig.record("contacts", theirs)->status == SyncStatus::synced);
  CHECK(rig.value("contacts", theirs, "lastName") == "Remote");
  CHECK(rig.data.count("SELECT count(*) FROM records WHERE type = 'contacts'") == 1);
}
