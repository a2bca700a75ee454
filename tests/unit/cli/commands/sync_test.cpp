#include "cli/commands/sync.hpp"

#include <doctest/doctest.h>

#include "cli/commands/run_report.hpp"
#include "tests/unit/cli/fake_daemon.hpp"

namespace hubsync::cli {
namespace {

constexpr const char* trigger = "POST /api/sync/trigger";
constexpr const char* the_run = "GET /api/sync/runs/r1";

/// The exit code of `sync --wait` when the run ends as `run`.
ExitCode ends_with(const api::Run& run, SyncArgs args = {.wait = true}) {
  Desk desk;
  desk.daemon.answer(trigger, R"({"runId":"r1"})", 202);
  desk.daemon.answer(the_run, api::encode(run));
  desk.daemon.answer("GET /api/sync/status", api::encode(idle_status()));
  return run_sync(args, desk.context);
}

}  // namespace

TEST_CASE("sync without --wait prints the run's id and nothing else") {
  Desk desk;
  desk.daemon.answer(trigger, R"({"runId":"r1"})", 202);
  CHECK(run_sync({.type = "contacts", .full = true}, desk.context) == ExitCode::done);
  CHECK(desk.out() == "r1\n");
  CHECK(desk.err().empty());
  CHECK(desk.daemon.requests.front().body == R"({"types":["contacts"],"full":true,"dryRun":false})");
}

TEST_CASE("sync --wait asks until the run has ended and exits with its result") {
  Desk desk;
  desk.daemon.answer(trigger, R"({"runId":"r1"})", 202);
  desk.daemon.answer(the_run, api::encode(a_run("running")));
  desk.daemon.answer(the_run, api::encode(a_run("running")));
  desk.daemon.answer(the_run, api::encode(a_run("succeeded")));
  CHECK(run_sync({.wait = true}, desk.context) == ExitCode::done);
  CHECK(desk.clock.sleeps == 2);
  CHECK(desk.out().starts_with("full sync of contacts: succeeded in 12s, 0 calls to HubSpot\n"));
}

TEST_CASE("sync --wait ends when the daemon waits for a person, and not for what the next call mends") {
  api::Status locked_out = idle_status();
  locked_out.problems = {Error{ErrorCode::guarded, "the token belongs to portal 2", "put it right", ""}};
  Desk desk;
  desk.daemon.answer(trigger, R"({"runId":"r1"})", 202);
  for (int look = 0; look < 6; ++look) {
    desk.daemon.answer(the_run, api::encode(a_run("running")));
    desk.daemon.answer("GET /api/sync/status", api::encode(look == 2 ? idle_status() : locked_out));
  }
  CHECK(run_sync({.wait = true}, desk.context) == ExitCode::guarded);
  CHECK(desk.clock.sleeps == 5);
  CHECK(desk.err().starts_with("hubsync: the token belongs to portal 2\n"));
}

TEST_CASE("sync --wait waits for a run that goes on where HubSpot takes no writes of a type") {
  const Error problem{
      ErrorCode::refused, "HubSpot takes no writes of contacts", "give the scope", "contacts"
  };
  api::Status status = idle_status();
  status.problems = {problem};
  Desk desk;
  desk.daemon.answer(trigger, R"({"runId":"r1"})", 202);
  for (int look = 0; look < 6; ++look) {
    desk.daemon.answer(the_run, api::encode(a_run("running")));
    desk.daemon.answer("GET /api/sync/status", api::encode(status));
  }
  api::Run run = a_run("partial");
  run.error = problem;
  desk.daemon.answer(the_run, api::encode(run));
  CHECK(run_sync({.wait = true}, desk.context) == ExitCode::refused);
  CHECK(desk.clock.sleeps == 6);
}

TEST_CASE("each end of a run has its exit code") {
  CHECK(ends_with(a_run("succeeded")) == ExitCode::done);
  CHECK(ends_with(a_run("partial")) == ExitCode::some_failed);
  CHECK(ends_with(a_run("failed")) == ExitCode::failed);
  api::Run run = a_run("failed");
  run.error = Error{ErrorCode::refused, "the token is refused", "renew it", ""};
  CHECK(ends_with(run) == ExitCode::refused);
  run = a_run("stopped");
  run.guards = {{.id = "g1", .kind = "max_delete", .message = "12 deletes", .created_at = test_now}};
  CHECK(ends_with(run) == ExitCode::guarded);
  run = a_run("stopped");
  run.error = Error{ErrorCode::unavailable, "the daemon stopped", "", ""};
  CHECK(ends_with(run) == ExitCode::failed);
}

TEST_CASE("conflicts are not a failure unless --fail-on says so") {
  api::Run run = a_run("succeeded");
  run.counts.from_hubspot.conflicts = 2;
  CHECK(ends_with(run) == ExitCode::done);
  CHECK(ends_with(run, {.fail_on = {{"conflicts"}}}) == ExitCode::failed);
  CHECK(ends_with(run, {.fail_on = {{"failed", "guard"}}}) == ExitCode::done);
}

TEST_CASE("with --full, records still in error from before count") {
  Desk desk;
  api::Status status = idle_status();
  status.records["contacts"].error = 1;
  desk.daemon.answer(trigger, R"({"runId":"r1"})", 202);
  desk.daemon.answer(the_run, api::encode(a_run("succeeded")));
  desk.daemon.answer("GET /api/sync/status", api::encode(status));
  CHECK(run_sync({.full = true, .wait = true}, desk.context) == ExitCode::some_failed);
  CHECK(run_sync({.full = false, .wait = true}, desk.context) == ExitCode::done);
}

TEST_CASE("sync --timeout gives up waiting, not the run") {
  Desk desk;
  desk.daemon.answer(trigger, R"({"runId":"r1"})", 202);
  desk.daemon.answer(the_run, api::encode(a_run("running")));
  CHECK(run_sync({.timeout = "1s"}, desk.context) == ExitCode::timed_out);
  CHECK(desk.clock.sleeps == 5);
  CHECK(desk.err().contains("it goes on"));
  CHECK(run_sync({.timeout = "soon"}, desk.context) == ExitCode::usage);
}

TEST_CASE("one record is synced at once and its run is the answer") {
  Desk desk{as_json};
  const std::string body = api::encode(a_run("succeeded"));
  desk.daemon.answer("POST /api/sync/entity/contacts/7", body);
  CHECK(run_sync({.type = "contacts", .id = "7"}, desk.context) == ExitCode::done);
  CHECK(desk.out() == body + "\n");
  CHECK(run_sync({.type = "contacts", .id = "8"}, desk.context) == ExitCode::not_found);
  CHECK(run_sync({.type = "contacts", .id = "7", .full = true}, desk.context) == ExitCode::usage);
}

TEST_CASE("a dry run prints creates, updates field by field, deletes and conflicts") {
  api::Run run = a_run("succeeded");
  run.dry_run = true;
  run.plan = {
      {{.type = "contacts",
        .id = "1",
        .hubspot_id = "512",
        .direction = "to_hubspot",
        .action = "update",
        .fields = {{"phone", "+49", std::nullopt}, {"firstName", "Ada\x1b[2J", "Åsa"}}},
       {.type = "contacts",
        .hubspot_id = "99",
        .direction = "from_hubspot",
        .action = "create",
        .fields = {{"email", std::nullopt, "x@y.z"}}},
       {.type = "companies", .id = "3", .hubspot_id = "7", .direction = "to_hubspot", .action = "delete"},
       {.type = "contacts", .id = "4", .action = "conflict", .conflicts = {{"phone", "1", "2", "3"}}}}
  };
  CHECK(
      plan_report(run, false) ==
      "update in HubSpot  contacts 1 (HubSpot 512)\n"
      "    phone: \"+49\" → (empty)\n"
      "    firstName: \"Ada\\u{1b}[2J\" → \"Åsa\"\n"
      "create here  contacts (HubSpot 99)\n"
      "    email: \"x@y.z\"\n"
      "delete in HubSpot  companies 3 (HubSpot 7)\n"
      "conflict  contacts 4\n"
      "    phone: base \"1\", local \"2\", HubSpot \"3\"\n"
      "\n"
      "Plan of full sync of contacts: 1 × conflict, 1 × create here, 1 × delete in HubSpot, 1 × update in "
      "HubSpot. "
      "Nothing was written.\n"
  );
}

TEST_CASE("progress is drawn on a terminal only") {
  for (const bool terminal : {true, false}) {
    Desk desk{Output::Options{.progress = terminal}};
    api::Run running = a_run("running");
    running.progress["contacts"] = {.done = 5, .total = 10};
    desk.daemon.answer(trigger, R"({"runId":"r1"})", 202);
    desk.daemon.answer(the_run, api::encode(running));
    desk.daemon.answer(the_run, api::encode(a_run("succeeded")));
    CHECK(run_sync({.wait = true}, desk.context) == ExitCode::done);
    CHECK(desk.err().contains("5/10") == terminal);
    CHECK_FALSE(desk.out().contains("\x1b"));
  }
}

}  // namespace hubsync::cli
