#include <set>
#include <string>

#include <doctest/doctest.h>

#include "daemon/core/backoff.hpp"
#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

const Fields ada{{"email", "ada@example.org"}, {"firstName", "Ada"}};
const CallFailure invalid{
    .outcome = Outcome::refused,
    .status = 400,
    .category = "VALIDATION_ERROR",
    .message = "bad e-mail",
    .correlation_id = "c-1"
};

LogEntry only_log(TestStore& store) {
  const auto page = store.repository->list_logs({});
  REQUIRE(page.total == 1);
  return *store.repository->find_log(page.items.front().id);
}

}  // namespace

TEST_CASE("pausing holds back claims and what was claimed before") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  REQUIRE(store.repository->claim_record("contacts", record.id, store.tick()));
  store.repository->set_paused(true, "uid 0", store.tick());
  CHECK(store.repository->prepare_push({.type = "contacts", .claims = {record.id}}, store.tick())
            .actions.empty());
  CHECK(store.repository->due_summary("contacts", store.now).ready == 0);
  store.repository->set_paused(false, "uid 0", store.tick());
  CHECK(store.prepare("contacts").size() == 1);
}

TEST_CASE("due work is first come, first served, and a sleeping retry never blocks it") {
  TestStore store;
  const Record first = store.create("contacts", {{"email", "1@x.test"}});
  const Record second = store.create("contacts", {{"email", "2@x.test"}});
  const Record third = store.create("contacts", {{"email", "3@x.test"}});
  const CallFailure away{.outcome = Outcome::unavailable, .message = "HubSpot is down"};
  const auto actions = store.prepare("contacts");
  REQUIRE(actions.size() == 3);
  CHECK(actions[0].id == first.id);
  for (const PushAction& action : actions) {
    const Duration delay = action.id == first.id ? Duration{std::chrono::hours{1}} : Duration{0};
    store.repository->settle_push(
        "contacts", {{.id = action.id, .failure = away, .retry_delay = delay}}, store.now
    );
  }
  CHECK(store.repository->due_summary("contacts", store.now).ready == 2);
  CHECK(store.repository->due_summary("contacts", store.now).next_at == store.now + std::chrono::hours{1});
  const auto claims = store.repository->claim_due("contacts", 1, store.now);
  REQUIRE(claims.size() == 1);
  CHECK(claims.front().id == second.id);
  CHECK(store.repository->claim_due("contacts", 5, store.now).front().id == third.id);
}

TEST_CASE("cancelled work stays where it is until retried") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  const std::int64_t log_id = store.repository->list_due(1, 1).items.front().log_id;
  REQUIRE(store.repository->cancel_due(record.id, "uid 1000", store.tick()));
  CHECK(store.get(record).status == SyncStatus::error);
  CHECK(store.repository->claim_due("contacts", 10, store.tick()).empty());
  CHECK(store.repository->retry_all(store.tick()) == 1);
  CHECK(store.get(record).status == SyncStatus::pending);
  REQUIRE(store.repository->claim_due("contacts", 10, store.tick()).size() == 1);
  CHECK(
      store.repository->cancel_due(record.id, "uid 1000", store.tick()).error().code == ErrorCode::conflict
  );
  CHECK(
      store.repository->cancel_due({"none"}, "uid 1000", store.tick()).error().code == ErrorCode::not_found
  );
  CHECK(store.repository->find_log(log_id)->status == LogStatus::pending);
}

TEST_CASE("what waits for another attempt gets it at once, but not before an open write can no longer arrive"
) {
  TestStore store;
  const Record refused = store.create("contacts", {{"email", "1@x.test"}});
  const Record open = store.create("contacts", {{"email", "2@x.test"}});
  const auto actions = store.prepare("contacts");
  REQUIRE(actions.size() == 2);
  for (const PushAction& action : actions) {
    const Outcome outcome = action.id == refused.id ? Outcome::denied : Outcome::unknown;
    store.repository->settle_push(
        "contacts",
        {{.id = action.id,
          .failure = CallFailure{.outcome = outcome, .message = "no"},
          .retry_delay = std::chrono::minutes{1}}},
        store.now
    );
  }
  REQUIRE(store.repository->due_summary("contacts", store.now).ready == 0);
  SUBCASE("after a reload") {
    CHECK(store.repository->hasten_retries(store.now) == 2);
    CHECK(store.repository->hasten_retries(store.now) == 0);
  }
  SUBCASE("when a person retries all") {
    CHECK(store.repository->retry_all(store.now) == 2);
  }
  CHECK(store.repository->due_summary("contacts", store.now).ready == 1);
  CHECK(store.repository->due_summary("contacts", store.now).next_at == store.now + latest_arrival);
}

TEST_CASE("a failed log entry can be retried, a successful one cannot") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  store.refuse("contacts", store.prepare("contacts").front(), invalid);
  const std::int64_t id = only_log(store).id;
  const auto retried = store.repository->retry_log(id);
  REQUIRE(retried);
  CHECK(retried->status == LogStatus::pending);
  store.accept("contacts", store.prepare("contacts").front(), HubspotId{5});
  CHECK(store.repository->retry_log(id).error().code == ErrorCode::unprocessable);
  CHECK(store.repository->retry_log(99).error().code == ErrorCode::not_found);
}

TEST_CASE("the log filters with exact totals, and only old successes are purged") {
  TestStore store;
  store.pull("contacts", seen_record(5, ada));
  const Instant before = store.tick();
  const Record record = store.create("companies", {{"name", "Acme"}});
  store.refuse("companies", store.prepare("companies").front(), invalid);
  CHECK(store.repository->list_logs({}).total == 2);
  CHECK(store.repository->list_logs({.type = "contact"}).total == 1);
  CHECK(store.repository->list_logs({.record = record.id.text}).total == 1);
  CHECK(store.repository->list_logs({.direction = SyncDirection::from_hubspot}).total == 1);
  CHECK(store.repository->list_logs({.status = LogStatus::failed}).items.size() == 1);
  CHECK(store.repository->list_logs({.since = before}).total == 1);
  store.now += std::chrono::days{40};
  const auto last_event = store.repository->events_after(0, 100).events.back().seq;
  CHECK(store.repository->purge_logs(store.now, 100) == 1);
  CHECK(store.repository->purge_logs(store.now, 100) == 0);
  CHECK(store.repository->list_logs({}).total == 1);
  REQUIRE(store.repository->events_after(0, 100).events.size() == 1);
  CHECK(store.repository->events_after(0, 100).events.front().seq == last_event);
}

TEST_CASE("old runs are purged, but for those under way and the latest of each kind and end") {
  TestStore store;
  const auto save = [&store](const std::string& id, RunKind kind, RunState state) {
    store.repository->save_run(
        {.id = id, .kind = kind, .types = {"contacts"}, .state = state, .started_at = store.tick()}
    );
  };
  for (const char* const day : {"1", "2", "3"}) {
    save(std::string{"poll"} + day, RunKind::incremental, RunState::succeeded);
  }
  save("broken", RunKind::incremental, RunState::failed);
  save("under-way", RunKind::full, RunState::running);
  save("full", RunKind::full, RunState::succeeded);
  const Instant before = store.tick();
  save("poll4", RunKind::incremental, RunState::succeeded);
  save("poll5", RunKind::incremental, RunState::succeeded);
  REQUIRE(store.repository->purge_logs(before, 2) == 2);
  CHECK(store.repository->purge_logs(before, 2) == 1);
  std::set<std::string> left;
  for (const Run& run : store.repository->list_runs(1, 100).items) {
    left.insert(run.id);
  }
  CHECK(left == std::set<std::string>{"broken", "under-way", "full", "poll4", "poll5"});
}

TEST_CASE("events are numbered without holes, also past a rolled back job") {
  TestStore store;
  store.create("contacts", ada);
  std::vector<store::Job> jobs;
  jobs.push_back(
      {[&](Repository& repository) {
         (void)repository.create_record({.type = "contacts", .fields = {{"email", "x@y.z"}}}, store.tick());
         throw std::runtime_error("no");
       },
       {}}
  );
  (void)store::run_group(*store.repository, jobs);
  store.create("contacts", {{"email", "z@y.x"}});
  std::int64_t expected = 0;
  for (const StoredEvent& event : store.repository->events_after(0, 100).events) {
    CHECK(event.seq == ++expected);
  }
  CHECK(expected == 2);
}
