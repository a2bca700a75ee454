#include "cli/commands/watch.hpp"

#include <doctest/doctest.h>

#include "cli/commands/webhooks.hpp"
#include "tests/unit/cli/fake_daemon.hpp"

using namespace hubsync;
using namespace hubsync::cli;

TEST_CASE("watch prints one event a line and asks for those after a number") {
  Desk screen;
  screen.daemon.texts = {
      R"({"seq":8,"type":"record.updated","at":"2026-11-24T12:00:00.000Z","entityId":"01a","entityType":"contacts"})",
      R"({"seq":9,"type":"gap","at":"2026-11-24T12:00:00.000Z","firstMissed":9,"missed":1})"
  };
  CHECK(run_watch({.since = 7, .count = 2}, screen.context) == ExitCode::done);
  CHECK(screen.daemon.streamed == "/api/events?since=7");
  CHECK(
      screen.out() ==
      "2026-11-24T12:00:00.000Z  record.updated  contacts  01a\n"
      "2026-11-24T12:00:00.000Z  gap  firstMissed=9  missed=1\n"
  );
}

TEST_CASE("watch ends with an error when the daemon goes away") {
  Desk screen;
  CHECK(run_watch({}, screen.context) == ExitCode::unreachable);
  CHECK(screen.daemon.streamed == "/api/events");
}
