#include <doctest/doctest.h>

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
    .correlation_id = "c-1",
    .properties = {"email"}
};

LogEntry only_log(TestStore& store) {
  const auto page = store.repository->list_logs({});
  REQUIRE(page.total == 1);
  return *store.repository->find_log(page.items.front().id);
}

/// An update of which HubSpot took all but the address, and shows `shown` of the rest: all of it, if nothing.
RunCounts refuse_address(TestStore& store, const PushAction& action, std::optional<Fields> shown = {}) {
  PushOutcome outcome{.id = action.id, .sent = action.fields, .refusal = invalid};
  outcome.refused.insert(outcome.sent.extract("email"));
  outcome.answer = RemoteRecord{.id = *action.hubspot_id, .values = shown.value_or(outcome.sent)};
  outcome.retry_delay = std::chrono::hours{1};
  return store.repository->settle_push("contacts", {outcome}, store.tick());
}

}  // namespace

TEST_CASE("a refused write parks the record with HubSpot's reason, and an edit revives it") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  CHECK(store.refuse("contacts", store.prepare("contacts").front(), invalid).to_hubspot.failed == 1);
  CHECK(store.get(record).status == SyncStatus::error);
  CHECK(store.get(record).error == "bad e-mail (correlation id c-1)");
  LogEntry log = only_log(store);
  CHECK(log.status == LogStatus::failed);
  CHECK(log.error == "bad e-mail");
  CHECK(log.correlation_id == "c-1");
  CHECK(log.retry_count == 0);
  CHECK(store.repository->status().queue.failed == 1);
  CHECK(store.repository->claim_due("contacts", 10, store.tick()).empty());

  store.update(record, {{"email", "ada@valid.test"}});
  CHECK(store.get(record).status == SyncStatus::pending);
  CHECK(store.get(record).error.empty());
  CHECK(only_log(store).status == LogStatus::pending);
  const auto actions = store.prepare("contacts");
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().attempts == 0);
}

TEST_CASE("an edit made while the refused values were on their way gets its own chance") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  const auto actions = store.prepare("contacts");
  store.update(record, {{"email", "ada@valid.test"}});
  store.refuse("contacts", actions.front(), invalid);
  CHECK(store.get(record).status == SyncStatus::pending);
  CHECK(store.prepare("contacts").size() == 1);
}

TEST_CASE("values that the newest won are refused once, not for ever") {
  Rules rules = default_rules();
  rules.types[1].fields[3].policy = Policy::newest;
  TestStore store{":memory:", rules};
  const Record record = store.linked("contacts", {{"email", "ada@example.org"}, {"phone", "1"}}, 5);
  store.update(record, {{"phone", "2"}});
  RemoteRecord seen = seen_record(5, {{"phone", "3"}});
  seen.times["phone"] = store.now - std::chrono::hours{1};
  const auto actions = store.prepare("contacts", {seen});
  REQUIRE(actions.size() == 1);
  store.refuse("contacts", actions.front(), invalid);
  // Without HubSpot's history the dispute cannot be decided again; that is no edit that deserves a chance.
  CHECK(store.get(record).status == SyncStatus::error);
  CHECK(store.prepare("contacts").empty());
}

TEST_CASE("a value that HubSpot refuses waits alone for an edit, and holds back no other") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"email", "nowhere"}, {"firstName", "Augusta"}});
  auto actions = store.prepare("contacts", {seen_record(5, ada)});
  REQUIRE(actions.size() == 1);
  const RunCounts counts = refuse_address(store, actions.front());
  CHECK(counts.to_hubspot.updated == 1);
  CHECK(counts.to_hubspot.failed == 1);
  CHECK(store.get(record).status == SyncStatus::error);
  CHECK(store.get(record).error == "bad e-mail (correlation id c-1)");
  CHECK(store.get(record).base.at("firstName").local == "Augusta");
  CHECK(store.get(record).local.at("email") == "nowhere");
  CHECK(store.repository->status().queue.failed == 1);
  CHECK(store.repository->claim_due("contacts", 10, store.tick()).empty());
  CHECK(
      store.count("SELECT count(*) FROM sync_log WHERE status = 'failed' AND payload LIKE '%nowhere%'") == 1
  );
  CHECK(
      store.count("SELECT count(*) FROM sync_log WHERE status = 'success' AND payload LIKE '%Augusta%'") == 1
  );
  CHECK(store.count("SELECT count(*) FROM audit WHERE action = 'failed to update'") == 1);
  CHECK(store.count("SELECT count(*) FROM audit WHERE action = 'sent update'") == 1);

  store.update(record, {{"phone", "1"}});
  const RemoteRecord seen = seen_record(5, {{"email", "ada@example.org"}, {"firstName", "Augusta"}});
  actions = store.prepare("contacts", {seen});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().fields == Fields{{"email", "nowhere"}, {"phone", "1"}});
  refuse_address(store, actions.front());
  CHECK(store.get(record).status == SyncStatus::error);

  store.update(record, {{"email", "ada@valid.test"}});
  actions = store.prepare(
      "contacts", {seen_record(5, {{"email", "ada@example.org"}, {"firstName", "Augusta"}, {"phone", "1"}})}
  );
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().fields == Fields{{"email", "ada@valid.test"}});
  store.accept("contacts", actions.front(), HubspotId{5});
  CHECK(store.get(record).status == SyncStatus::synced);
}

TEST_CASE("the audit tells of refused values, whatever became of those sent without them") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"email", "nowhere"}, {"firstName", "Augusta"}});
  const auto actions = store.prepare("contacts", {seen_record(5, ada)});
  REQUIRE(actions.size() == 1);
  PushOutcome outcome{
      .id = record.id,
      .sent = {{"firstName", "Augusta"}},
      .refused = {{"email", "nowhere"}},
      .refusal = invalid
  };
  int failed = 2;
  SUBCASE("no answer came") {
    outcome.failure = CallFailure{.outcome = Outcome::unknown};
  }
  SUBCASE("they were overturned") {
    outcome.failure = CallFailure{.overturned = true};
    failed = 1;
  }
  store.repository->settle_push("contacts", {outcome}, store.tick());
  CHECK(store.count("SELECT count(*) FROM audit WHERE action = 'failed to update'") == failed);
  CHECK(
      store.count(
          "SELECT count(*) FROM audit JOIN audit_values ON audit_values.audit = audit.id "
          "WHERE action = 'failed to update' AND value LIKE '%nowhere%' AND value NOT LIKE '%Augusta%'"
      ) == 1
  );
}

TEST_CASE("a value edited while its refused form was on its way gets its own chance, whatever else was taken"
) {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"email", "nowhere"}, {"firstName", "Augusta"}});
  const auto actions = store.prepare("contacts", {seen_record(5, ada)});
  REQUIRE(actions.size() == 1);
  store.update(record, {{"email", "ada@valid.test"}});
  CHECK(refuse_address(store, actions.front()).to_hubspot.failed == 0);
  CHECK(store.get(record).status == SyncStatus::pending);
  CHECK(
      store.prepare("contacts", {seen_record(5, {{"email", "ada@example.org"}, {"firstName", "Augusta"}})})
          .size() == 1
  );
}

TEST_CASE("a change in HubSpot that gives refused work more to send is its own chance, once") {
  Rules rules = default_rules();
  rules.detection = Detection::record;
  rules.types[1].fields[0].policy = Policy::local;
  rules.types[1].fields[3].policy = Policy::local;
  TestStore store{":memory:", rules};
  const Fields values{{"email", "ada@example.org"}, {"firstName", "Ada"}, {"phone", "1"}};
  const Record record = store.linked("contacts", values, 5);
  store.update(record, {{"email", "nowhere"}});
  store.refuse("contacts", store.prepare("contacts", {seen_record(5, values)}).front(), invalid);
  REQUIRE(store.get(record).status == SyncStatus::error);

  const RemoteRecord changed =
      seen_record(5, {{"email", "ada@example.org"}, {"firstName", "Ada"}, {"phone", "2"}});
  store.observe("contacts", {changed});
  CHECK(store.get(record).status == SyncStatus::pending);
  CHECK(store.get(record).error.empty());
  const auto actions = store.prepare("contacts", {changed});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().fields == Fields{{"email", "nowhere"}, {"phone", "1"}});
  store.refuse("contacts", actions.front(), invalid);
  store.observe("contacts", {changed});
  CHECK(store.get(record).status == SyncStatus::error);
  CHECK(store.prepare("contacts", {changed}).empty());
}

TEST_CASE("what HubSpot changed while a value was refused is decided with it, once its history is known") {
  Rules rules = default_rules();
  rules.detection = Detection::record;
  rules.types[1].fields[0].policy = Policy::newest;
  rules.types[1].fields[3].policy = Policy::local;
  TestStore store{":memory:", rules};
  const Fields values{{"email", "ada@example.org"}, {"firstName", "Ada"}, {"phone", "1"}};
  const Record record = store.linked("contacts", values, 5);
  store.update(record, {{"email", "nowhere"}});
  auto actions = store.prepare("contacts", {seen_record(5, values)});
  REQUIRE(actions.size() == 1);
  RemoteRecord changed = seen_record(5, {{"email", "ada@example.org"}, {"firstName", "Ada"}, {"phone", "2"}});
  store.observe("contacts", {changed});  // Meanwhile.
  store.refuse("contacts", actions.front(), invalid);
  CHECK(store.get(record).status == SyncStatus::pending);
  changed.times = {{"email", store.now - std::chrono::hours{1}}, {"phone", store.now}};
  actions = store.prepare("contacts", {changed});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().fields == Fields{{"email", "nowhere"}, {"phone", "1"}});
  store.refuse("contacts", actions.front(), invalid);
  CHECK(store.get(record).status == SyncStatus::error);
  CHECK(store.prepare("contacts", {changed}).empty());
}

TEST_CASE("a record that was refused while it was in conflict says so once the conflict is closed") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  const auto seen = [](const char* phone) {
    return seen_record(5, {{"email", "ada@example.org"}, {"firstName", "Ada"}, {"phone", phone}});
  };
  store.observe("contacts", {seen("1")});
  store.update(record, {{"phone", "2"}, {"email", "nowhere"}});
  store.observe("contacts", {seen("3")});
  store.refuse("contacts", store.prepare("contacts", {seen("3")}).front(), invalid);
  REQUIRE(store.get(record).status == SyncStatus::conflict);
  store.observe("contacts", {seen("2")});
  CHECK(store.get(record).status == SyncStatus::error);
  CHECK(store.get(record).error == "bad e-mail (correlation id c-1)");
}

namespace {

/// A bad address is on its way, without the link to a company that HubSpot does not have yet.
struct WaitingLink {
  WaitingLink() {
    store.update(record, {{"email", "nowhere"}, {"company", company.id.text}});
    seen.references_known = true;
    sent = store.prepare("contacts", {seen});
    REQUIRE(sent.size() == 1);
    CHECK_FALSE(sent.front().sets_reference);
  }

  void refuse() { store.refuse("contacts", sent.front(), invalid); }
  void make_company() { store.accept("companies", store.prepare("companies").front(), HubspotId{70}); }
  void check_link_is_sent() {
    const auto actions = store.prepare("contacts", {seen});
    REQUIRE(actions.size() == 1);
    CHECK(actions.front().associate == HubspotId{70});
  }

  TestStore store;
  Record record = store.linked("contacts", ada, 5);
  Record company = store.create("companies", {{"name", "Acme"}});
  RemoteRecord seen = seen_record(5, ada);
  std::vector<PushAction> sent;
};

}  // namespace

TEST_CASE("a link that waited for its company is sent beside a value that HubSpot refuses") {
  WaitingLink link;
  link.refuse();
  CHECK(link.store.get(link.record).status == SyncStatus::error);
  CHECK(link.store.prepare("contacts", {link.seen}).empty());
  link.seen.values["lastName"] = "King";
  link.store.observe("contacts", {link.seen});
  CHECK(link.store.get(link.record).status == SyncStatus::error);  // No more to send than was refused.

  link.make_company();
  link.check_link_is_sent();
}

TEST_CASE("a link whose company came into being while a refused value was on its way is sent") {
  WaitingLink link;
  link.make_company();
  link.refuse();
  link.check_link_is_sent();
}

TEST_CASE("a value that HubSpot took and did not show, beside one that it refused, is not sent again at once"
) {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"email", "nowhere"}, {"firstName", "Augusta"}});
  const auto actions = store.prepare("contacts", {seen_record(5, ada)});
  REQUIRE(actions.size() == 1);
  refuse_address(store, actions.front(), Fields{});
  CHECK(store.prepare("contacts", {seen_record(5, ada)}).empty());
  store.now += std::chrono::hours{1};
  CHECK(store.prepare("contacts", {seen_record(5, ada)}).size() == 1);
}
