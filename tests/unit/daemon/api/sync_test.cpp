#include <doctest/doctest.h>

#include "tests/unit/daemon/api/fixture.hpp"

using namespace hubsync;
using namespace hubsync::api;

namespace {

hubsync::Run finished(RunKind kind, Instant at, RunState state = RunState::succeeded) {
  return {
      .id = "r", .kind = kind, .types = {"contacts"}, .state = state, .started_at = at, .finished_at = at
  };
}

}  // namespace

TEST_CASE("status puts store, engine, limits and webhooks together") {
  ApiFixture api;
  api.engine.now = Engine::State::syncing;
  api.repository.totals.records["contacts"] = {
      .total = 9, .synced = 5, .pending = 2, .conflict = 1, .error = 1
  };
  api.repository.totals.queue = {.pending = 2, .running = 1, .retrying = 3, .failed = 4, .completed = 5};
  api.repository.totals.open_conflicts = 6;
  const auto response = api.get("/api/sync/status");
  CHECK(response.status == 200);
  const auto status = body_of<Status>(response);
  CHECK(status.state == "syncing");
  CHECK(status.version == "1.2.3");
  CHECK(status.uptime_seconds == 90);
  CHECK(status.records.at("contacts").total == 9);
  CHECK(status.records.at("contacts").error == 1);
  CHECK(status.records.at("companies").total == 0);
  CHECK(status.queue.retrying == 3);
  CHECK(status.queue.completed == 5);
  CHECK(status.rate_limit.capacity == 100);
  CHECK(status.rate_limit.available == 100);
  CHECK(status.rate_limit.interval_ms == 10'000);
  CHECK(status.rate_limit.daily_limit == 250'000);
  CHECK(status.webhooks.received == 7);
  CHECK(status.conflicts.pending == 6);
  CHECK_FALSE(status.last_full_sync);
  CHECK(response.body.contains(R"("lastPoll":null,"freshness":"unknown")"));
}

TEST_CASE("a daemon that has just taken an edit or an event is not idle before it has worked it off") {
  ApiFixture api;
  CHECK(body_of<Status>(api.get("/api/sync/status")).state == "idle");
  SUBCASE("an edit") {
    api.repository.ready["contacts"] = 1;
  }
  SUBCASE("an event") {
    api.repository.totals.inbox.backlog = 1;
  }
  CHECK(body_of<Status>(api.get("/api/sync/status")).state == "syncing");
  api.engine.now = Engine::State::paused;
  CHECK(body_of<Status>(api.get("/api/sync/status")).state == "paused");
}

TEST_CASE("freshness is what the last successful run and the last change make it") {
  ApiFixture api;
  api.repository.totals.seen_at = api.clock.now() - std::chrono::minutes{1};
  CHECK(body_of<Status>(api.get("/api/sync/status")).freshness == "current");
  api.services.started_at = api.clock.now() - std::chrono::hours{5};
  CHECK(body_of<Status>(api.get("/api/sync/status")).freshness == "idle");
  api.repository.totals.inbox.last_event_at = api.clock.now() - std::chrono::minutes{2};
  CHECK(body_of<Status>(api.get("/api/sync/status")).freshness == "current");
  api.repository.totals.seen_at = api.clock.now() - std::chrono::hours{2};
  CHECK(body_of<Status>(api.get("/api/sync/status")).freshness == "stalled");
  api.repository.totals.running_since = api.clock.now() - std::chrono::hours{2} + std::chrono::minutes{1};
  CHECK(body_of<Status>(api.get("/api/sync/status")).freshness == "current");
  api.engine.why = {Error{ErrorCode::refused, "HubSpot takes no writes of contacts", "", "contacts"}};
  CHECK(body_of<Status>(api.get("/api/sync/status")).freshness == "current");
  api.engine.why.push_back(Error{ErrorCode::unavailable, "no answer from HubSpot", "", ""});
  CHECK(body_of<Status>(api.get("/api/sync/status")).freshness == "stalled");
}

TEST_CASE("status shows the last full run and the last poll") {
  ApiFixture api;
  api.repository.totals.last_full = finished(RunKind::full, api.clock.now() - std::chrono::hours{48});
  const auto status = body_of<Status>(api.get("/api/sync/status"));
  REQUIRE(status.last_full_sync);
  CHECK(status.last_full_sync->kind == "full");
  CHECK_FALSE(status.last_poll);
}

TEST_CASE("a trigger is 202 for a new run and 200 for one it joined") {
  ApiFixture api;
  const auto fresh =
      api.send("POST", "/api/sync/trigger", R"({"types":["contact","contacts"],"full":true,"dryRun":true})");
  CHECK(fresh.status == 202);
  CHECK(fresh.body == R"({"runId":"run-1","joined":false})");
  CHECK(api.engine.types == std::vector<std::string>{"contacts"});
  CHECK(api.engine.full);
  CHECK(api.engine.dry_run);
  api.engine.trigger_answer = Engine::Triggered{.run_id = "run-0", .joined = true};
  const auto joined = api.send("POST", "/api/sync/trigger");
  CHECK(joined.status == 200);
  CHECK(joined.body == R"({"runId":"run-0","joined":true})");
  CHECK(api.engine.types.empty());
  CHECK_FALSE(api.engine.full);
}

TEST_CASE("a bad trigger starts nothing") {
  struct Case {
    std::string body;
    std::string field;
  };
  for (const auto& [body, field] : std::vector<Case>{
           {"{", ""},
           {"[]", ""},
           {R"({"types":["deals"]})", "types"},
           {R"({"types":"contacts"})", "types"},
           {R"({"full":"yes"})", "full"},
           {R"({"dryrun":true})", "dryrun"}
       }) {
    CAPTURE(body);
    ApiFixture api;
    api.engine.types = {"untouched"};
    const auto response = api.send("POST", "/api/sync/trigger", body);
    CHECK(response.status == 400);
    CHECK(error_in(response).field == field);
    CHECK(api.engine.types == std::vector<std::string>{"untouched"});
  }
}

TEST_CASE("what the engine refuses keeps its kind") {
  ApiFixture api;
  api.engine.trigger_answer = fail(ErrorCode::unavailable, "the daemon is stopping");
  CHECK(api.send("POST", "/api/sync/trigger").status == 503);
  api.engine.entity_answer = fail(ErrorCode::refused, "HubSpot refuses the token");
  api.add_record("r", "contacts", {});
  CHECK(api.send("POST", "/api/sync/entity/contacts/r").status == 502);
}

TEST_CASE("a run that goes on is shown with its progress as of now") {
  ApiFixture api;
  hubsync::Run run{.id = "run-1", .kind = RunKind::full, .types = {"contacts"}};
  run.counts.from_hubspot.created = 40;
  api.repository.runs.push_back(run);
  run.progress["contacts"] = {.done = 50, .total = 200};
  run.api_calls = 12;
  run.counts = {};
  api.engine.live = run;
  for (const auto& shown :
       {body_of<api::Run>(api.get("/api/sync/runs/run-1")),
        body_of<api::Page<api::Run>>(api.get("/api/sync/runs")).items.at(0)}) {
    CHECK(shown.state == "running");
    CHECK(shown.progress.at("contacts").done == 50);
    CHECK(shown.progress.at("contacts").total == 200);
    CHECK(shown.api_calls == 12);
    CHECK(shown.counts.from_hubspot.created == 40);
    CHECK_FALSE(shown.plan);
  }
}

TEST_CASE("a run that is not saved yet is shown, and a dry run counts in the engine alone") {
  ApiFixture api;
  hubsync::Run run{.id = "run-1", .kind = RunKind::full, .types = {"contacts"}, .dry_run = true};
  run.counts.to_hubspot.updated = 2;
  api.engine.live = run;
  CHECK(body_of<api::Run>(api.get("/api/sync/runs/run-1")).counts.to_hubspot.updated == 2);
  run.counts = {};
  api.repository.runs.push_back(run);
  CHECK(body_of<api::Run>(api.get("/api/sync/runs/run-1")).counts.to_hubspot.updated == 2);
}

TEST_CASE("a failed run keeps why, whatever the daemon's problems are by now") {
  ApiFixture api;
  auto run = finished(RunKind::full, api.clock.now(), RunState::failed);
  run.error = Error{ErrorCode::refused, "HubSpot refuses the token", "make a new one"};
  api.repository.runs.push_back(run);
  const auto error = body_of<api::Run>(api.get("/api/sync/runs/r")).error;
  REQUIRE(error);
  CHECK(error->code == ErrorCode::refused);
  CHECK(error->hint == "make a new one");
}

TEST_CASE("a finished dry run shows its plan: what would travel, and each conflict on its own") {
  ApiFixture api;
  auto run = finished(RunKind::full, api.clock.now());
  run.dry_run = true;
  api.repository.runs.push_back(run);
  hubsync::PlannedChange both{
      .type = "contacts",
      .record = {"a"},
      .hubspot_id = HubspotId{512},
      .direction = SyncDirection::to_hubspot,
      .action = RecordAction::merge,
      .before = {{"phone", "1"}, {"email", "a@b.c"}},
      .after = {{"phone", ""}, {"email", "a@b.c"}},
      .conflicts = {{.field = "firstName", .local = "Ada", .remote = "Eda", .base = BasePair{"Ida", "Ida"}}}
  };
  hubsync::PlannedChange gone{
      .type = "contacts",
      .record = {"b"},
      .direction = SyncDirection::from_hubspot,
      .action = RecordAction::delete_local,
      .before = {{"phone", "2"}}
  };
  hubsync::PlannedChange fresh{
      .type = "companies",
      .hubspot_id = HubspotId{7},
      .direction = SyncDirection::from_hubspot,
      .action = RecordAction::create_local,
      .after = {{"name", "Initech"}}
  };
  hubsync::PlannedChange disputed{
      .type = "contacts", .record = {"c"}, .action = RecordAction::deletion_conflict
  };
  api.engine.plans["r"] = {both, gone, fresh, disputed};
  const auto shown = body_of<api::Run>(api.get("/api/sync/runs/r"));
  REQUIRE(shown.plan);
  REQUIRE(shown.plan->size() == 5);
  const auto& plan = *shown.plan;
  CHECK(plan[0].action == "update");
  CHECK(plan[0].direction == "to_hubspot");
  REQUIRE(plan[0].fields.size() == 1);
  CHECK(plan[0].fields[0].field == "phone");
  CHECK(plan[0].fields[0].before == "1");
  CHECK_FALSE(plan[0].fields[0].after);
  CHECK(plan[1].action == "conflict");
  CHECK_FALSE(plan[1].direction);
  CHECK(plan[1].conflicts.at(0).hubspot == "Eda");
  CHECK(plan[1].conflicts.at(0).base == "Ida");
  CHECK(plan[2].action == "delete");
  CHECK(plan[2].fields.empty());
  CHECK(plan[3].action == "create");
  CHECK_FALSE(plan[3].id);
  CHECK(plan[3].fields.at(0).after == "Initech");
  CHECK(plan[4].action == "conflict");
  CHECK(plan[4].conflicts.at(0).field == "deleted");
}

TEST_CASE("an unknown run is 404, and pages of runs are checked") {
  ApiFixture api;
  CHECK(api.get("/api/sync/runs/none").status == 404);
  CHECK(error_in(api.get("/api/sync/runs?limit=x")).field == "limit");
}

TEST_CASE("one record is synced by either name of its type") {
  ApiFixture api;
  api.add_record("r", "contacts", {});
  const auto response = api.send("POST", "/api/sync/entity/contact/r");
  CHECK(response.status == 200);
  CHECK(body_of<api::Run>(response).kind == "entity");
  CHECK(api.engine.entity == "contacts/r");
  CHECK(api.send("POST", "/api/sync/entity/contacts/none").status == 404);
  const auto bad = api.send("POST", "/api/sync/entity/deals/r");
  CHECK(bad.status == 400);
  CHECK(error_in(bad).field == "type");
}
