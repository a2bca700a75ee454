#include "daemon/engine/runs.hpp"

#include <optional>

#include <doctest/doctest.h>

#include "tests/unit/daemon/engine/engine_rig.hpp"

using namespace hubsync;
using hubsync::test::EngineRig;

namespace {

Task<void> sync_one(EngineRig& rig, LocalId id, std::optional<Run>& ended) {
  const auto run = co_await rig.engine->sync_entity("contacts", id);
  REQUIRE(run.has_value());
  ended = *run;
}

/// A contact that is the same on both sides.
struct Contact {
  explicit Contact(EngineRig& the_rig) : rig(the_rig) {
    hubspot_id = rig.make("contacts", R"({"email":"a@x.example","phone":"1"})");
    rig.trigger(true);
    rig.wait(std::chrono::seconds{30});
    REQUIRE(rig.record("contacts", hubspot_id));
    id = rig.record("contacts", hubspot_id)->id;
  }

  void edit_here(const std::string& field, const std::string& value) {
    REQUIRE(rig.data.repository->update_record(
        {.type = "contacts", .id = id, .fields = {{field, value}}, .actor = "app"}, rig.clock.now()
    ));
  }
  Run sync() {
    std::optional<Run> ended;
    rig.clock.start(sync_one(rig, id, ended));
    rig.wait();
    REQUIRE(ended);
    return *ended;
  }

  EngineRig& rig;
  std::int64_t hubspot_id = 0;
  LocalId id;
};

void refuse(EngineRig& rig, const std::string& path, int status) {
  rig.admin(
      "POST",
      "/_sim/faults",
      "{\"path\":\"" + path + "\",\"action\":\"answer\",\"count\":-1,\"status\":" + std::to_string(status) +
          "}"
  );
}

}  // namespace

TEST_CASE("syncing one record fails where HubSpot cannot be read, and what is pending stays so") {
  EngineRig rig;
  Contact contact{rig};
  rig.edit("contacts", contact.hubspot_id, R"({"phone":"2"})");
  std::string why;
  SUBCASE("it is down") {
    refuse(rig, "/crm/objects/", 503);
    why = "HubSpot answered 503";
  }
  SUBCASE("the day's budget is spent") {
    rig.throttle.configure({.burst = {.capacity = 10'000}, .daily = 1});
    why = "the daily budget of calls is spent";
  }
  const Run nothing_pending = contact.sync();
  CHECK(nothing_pending.state == RunState::failed);
  contact.edit_here("lastName", "Lovelace");
  const Run with_an_edit = contact.sync();
  CHECK(with_an_edit.state == RunState::failed);
  REQUIRE(with_an_edit.error);
  CHECK(with_an_edit.error->message.starts_with(why));
  CHECK(with_an_edit.error->code == ErrorCode::unavailable);
  CHECK(rig.value("contacts", contact.hubspot_id, "phone") == "1");
  CHECK(rig.record("contacts", contact.hubspot_id)->status == SyncStatus::pending);
  CHECK(rig.data.repository->list_due(1, 10).total == 1);
}

TEST_CASE("syncing one record fails where HubSpot does not take its edit for the token's sake") {
  EngineRig rig;
  Contact contact{rig};
  refuse(rig, "/crm/objects/2026-09/contacts/batch/update", 403);
  contact.edit_here("phone", "2");
  const Run run = contact.sync();
  CHECK(run.state == RunState::failed);
  REQUIRE(run.error);
  CHECK(run.error->code == ErrorCode::refused);
}
