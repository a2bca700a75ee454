#include <doctest/doctest.h>

#include "tests/unit/daemon/api/fixture.hpp"

using namespace hubsync;
using namespace hubsync::api;

TEST_CASE("a log entry shows payload and response only on its own") {
  ApiFixture api;
  LogEntry entry;
  entry.id = 5;
  entry.type = "contacts";
  entry.record = {"r"};
  entry.hubspot_id = HubspotId{512};
  entry.action = LogAction::remove;
  entry.direction = SyncDirection::to_hubspot;
  entry.status = LogStatus::retrying;
  entry.retry_count = 2;
  entry.duration = Duration{35};
  entry.payload = {{"phone", ""}};
  entry.response = "503";
  api.repository.logs = {entry};
  api.services.max_retries = 4;

  const auto listed = api.get("/api/sync/logs");
  CHECK(listed.status == 200);
  CHECK(listed.body.starts_with(
      R"({"items":[{"id":"5","entityType":"contacts","entityId":"r","hubspotId":"512","action":"delete",)"
      R"("direction":"to_hubspot","status":"retrying","retryCount":2,"maxRetries":4,"nextRetryAt":null,)"
      R"("errorMessage":null,"correlationId":null,"durationMs":35,)"
  ));
  CHECK_FALSE(listed.body.contains("payload"));
  const auto single = body_of<SyncLog>(api.get("/api/sync/logs/5"));
  REQUIRE(single.payload);
  CHECK(*single.payload == FieldList{{"phone", std::nullopt}});
  CHECK(single.response == "503");
}

TEST_CASE("the log is filtered by what the query names") {
  ApiFixture api;
  CHECK(
      api.get("/api/sync/"
              "logs?page=3&limit=10&status=failed&entityType=company&entityId=r&direction=from_hubspot"
              "&since=2026-11-24T00:00:00Z")
          .status == 200
  );
  const LogQuery& query = api.repository.log_query;
  CHECK(query.page == 3);
  CHECK(query.limit == 10);
  CHECK(query.status == LogStatus::failed);
  CHECK(query.type == "companies");
  CHECK(query.record == "r");
  CHECK(query.direction == SyncDirection::from_hubspot);
  CHECK(query.since == parse_instant("2026-11-24T00:00:00Z"));
  (void)api.get("/api/sync/logs?since=24h");
  CHECK(query.since == api.clock.now() - std::chrono::hours{24});
}

TEST_CASE("bad filters and ids are refused with the field at fault") {
  struct Case {
    std::string target;
    int status;
    std::string field;
  };
  const std::vector<Case> cases{
      {"/api/sync/logs?page=0", 400, "page"},
      {"/api/sync/logs?limit=501", 400, "limit"},
      {"/api/sync/logs?status=done", 400, "status"},
      {"/api/sync/logs?entityType=deals", 400, "entityType"},
      {"/api/sync/logs?direction=up", 400, "direction"},
      {"/api/sync/logs?since=yesterday", 400, "since"},
      {"/api/sync/logs/9", 404, ""},
      {"/api/sync/logs/x", 404, ""},
      {"/api/sync/logs/-1", 404, ""},
      {"/api/conflicts?page=0", 400, "page"},
      {"/api/conflicts/history?limit=0", 400, "limit"},
      {"/api/conflicts/9", 404, ""},
      {"/api/conflicts/x", 404, ""},
      {"/api/queue?limit=1e2", 400, "limit"},
      {"/api/guards?page=x", 400, "page"},
  };
  ApiFixture api;
  for (const Case& bad : cases) {
    CAPTURE(bad.target);
    const auto response = api.get(bad.target);
    CHECK(response.status == bad.status);
    CHECK(error_in(response).field == bad.field);
  }
}

TEST_CASE("a retry wakes the engine") {
  ApiFixture api;
  LogEntry entry;
  entry.id = 5;
  api.repository.logs = {entry};
  const auto one = api.send("POST", "/api/sync/retry/5");
  CHECK(one.status == 202);
  CHECK(body_of<SyncLog>(one).id == "5");
  const auto all = api.send("POST", "/api/sync/retry");
  CHECK(all.status == 202);
  CHECK(all.body == R"({"retried":1})");
  CHECK(api.engine.edits == 2);
  CHECK(api.send("POST", "/api/sync/retry/6").status == 404);
  CHECK(api.send("POST", "/api/sync/retry/x").status == 404);
  CHECK(api.engine.edits == 2);
}

TEST_CASE("conflicts are listed open or resolved, and one in full") {
  ApiFixture api;
  hubsync::Conflict conflict;
  conflict.id = 3;
  conflict.type = "contacts";
  conflict.record = {"r"};
  conflict.local_version = {{"phone", "1"}};
  conflict.hubspot_version = {{"phone", ""}};
  conflict.fields = {"phone"};
  conflict.priority = 1;
  conflict.events = {{.action = "detected", .at = api.clock.now(), .user = "", .details = "both sides"}};
  api.repository.conflicts = {conflict};

  CHECK(body_of<api::Page<api::Conflict>>(api.get("/api/conflicts")).total == 1);
  CHECK(api.repository.conflict_query.open);
  CHECK(api.get("/api/conflicts/history").status == 200);
  CHECK_FALSE(api.repository.conflict_query.open);
  const auto shown = body_of<api::Conflict>(api.get("/api/conflicts/3"));
  CHECK(shown.id == "3");
  CHECK(shown.local_version == FieldList{{"phone", "1"}});
  CHECK(shown.hubspot_version == FieldList{{"phone", std::nullopt}});
  CHECK(shown.conflicting_fields == std::vector<std::string>{"phone"});
  CHECK(shown.resolution_type == "pending");
  CHECK(shown.audit_log.at(0).details == "both sides");
  CHECK_FALSE(shown.audit_log.at(0).user);
}

TEST_CASE("the queue is listed, and an entry of it can be cancelled") {
  ApiFixture api;
  hubsync::DueItem ready;
  ready.record = {"r"};
  ready.type = "contacts";
  ready.next_at = api.clock.now();
  hubsync::DueItem failed = ready;
  failed.record = {"s"};
  failed.state = hubsync::DueItem::State::failed;
  failed.error = "refused";
  failed.log_id = 8;
  api.repository.due = {ready, failed};

  const auto page = body_of<api::Page<api::DueItem>>(api.get("/api/queue"));
  CHECK(page.items.front().id == page.items.front().entity_id);
  REQUIRE(page.items.size() == 2);
  CHECK(page.items[0].state == "ready");
  CHECK(page.items[0].next_at == api.clock.now());
  CHECK_FALSE(page.items[0].log_id);
  CHECK(page.items[1].state == "failed");
  CHECK_FALSE(page.items[1].next_at);
  CHECK(page.items[1].error_message == "refused");
  CHECK(page.items[1].log_id == "8");

  const auto cancelled = api.send("DELETE", "/api/queue/r");
  CHECK(cancelled.status == 204);
  CHECK(cancelled.body.empty());
  CHECK(api.repository.due.size() == 1);
  CHECK(api.send("DELETE", "/api/queue/r").status == 404);
}

TEST_CASE("pausing is stored with its actor and told to the engine") {
  ApiFixture api;
  CHECK(api.send("POST", "/api/queue/pause").body == R"({"paused":true})");
  CHECK(api.repository.totals.paused);
  CHECK(api.repository.pause_actor == "uid 1000");
  CHECK(api.engine.paused == true);
  CHECK(api.send("POST", "/api/queue/resume").body == R"({"paused":false})");
  CHECK_FALSE(api.repository.totals.paused);
  CHECK(api.engine.paused == false);
}
