#include "cli/commands/guard.hpp"

#include <doctest/doctest.h>

#include "tests/unit/cli/fake_daemon.hpp"

namespace hubsync::cli {
namespace {

api::Guard a_guard() {
  return {
      .id = "7",
      .kind = "max_delete",
      .entity_type = "contacts",
      .direction = "to_hubspot",
      .count = 23,
      .limit = 20,
      .message = "23 deletions are more than 20",
      .created_at = test_now - Duration{60'000},
      .sample = {{"contacts", "c1", "512", "ada@example.com"}, {"contacts", "c2", {}, {}}},
  };
}

constexpr const char* release = "POST /api/guards/7/release";

}  // namespace

TEST_CASE("guard list names the set a person decides about, with some of its records") {
  Desk desk;
  const api::Page<api::Guard> page{.items = {a_guard()}, .total = 1};
  desk.daemon.answer("GET /api/guards?page=1&limit=50", api::encode(page));
  CHECK(run_guard_list({}, desk.context) == ExitCode::done);
  CHECK(
      desk.out() ==
      "ID  GUARD       TYPE      DIRECTION   RECORDS  LIMIT  SINCE   STATE    WHICH\n"
      "7   max_delete  contacts  to HubSpot       23     20  1m ago  waiting  ada@example.com, c2 and 21 "
      "more\n"
  );
}

TEST_CASE("releasing a guard that is not there exits 4, and one released already exits 9") {
  Desk desk;
  CHECK(run_guard_release({"7"}, desk.context) == ExitCode::not_found);
  desk.daemon.refuse(release, 409, {ErrorCode::conflict, "guard 7 was released already"});
  CHECK(run_guard_release({"7"}, desk.context) == ExitCode::stale);
  CHECK(desk.out().empty());
}

TEST_CASE("a released guard tells what will go") {
  Desk desk;
  desk.daemon.answer(release, api::encode(a_guard()));
  CHECK(run_guard_release({"7"}, desk.context) == ExitCode::done);
  CHECK(desk.out() == "released: 23 records of guard 7 will go to HubSpot\n");
}

}  // namespace hubsync::cli
