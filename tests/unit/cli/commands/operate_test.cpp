#include <algorithm>

#include <doctest/doctest.h>

#include "cli/commands/db.hpp"
#include "cli/commands/doctor.hpp"
#include "cli/commands/plan.hpp"
#include "cli/commands/verify.hpp"
#include "tests/unit/cli/fake_daemon.hpp"

namespace hubsync::cli {
namespace {

api::PlannedChange change(
    const std::string& type, const std::string& hubspot_id, const std::string& direction
) {
  return {.type = type, .hubspot_id = hubspot_id, .direction = direction, .action = "update"};
}

}  // namespace

TEST_CASE("a plan is cut into parts of one type, in the plan's order, and no record is torn apart") {
  api::SavedPlan plan{.portal = "42", .types = {"companies", "contacts"}};
  for (int i = 0; i < 99; ++i) {
    plan.actions.push_back(change("contacts", std::to_string(1'000 + i), "from_hubspot"));
  }
  plan.actions.push_back(change("contacts", "2000", "from_hubspot"));
  plan.actions.push_back(change("companies", "1", "from_hubspot"));
  plan.actions.push_back(change("contacts", "2000", "to_hubspot"));
  const auto parts = parts_of(plan);
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].type == "companies");
  CHECK(parts[1].actions.size() == 99);
  CHECK(parts[2].actions.size() == 2);
  CHECK(parts[2].portal == "42");
}

TEST_CASE("verify exits 1 for a difference and 0 without one, and walks to the end") {
  Desk desk{as_json};
  desk.daemon.answer(
      "GET /api/verify?type=contacts", api::encode(api::VerifyPart{.compared = 100, .next = "local:"})
  );
  desk.daemon.answer("GET /api/verify?type=contacts&after=local%3A", api::encode(api::VerifyPart{}));
  CHECK(run_verify({"contacts"}, desk.context) == ExitCode::done);
  CHECK(desk.out().empty());
  api::VerifyPart part;
  part.items.push_back({.type = "contacts", .id = "c1", .kind = "differs", .field = "phone", .local = "1"});
  desk.daemon.answer("GET /api/verify?type=companies", api::encode(part));
  CHECK(run_verify({"companies"}, desk.context) == ExitCode::failed);
  CHECK(desk.out() == api::encode(part.items.front()) + "\n");
}

TEST_CASE("verify's header is as wide as any row that may come, and comes with the first") {
  Desk desk;
  api::Status status = idle_status();
  status.records["companies"] = {};
  desk.daemon.answer("GET /api/sync/status", api::encode(status));
  desk.daemon.answer("GET /api/verify?type=companies", api::encode(api::VerifyPart{.compared = 1}));
  api::VerifyPart part;
  part.items.push_back({.type = "contacts", .id = "c1", .kind = "missing-hubspot"});
  desk.daemon.answer("GET /api/verify?type=contacts", api::encode(part));
  CHECK(run_verify({""}, desk.context) == ExitCode::failed);
  CHECK(
      desk.out() ==
      "TYPE      RECORD                                HUBSPOT  WHAT             FIELD  LOCAL  IN HUBSPOT\n"
      "contacts  c1                                    -        missing-hubspot  -\n"
  );
}

TEST_CASE("doctor shows the fix under what needs one, and its exit code tells a refused token apart") {
  Desk desk;
  api::Diagnosis diagnosis{.result = "warn"};
  diagnosis.checks = {{"token", "ok", "taken"}, {"webhooks", "warn", "off", "put the secret in place"}};
  desk.daemon.answer("GET /api/doctor", api::encode(diagnosis));
  CHECK(run_doctor(desk.context) == ExitCode::done);
  CHECK(
      desk.out() ==
      "OK           token     taken\n"
      "WARN         webhooks  off\n"
      "                       → put the secret in place\n"
  );
  for (const bool refused : {true, false}) {
    Desk other;
    diagnosis.result = "fail";
    diagnosis.refused = refused;
    other.daemon.answer("GET /api/doctor", api::encode(diagnosis));
    CHECK(run_doctor(other.context) == (refused ? ExitCode::refused : ExitCode::failed));
  }
}

TEST_CASE("setup creates nothing unless somebody agreed") {
  api::Setup lacking{.portal = "42"};
  lacking.types.push_back({"contacts", {{.field = "phone", .property = "phone", .state = "missing"}}});
  api::Setup made = lacking;
  made.types.front().properties.front().state = "created";
  const auto created = [](const Desk& desk) {
    return std::ranges::count(desk.daemon.requests, "POST", &HttpRequest::method);
  };
  Desk alone;
  alone.terminal.present = false;
  alone.daemon.answer("GET /api/setup", api::encode(lacking));
  CHECK(run_setup({}, alone.context) == ExitCode::failed);
  CHECK(created(alone) == 0);
  Desk refusing;
  refusing.terminal.keys = "n";
  refusing.daemon.answer("GET /api/setup", api::encode(lacking));
  CHECK(run_setup({}, refusing.context) == ExitCode::failed);
  CHECK(created(refusing) == 0);
  Desk agreeing;
  agreeing.terminal.keys = "y";
  agreeing.daemon.answer("GET /api/setup", api::encode(lacking));
  agreeing.daemon.answer("POST /api/setup", api::encode(made));
  CHECK(run_setup({.no_plan = true}, agreeing.context) == ExitCode::done);
  CHECK(agreeing.terminal.prompts.front() == "Create 1 property in HubSpot portal 42? [y/n] ");
  CHECK(created(agreeing) == 1);
}

TEST_CASE("a damaged database exits 1") {
  Desk desk;
  desk.daemon.answer("GET /api/db/check", api::encode(api::DbCheck{.problems = {"page 7"}}));
  CHECK(run_db_check(desk.context) == ExitCode::failed);
  CHECK(desk.out().starts_with("damaged  page 7\n"));
}

}  // namespace hubsync::cli
