#include "daemon/engine/scheduler.hpp"

#include <doctest/doctest.h>

#include "tests/unit/daemon/engine/engine_rig.hpp"

using namespace hubsync;
using hubsync::test::EngineRig;

namespace {

/// A portal with one contact that is in step, and its id here.
LocalId synced_contact(EngineRig& rig) {
  const auto id = rig.make("contacts", R"({"email":"a@x.example"})");
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  REQUIRE(rig.record("contacts", id));
  REQUIRE(rig.engine->state() == Engine::State::idle);
  return rig.record("contacts", id)->id;
}

void edit(EngineRig& rig, const LocalId& id, const std::string& phone) {
  const LocalEdit edit{.type = "contacts", .id = id, .fields = {{"phone", phone}}};
  REQUIRE(rig.data.repository->update_record(edit, rig.clock.now()));
  rig.engine->local_edits();
}

}  // namespace

TEST_CASE("from a local edit until it is in HubSpot the engine is not idle") {
  EngineRig rig;
  const LocalId id = synced_contact(rig);
  const int before = rig.calls("POST /crm/objects/2026-09/contacts/batch/update");
  edit(rig, id, "+49 1");
  CHECK(rig.engine->state() == Engine::State::syncing);
  while (rig.engine->state() != Engine::State::idle) {
    rig.wait(std::chrono::milliseconds{1});
  }
  CHECK(rig.calls("POST /crm/objects/2026-09/contacts/batch/update") == before + 1);
  CHECK(rig.data.repository->status().queue.pending == 0);
}

TEST_CASE("what a pause holds back keeps the engine paused, not busy") {
  EngineRig rig;
  const LocalId id = synced_contact(rig);
  rig.engine->set_paused(true);
  edit(rig, id, "+49 1");
  CHECK(rig.engine->state() == Engine::State::paused);
  rig.engine->set_paused(false);
  CHECK(rig.engine->state() == Engine::State::syncing);
  rig.wait(std::chrono::seconds{5});
  CHECK(rig.engine->state() == Engine::State::idle);
}
