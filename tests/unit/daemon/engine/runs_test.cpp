#include "daemon/engine/runs.hpp"

#include <algorithm>
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

TEST_CASE("a full run that has ended leaves no cursors of its walks") {
  EngineRig rig;
  const Contact contact{rig};
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  REQUIRE(rig.data.repository->status().last_full->state == RunState::succeeded);
  CHECK(rig.data.count("SELECT count(*) FROM cursors WHERE name LIKE 'walk:%'") == 0);
  CHECK(rig.data.count("SELECT count(*) FROM cursors WHERE name LIKE 'poll:%'") == 2);
}

namespace {

/// A contact with an edit that HubSpot takes no writes of.
struct UnwritableContact : Contact {
  explicit UnwritableContact(EngineRig& the_rig) : Contact(the_rig) {
    refuse(rig, "/crm/objects/2026-09/contacts/batch/update", 403);
    edit_here("phone", "2");
    rig.engine->local_edits();
    rig.wait(std::chrono::seconds{10});
  }

  Run poll() {
    rig.trigger(false);
    rig.wait(std::chrono::seconds{10});
    return rig.data.repository->list_runs(1, 1).items.at(0);
  }
  [[nodiscard]] std::int64_t told(const std::string& kind) const {
    return std::ranges::count(rig.events.kinds, kind);
  }
};

}  // namespace

TEST_CASE("a scope that writing lacks stays a problem while reading goes well, until a write is taken") {
  EngineRig rig;
  UnwritableContact contact{rig};
  for (int i = 0; i < 20; ++i) {
    const Run run = contact.poll();
    CHECK(run.state == RunState::partial);
    REQUIRE(run.error);
    CHECK(run.error->code == ErrorCode::refused);
    CHECK(rig.engine->state() == Engine::State::degraded);
    REQUIRE(rig.engine->problems().size() == 1);
    CHECK(rig.engine->problems().at(0).field == "contacts");
  }
  CHECK(contact.told("hubspot.denied") == 1);
  CHECK(contact.told("hubspot.back") == 0);
  rig.admin("DELETE", "/_sim/faults");
  rig.wait(std::chrono::minutes{2});
  CHECK(rig.engine->state() == Engine::State::idle);
  CHECK(contact.told("hubspot.back") == 1);
  CHECK(contact.poll().state == RunState::succeeded);
}

TEST_CASE("a scope that writing lacks is no problem any more once nothing waits to be written") {
  EngineRig rig;
  UnwritableContact contact{rig};
  REQUIRE(rig.engine->problems().size() == 1);
  contact.edit_here("phone", "1");
  rig.engine->local_edits();
  rig.wait(std::chrono::minutes{2});
  CHECK(rig.engine->problems().empty());
}

TEST_CASE("a scope that writing lacks is asked for anew with another token") {
  EngineRig rig;
  UnwritableContact contact{rig};
  REQUIRE(rig.engine->problems().size() == 1);
  rig.engine->set_paused(true);
  rig.clock.start(rig.engine->renew_token([] { return nullptr; }));
  rig.wait(std::chrono::seconds{10});
  CHECK(rig.engine->problems().empty());
}

namespace {

Task<void> dry_run(EngineRig& rig, std::string& id) {
  const auto triggered = co_await rig.engine->trigger({}, false, true);
  REQUIRE(triggered);
  id = triggered->run_id;
}

/// Why a dry run of everything failed.
std::string why_no_plan(EngineRig& rig) {
  std::string id;
  rig.clock.start(dry_run(rig, id));
  rig.wait();
  const auto run = rig.data.repository->find_run(id);
  REQUIRE(run);
  CHECK(run->state == RunState::failed);
  return run->error ? run->error->message : "";
}

Task<void> verify(EngineRig& rig, std::string& why) {
  const auto part = co_await rig.engine->verify("contacts", "");
  why = part ? "" : part.error().message;
}

const std::string spent_text = "the daily budget of calls is spent until ";

}  // namespace

TEST_CASE("a plan and a comparison fail at once where the day's calls are used up") {
  EngineRig rig;
  const Contact contact{rig};
  rig.throttle.configure({.burst = {.capacity = 10'000}, .daily = 1});
  CHECK(why_no_plan(rig).starts_with(spent_text));
  std::string why;
  rig.clock.start(verify(rig, why));
  rig.wait();
  CHECK(why.starts_with(spent_text));
}

TEST_CASE("a plan does not wait behind a run that waits for the next day's calls, which then goes on") {
  EngineRig rig;
  Contact contact{rig};
  rig.edit("contacts", contact.hubspot_id, R"({"phone":"2"})");
  const std::int64_t used = rig.throttle.snapshot().daily_used;
  rig.throttle.configure({.burst = {.capacity = 10'000}, .daily = used + 1});
  rig.trigger(false);
  rig.wait();
  CHECK(rig.engine->state() == Engine::State::degraded);
  CHECK(why_no_plan(rig).starts_with(spent_text));
  CHECK(rig.value("contacts", contact.hubspot_id, "phone") == "1");
  rig.throttle.configure({.burst = {.capacity = 10'000}, .daily = 100'000});
  rig.wait(std::chrono::hours{25});
  CHECK(rig.value("contacts", contact.hubspot_id, "phone") == "2");
  CHECK(rig.engine->problems().empty());
}
