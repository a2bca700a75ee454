#include "cli/commands/status.hpp"

#include <doctest/doctest.h>

#include "cli/commands/version.hpp"
#include "cli/commands/wait.hpp"
#include "tests/unit/cli/fake_daemon.hpp"

namespace hubsync::cli {
namespace {

constexpr const char* the_status = "GET /api/sync/status";

}  // namespace

TEST_CASE("status fits on one screen and names what needs a person") {
  api::Status status = idle_status();
  status.state = "degraded";
  status.conflicts.pending = 2;
  status.last_full_sync = a_run("succeeded");
  status.problems = {{ErrorCode::refused, "HubSpot refuses the token", "renew it", ""}};
  CHECK(
      status_screen(status, test_now + std::chrono::minutes{5}, false) ==
      "hubsyncd " HUBSYNC_VERSION
      "  degraded  up 1h 02m  data current\n"
      "\n"
      "RECORDS   TOTAL  SYNCED  PENDING  CONFLICT  ERROR\n"
      "contacts  1,234   1,234        0         0      0\n"
      "\n"
      "Queue       0 pending, 0 running, 0 retrying, 0 failed, 0 completed\n"
      "Rate limit  87 of 100 calls free per 10s, 0 waiting, 1,204 of 250,000 used today\n"
      "Webhooks    not listening; polling only\n"
      "Conflicts   2 open: hubsync conflicts list\n"
      "Guards      none\n"
      "Full sync   succeeded 4m ago, took 12s\n"
      "Last poll   never\n"
      "Problem     HubSpot refuses the token (renew it)\n"
  );
}

TEST_CASE("--fail-on looks at what it names and at nothing else") {
  api::Status status = idle_status();
  status.conflicts.pending = 1;
  CHECK(failing({{"failed", "guard", "stalled"}}, status).empty());
  CHECK(failing({{"conflicts"}}, status).size() == 1);
  status.records["contacts"].error = 3;
  CHECK(failing({{"failed"}}, status) == std::vector<std::string>{"3 failed records"});
  status.guards.pending = 1;
  CHECK(failing({{"guard"}}, status).size() == 1);
  status.freshness = "stalled";
  CHECK(failing({{"stalled"}}, status).size() == 1);
  Desk desk{quietly};
  desk.daemon.answer(the_status, api::encode(status));
  CHECK(run_status({{{"stalled"}}}, desk.context) == ExitCode::failed);
  CHECK(run_status({}, desk.context) == ExitCode::done);
  CHECK(desk.out().empty());
}

TEST_CASE("a daemon that is not there exits 3 with a hint") {
  Desk desk{as_json};
  desk.daemon.go_away(ExitCode::unreachable);
  CHECK(run_status({}, desk.context) == ExitCode::unreachable);
  CHECK(
      desk.err() ==
      "{\"error\":{\"code\":\"unavailable\",\"message\":\"no daemon answers\",\"hint\":\"start it\"}}\n"
  );
}

TEST_CASE("wait returns when the daemon is idle, or when all is carried over") {
  api::Status busy = idle_status();
  busy.state = "syncing";
  api::Status pending = idle_status();
  pending.records["contacts"].pending = 1;
  Desk desk;
  desk.daemon.answer(the_status, api::encode(busy));
  desk.daemon.answer(the_status, api::encode(pending));
  desk.daemon.answer(the_status, api::encode(pending));
  desk.daemon.answer(the_status, api::encode(idle_status()));
  CHECK(run_wait({}, desk.context) == ExitCode::done);
  CHECK(desk.clock.sleeps == 1);
  CHECK(run_wait({.for_synced = true}, desk.context) == ExitCode::done);
  CHECK(desk.clock.sleeps == 2);
}

TEST_CASE("a daemon that has not read HubSpot yet is not synced") {
  api::Status status = idle_status();
  CHECK(is_synced(status));
  for (const char* freshness : {"unknown", "stalled"}) {
    status.freshness = freshness;
    CHECK_FALSE(is_synced(status));
    CHECK(is_idle(status));
  }
}

TEST_CASE("wait gives up after its timeout") {
  api::Status busy = idle_status();
  busy.queue.running = 1;
  Desk desk;
  desk.daemon.answer(the_status, api::encode(busy));
  CHECK(run_wait({.timeout = "1s"}, desk.context) == ExitCode::timed_out);
  CHECK(desk.clock.now() == test_now + Duration{1'000});
}

TEST_CASE("waiting for synced tells of records that cannot be synced") {
  api::Status status = idle_status();
  status.records["contacts"].error = 1;
  Desk desk;
  desk.daemon.answer(the_status, api::encode(status));
  CHECK(run_wait({.for_synced = true}, desk.context) == ExitCode::some_failed);
  CHECK(run_wait({}, desk.context) == ExitCode::done);
}

TEST_CASE("wait bears with a daemon that is just starting, for a second") {
  Desk desk;
  desk.daemon.go_away(ExitCode::unreachable);
  CHECK(run_wait({}, desk.context) == ExitCode::unreachable);
  CHECK(desk.clock.now() == test_now + Duration{1'000});
  CHECK(run_wait({.timeout = "300ms"}, desk.context) == ExitCode::unreachable);
  Desk starting;
  starting.daemon.go_away(ExitCode::unreachable);
  starting.daemon.come_back_after(3);
  starting.daemon.answer(the_status, api::encode(idle_status()));
  CHECK(run_wait({}, starting.context) == ExitCode::done);
}

TEST_CASE("version needs no daemon") {
  Desk desk{as_json};
  desk.daemon.go_away(ExitCode::unreachable);
  CHECK(run_version(desk.context) == ExitCode::done);
  CHECK(desk.out() == "{\"client\":\"" HUBSYNC_VERSION "\",\"daemon\":null}\n");
}

}  // namespace hubsync::cli
