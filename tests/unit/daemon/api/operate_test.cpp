#include <doctest/doctest.h>

#include "common/api_operate.hpp"
#include "daemon/api/convert.hpp"
#include "tests/support/records.hpp"
#include "tests/unit/daemon/api/fixture.hpp"

using namespace hubsync;
using namespace hubsync::api;

namespace {

hubsync::PlannedChange planned_update() {
  hubsync::PlannedChange change;
  change.type = "contacts";
  change.record = {"c1"};
  change.hubspot_id = HubspotId{512};
  change.direction = SyncDirection::from_hubspot;
  change.action = RecordAction::merge;
  change.before = {{"phone", "1"}};
  change.after = {{"phone", "2"}};
  return change;
}

std::string saved(const std::string& portal, const std::string& after) {
  ApplyRequest request{.portal = portal, .type = "contacts"};
  request.actions.push_back(
      {.type = "contacts",
       .id = "c1",
       .hubspot_id = "512",
       .direction = "from_hubspot",
       .action = "update",
       .fields = {{"phone", "1", after}}}
  );
  return encode(request);
}

PropertyDefinition property(const std::string& name, bool unique = false, bool read_only = false) {
  return {
      .name = name, .type = "string", .field_type = "text", .has_unique_value = unique, .read_only = read_only
  };
}

Inspection healthy() {
  Inspection seen{.account = Account{.portal_id = 42, .time_zone = "Europe/Berlin"}, .pinned_portal = "42"};
  seen.types.push_back(
      {.type = "contacts",
       .properties =
           {property("hubsync_id", true),
            property("email"),
            property("firstname"),
            property("lastname"),
            property("phone"),
            property("lifecyclestage", false, true)}}
  );
  return seen;
}

const Check& find(const Diagnosis& diagnosis, const std::string& name) {
  const auto found = std::ranges::find(diagnosis.checks, name, &Check::name);
  REQUIRE(found != diagnosis.checks.end());
  return *found;
}

}  // namespace

TEST_CASE("a backup is answered when it is complete, and a check with what it found") {
  ApiFixture api;
  api.repository.backup_steps = 3;
  const auto done = api.send("POST", "/api/db/backup", R"({"path":"/b.db","force":false})");
  CHECK(done.status == 200);
  CHECK(body_of<BackupDone>(done).bytes == 4'096);
  CHECK(api.repository.backup_path == "/b.db");
  CHECK(api.send("POST", "/api/db/backup", R"({"path":"/b.db","mode":1})").status == 400);
  api.repository.backup_begun = fail(ErrorCode::conflict, "/b.db exists");
  CHECK(api.send("POST", "/api/db/backup", R"({"path":"/b.db"})").status == 409);
  CHECK(body_of<DbCheck>(api.get("/api/db/check")).ok);
  api.repository.checked.problems = {"page 7 is damaged"};
  CHECK_FALSE(body_of<DbCheck>(api.get("/api/db/check")).ok);
}

TEST_CASE("verify hands on each difference with its kind, and where to go on") {
  ApiFixture api;
  api.engine.verify_answer->compared = 100;
  api.engine.verify_answer->next = "hubspot:200:199";
  api.engine.verify_answer->differences.push_back(
      {.type = "contacts",
       .kind = DifferenceKind::differs,
       .id = {"c1"},
       .hubspot_id = HubspotId{512},
       .field = "phone",
       .local = "1",
       .status = SyncStatus::synced}
  );
  const auto part = body_of<api::VerifyPart>(api.get("/api/verify?type=contact&after=hubspot:100:99"));
  CHECK(api.engine.verified == "contacts?hubspot:100:99");
  CHECK(part.next == "hubspot:200:199");
  REQUIRE(part.items.size() == 1);
  CHECK(part.items.front().kind == "differs");
  CHECK(part.items.front().local == "1");
  CHECK_FALSE(part.items.front().hubspot);
  CHECK(api.get("/api/verify?type=deals").status == 400);
}

TEST_CASE("a saved plan is carried out only while both sides are as it says, and only in its portal") {
  ApiFixture api;
  api.repository.facts["portal_id"] = "42";
  api.engine.planned_now = {planned_update()};
  CHECK(api.send("POST", "/api/sync/apply", saved("42", "2")).status == 200);
  CHECK(api.engine.applied.linked == std::vector<HubspotId>{{512}});
  CHECK(api.engine.applied.pushes.empty());
  CHECK(api.send("POST", "/api/sync/apply", saved("42", "3")).status == 412);
  CHECK(api.send("POST", "/api/sync/apply", saved("43", "2")).status == 412);
  api.engine.planned_now.push_back(planned_update());  // Met twice: still the same plan.
  CHECK(api.send("POST", "/api/sync/apply", saved("42", "2")).status == 200);
  api.engine.planned_now.back().after["email"] = "moved@example.com";
  CHECK(api.send("POST", "/api/sync/apply", saved("42", "2")).status == 412);
}

TEST_CASE("a record that a dry run met twice is told once, with the fields of both") {
  hubsync::PlannedChange reference = planned_update();
  reference.before = {{"company", ""}};
  reference.after = {{"company", "k1"}};
  const auto plan = api::to_api(std::vector{planned_update(), reference, planned_update()});
  REQUIRE(plan.size() == 1);
  REQUIRE(plan.front().fields.size() == 2);
  CHECK(plan.front().fields[0].field == "company");
  CHECK(plan.front().fields[1].field == "phone");
}

TEST_CASE("a reference that resolves while a plan is carried out does not stop it, but its check does") {
  ApiFixture api;
  api.repository.facts["portal_id"] = "42";
  api.engine.planned_now = {planned_update()};
  api.engine.planned_now.back().after["company"] = "k1";
  CHECK(api.send("POST", "/api/sync/apply", saved("42", "2")).status == 200);
  std::string check = saved("42", "2");
  check.replace(check.find("\"check\":false"), 13, "\"check\":true");
  CHECK(api.send("POST", "/api/sync/apply", check).status == 412);
}

TEST_CASE("doctor is content with a healthy portal and tells what it could not check") {
  ApiFixture api;
  api.engine.inspection = healthy();
  api.repository.totals.last_poll =
      hubsync::Run{.id = "r", .types = {}, .state = RunState::succeeded, .finished_at = api.clock.now()};
  const auto diagnosis = body_of<Diagnosis>(api.get("/api/doctor"));
  CHECK(diagnosis.result == "warn");  // No public address is known for webhooks.
  CHECK_FALSE(diagnosis.refused);
  CHECK(find(diagnosis, "token").status == "ok");
  CHECK(find(diagnosis, "properties of contacts").status == "ok");
  CHECK(find(diagnosis, "hubsync_id of contacts").status == "ok");
  CHECK(find(diagnosis, "scopes to write").status == "not_checked");
}

TEST_CASE("doctor names a type that HubSpot takes no writes of") {
  ApiFixture api;
  api.engine.inspection = healthy();
  api.engine.why = {Error{ErrorCode::refused, "HubSpot answered 403", "give the scope", "contacts"}};
  const auto diagnosis = body_of<Diagnosis>(api.get("/api/doctor"));
  CHECK(diagnosis.refused);
  CHECK(find(diagnosis, "writing contacts").status == "fail");
  CHECK(find(diagnosis, "writing contacts").fix == "give the scope");
}

TEST_CASE(
    "doctor names a refused token, a strange portal, missing and read-only properties, each with its fix"
) {
  ApiFixture api;
  api.engine.inspection.account_error =
      Error{ErrorCode::refused, "HubSpot answered 401", "renew the token", ""};
  auto diagnosis = body_of<Diagnosis>(api.get("/api/doctor"));
  CHECK(diagnosis.result == "fail");
  CHECK(diagnosis.refused);
  CHECK(find(diagnosis, "token").fix == "renew the token");
  CHECK(find(diagnosis, "portal").status == "not_checked");

  api.engine.inspection = healthy();
  api.engine.inspection.pinned_portal = "41";
  auto& properties = api.engine.inspection.types.front().properties;
  std::erase_if(properties, [](const PropertyDefinition& one) { return one.name == "phone"; });
  properties.front().has_unique_value = false;
  api.repository.totals.open_conflicts = 2;
  diagnosis = body_of<Diagnosis>(api.get("/api/doctor"));
  CHECK_FALSE(diagnosis.refused);
  CHECK(find(diagnosis, "portal").status == "fail");
  CHECK(find(diagnosis, "properties of contacts").message == "not in HubSpot: phone");
  CHECK(find(diagnosis, "hubsync_id of contacts").status == "fail");
  CHECK(find(diagnosis, "conflicts").status == "warn");
  properties.push_back(property("phone", false, true));
  diagnosis = body_of<Diagnosis>(api.get("/api/doctor"));
  CHECK(find(diagnosis, "properties of contacts").status == "warn");
}

TEST_CASE("doctor looks at modes and room of the files") {
  ApiFixture api;
  api.engine.inspection = healthy();
  api.services.system = [] {
    return SystemFacts{
        .credential = "file /t",
        .database = {.path = "/d", .mode = 0640, .free_bytes = 1'000},
        .socket = {.path = "/s", .mode = 0660}
    };
  };
  const auto diagnosis = body_of<Diagnosis>(api.get("/api/doctor"));
  CHECK(find(diagnosis, "database file").fix == "chmod 0600 /d");
  CHECK(find(diagnosis, "control socket").status == "ok");
  CHECK(find(diagnosis, "disk space").status == "fail");
  CHECK(find(diagnosis, "token").message.contains("file /t"));
}

TEST_CASE("setup tells what HubSpot lacks, and what became of making it") {
  ApiFixture api;
  api.engine.inspection = healthy();
  CHECK(body_of<Setup>(api.get("/api/setup")).ready);
  std::erase_if(api.engine.inspection.types.front().properties, [](const PropertyDefinition& one) {
    return one.name == "phone";
  });
  const auto before = body_of<Setup>(api.get("/api/setup"));
  CHECK_FALSE(before.ready);
  CHECK(before.portal == "42");
  api.engine.made = {
      {.type = "contacts",
       .field = "phone",
       .property = "phone",
       .error = Error{ErrorCode::refused, "no scope"}}
  };
  const auto after = body_of<Setup>(api.send("POST", "/api/setup"));
  const auto& made = after.types.front().properties;
  const auto phone = std::ranges::find(made, "phone", &SetupProperty::property);
  REQUIRE(phone != made.end());
  CHECK(phone->state == "refused");
  CHECK(phone->message == "no scope");
  api.engine.inspection = {.account_error = Error{ErrorCode::refused, "HubSpot answered 401"}};
  CHECK(api.get("/api/setup").status == 502);
}
