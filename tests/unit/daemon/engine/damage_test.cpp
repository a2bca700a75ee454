#include <algorithm>

#include <doctest/doctest.h>

#include "daemon/ports/store_error.hpp"
#include "tests/unit/daemon/engine/engine_rig.hpp"

using namespace hubsync;
using hubsync::test::EngineRig;

namespace {

/// Notes how the engine's work ended.
Task<void> watch(Engine& engine, std::string& ended) {
  try {
    co_await engine.run();
    ended = "stopped";
  } catch (const StoreCorrupt&) {
    ended = "damaged";
  }
}

}  // namespace

TEST_CASE("damage that a flow meets ends all flows of the engine, and is told as the problem") {
  EngineRig rig;
  rig.stop();
  rig.engine = std::make_unique<Engine>(
      Engine::Ports{rig.client, rig.store, rig.clock, rig.random, rig.events},
      Engine::Options{.rules = rig.rules, .retry = {}},
      Engine::Line{.calls = [] { return std::int64_t{0}; }}
  );
  std::string ended;
  rig.clock.start(watch(*rig.engine, ended));
  rig.wait(std::chrono::minutes{1});
  const auto made = rig.data.repository->create_record(
      {.type = "contacts", .fields = {{"email", "ada@example.org"}}}, rig.clock.now()
  );
  REQUIRE(made.has_value());
  rig.data.db.execute("UPDATE records SET local = 'oops'");
  const auto writes = [&rig] { return rig.calls("POST /crm/objects/2026-09/contacts/batch/upsert"); };
  rig.engine->local_edits();
  rig.wait(std::chrono::minutes{5});
  CHECK(ended == "damaged");
  CHECK(writes() == 0);
  CHECK(std::ranges::count(rig.events.kinds, "store.damaged") == 1);
  CHECK(rig.engine->state() == Engine::State::degraded);
  REQUIRE(rig.engine->problems().size() == 1);
  CHECK(rig.engine->problems().front().message.starts_with("nothing is written any more: the database: "));
}
