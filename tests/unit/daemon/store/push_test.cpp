#include <doctest/doctest.h>

#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

const Fields ada{{"email", "ada@example.org"}, {"firstName", "Ada"}};
const CallFailure lost{.outcome = Outcome::unknown, .message = "no reply"};

LogEntry only_log(TestStore& store) {
  const auto page = store.repository->list_logs({});
  REQUIRE(page.total == 1);
  return *store.repository->find_log(page.items.front().id);
}

}  // namespace

TEST_CASE("a create is claimed once, committed as an intent, linked by its answer, logged and audited") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  const auto claims = store.repository->claim_due("contacts", 10, store.tick());
  REQUIRE(claims.size() == 1);
  CHECK(claims.front().uid == record.uid);
  CHECK(claims.front().key == "ada@example.org");
  CHECK_FALSE(claims.front().sent_before);
  CHECK(store.repository->claim_due("contacts", 10, store.tick()).empty());
  CHECK_FALSE(store.repository->claim_record("contacts", record.id, store.tick()));
  CHECK(store.repository->status().queue.running == 1);

  const auto prepared =
      store.repository->prepare_push({.type = "contacts", .claims = {record.id}}, store.tick());
  REQUIRE(prepared.actions.size() == 1);
  CHECK(prepared.actions.front().kind == PushKind::create);
  CHECK(prepared.actions.front().fields == ada);
  CHECK(store.count("SELECT count(*) FROM due WHERE intent = 'create' AND intent_fields LIKE '%Ada%'") == 1);

  CHECK(store.accept("contacts", prepared.actions.front(), HubspotId{5}).to_hubspot.created == 1);
  const Record after = store.get(record);
  CHECK(after.hubspot_id == HubspotId{5});
  CHECK(after.status == SyncStatus::synced);
  CHECK(after.base_presence == Presence::live);
  CHECK(after.edited.empty());
  CHECK(store.repository->list_due(1, 10).total == 0);
  const LogEntry log = only_log(store);
  CHECK(log.status == LogStatus::success);
  CHECK(log.action == LogAction::create);
  CHECK(log.payload == ada);
  CHECK(log.hubspot_id == HubspotId{5});
  CHECK(store.count("SELECT count(*) FROM audit WHERE action = 'sent create'") == 1);
  CHECK(store.repository->status().queue.completed == 1);
}

TEST_CASE("a create whose reply was lost is known as sent, also after a crash, and found again by its uid") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  auto actions = store.prepare("contacts");
  SUBCASE("the reply was lost") {
    store.refuse("contacts", actions.front(), lost);
  }
  SUBCASE("the daemon was killed") {
    store.repository->release_claims({record.id});
  }
  const auto claims = store.repository->claim_due("contacts", 10, store.tick());
  REQUIRE(claims.size() == 1);
  CHECK(claims.front().sent_before);
  RemoteRecord found = seen_record(5, ada);
  found.uid = record.uid;
  const auto prepared = store.repository->prepare_push(
      {.type = "contacts", .claims = {record.id}, .seen = {found}}, store.tick()
  );
  CHECK(prepared.actions.empty());
  CHECK(store.get(record).hubspot_id == HubspotId{5});
  CHECK(store.get(record).status == SyncStatus::synced);
  CHECK(store.repository->list_due(1, 10).total == 0);
  CHECK(only_log(store).status == LogStatus::success);
}

TEST_CASE("a create whose outcome is open stays so when HubSpot cannot be asked about it") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  store.prepare("contacts");
  store.repository->release_claims({record.id});  // The daemon was killed.
  REQUIRE(store.repository->claim_due("contacts", 10, store.tick()).size() == 1);
  const CallFailure refused{.outcome = Outcome::unavailable, .message = "connection refused"};
  store.repository->settle_push(
      "contacts",
      {{.id = record.id, .failure = refused, .dispatched = false, .retry_delay = Duration{1'000}}},
      store.tick()
  );
  const auto claims = store.repository->claim_due("contacts", 10, store.tick());
  REQUIRE(claims.size() == 1);
  CHECK(claims.front().sent_before);
}

TEST_CASE(
    "what was sent and then edited again is no conflict when HubSpot shows it, though its reply was lost"
) {
  TestStore store;
  const Record record = store.create("contacts", ada);
  RemoteRecord shown = seen_record(5, ada);
  shown.uid = record.uid;
  SUBCASE("a create") {
    store.refuse("contacts", store.prepare("contacts").front(), lost);
  }
  SUBCASE("an update") {
    store.accept("contacts", store.prepare("contacts").front(), HubspotId{5});
    store.update(record, {{"firstName", "Augusta"}});
    store.refuse("contacts", store.prepare("contacts").front(), lost);
    shown.values["firstName"] = "Augusta";
  }
  SUBCASE("an update that is still on its way") {
    store.accept("contacts", store.prepare("contacts").front(), HubspotId{5});
    store.update(record, {{"firstName", "Augusta"}});
    CHECK(store.prepare("contacts").size() == 1);
    shown.values["firstName"] = "Augusta";
  }
  store.update(record, {{"firstName", "Ada Augusta"}});
  store.observe("contacts", {shown});
  CHECK(store.get(record).status == SyncStatus::pending);
  CHECK(store.repository->list_conflicts({}).total == 0);
  CHECK(store.get(record).local.at("firstName") == "Ada Augusta");
}

TEST_CASE("a record that another one of ours is being made as is not taken for its key") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  REQUIRE(store.prepare("contacts").size() == 1);  // On its way, or made and not stored yet.
  const Record other = store.create("contacts", {{"email", "grace@example.org"}});
  RemoteRecord renamed = seen_record(5, {{"email", "grace@example.org"}, {"firstName", "Ada"}});
  renamed.uid = record.uid;
  const auto actions = store.prepare("contacts", {renamed});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().id == other.id);
  CHECK(actions.front().kind == PushKind::create);
}

TEST_CASE("a create that never arrived is sent again") {
  TestStore store;
  store.create("contacts", ada);
  store.refuse("contacts", store.prepare("contacts").front(), lost);
  const auto again = store.prepare("contacts");
  REQUIRE(again.size() == 1);
  CHECK(again.front().kind == PushKind::create);
  CHECK(again.front().attempts == 1);
}

TEST_CASE("a record deleted while its create's outcome is open is looked for and then archived, or forgotten"
) {
  TestStore store;
  const Record record = store.create("contacts", ada);
  store.refuse("contacts", store.prepare("contacts").front(), lost);
  store.remove(record);
  const auto claims = store.repository->claim_due("contacts", 10, store.tick());
  REQUIRE(claims.size() == 1);
  CHECK(claims.front().sent_before);
  PreparePush push{.type = "contacts", .claims = {record.id}};
  SUBCASE("it had arrived") {
    RemoteRecord found = seen_record(5, ada);
    found.uid = record.uid;
    push.seen = {found};
    const auto prepared = store.repository->prepare_push(push, store.tick());
    REQUIRE(prepared.actions.size() == 1);
    CHECK(prepared.actions.front().kind == PushKind::archive);
    CHECK(prepared.actions.front().hubspot_id == HubspotId{5});
    store.accept("contacts", prepared.actions.front(), HubspotId{5});
  }
  SUBCASE("it had not") {
    CHECK(store.repository->prepare_push(push, store.tick()).actions.empty());
  }
  CHECK(store.repository->list_due(1, 10).total == 0);
  CHECK(store.get(record).local_presence == Presence::deleted);
  CHECK(store.get(record).status == SyncStatus::synced);
}

TEST_CASE("a record deleted while its create is on its way is archived after it") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  const auto create = store.prepare("contacts");
  store.remove(record);
  store.accept("contacts", create.front(), HubspotId{5});
  const auto actions = store.prepare("contacts", {seen_record(5, ada)});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().kind == PushKind::archive);
  CHECK(store.get(record).local_presence == Presence::deleted);
}

TEST_CASE("re-reading before sending merges what changed there and sends the rest") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"phone", "1"}});
  const auto actions = store.prepare("contacts", {seen_record(5, {{"firstName", "Eva"}, {"phone", ""}})});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().kind == PushKind::update);
  CHECK(actions.front().fields == Fields{{"phone", "1"}});
  CHECK(store.get(record).local.at("firstName") == "Eva");
}

TEST_CASE("re-reading that shows our value already settles the work without a call") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"firstName", "Eva"}});
  CHECK(store.prepare("contacts", {seen_record(5, {{"firstName", "Eva"}})}).empty());
  CHECK(store.repository->list_due(1, 10).total == 0);
  CHECK(store.get(record).status == SyncStatus::synced);
  CHECK(store.repository->list_logs({.status = LogStatus::pending}).total == 0);
}

TEST_CASE("a record proven to be archived is not written to") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"phone", "1"}});
  const auto claims = store.repository->claim_due("contacts", 10, store.tick());
  RemoteRecord archived = seen_record(5, ada);
  archived.archived = true;
  const auto prepared = store.repository->prepare_push(
      {.type = "contacts", .claims = {record.id}, .seen = {archived}}, store.tick()
  );
  CHECK(prepared.actions.empty());
  CHECK(prepared.counts.from_hubspot.conflicts == 1);
  CHECK(store.get(record).status == SyncStatus::conflict);
  CHECK(store.repository->claim_due("contacts", 10, store.tick()).empty());
}

TEST_CASE("a record that can be neither read nor proven gone is parked") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"phone", "1"}});
  (void)store.repository->claim_due("contacts", 10, store.tick());
  const auto prepared = store.repository->prepare_push(
      {.type = "contacts",
       .claims = {record.id},
       .unreadable = {HubspotId{5}},
       .unreadable_why = "HubSpot has lost it"},
      store.tick()
  );
  CHECK(prepared.actions.empty());
  CHECK(prepared.counts.to_hubspot.failed == 1);
  CHECK(store.get(record).error == "HubSpot has lost it");
  CHECK(store.repository->list_due(1, 10).items.front().state == DueItem::State::failed);
}

TEST_CASE("an edit made while an older one is on its way is sent next, as work of its own") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"phone", "1"}});
  const auto first = store.prepare("contacts", {seen_record(5, {{"phone", ""}})});
  store.update(record, {{"phone", "2"}});
  CHECK(store.repository->claim_due("contacts", 10, store.tick()).empty());
  store.accept("contacts", first.front(), HubspotId{5});
  CHECK(store.get(record).status == SyncStatus::pending);
  const auto second = store.prepare("contacts");
  REQUIRE(second.size() == 1);
  CHECK(second.front().fields == Fields{{"phone", "2"}});
  store.accept("contacts", second.front(), HubspotId{5});
  CHECK(store.get(record).status == SyncStatus::synced);
  CHECK(store.repository->list_logs({.status = LogStatus::success}).total == 3);
}

TEST_CASE("a value that HubSpot accepted but did not echo is read again after a while, not agreed on") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"phone", "1"}});
  const auto actions = store.prepare("contacts", {seen_record(5, {{"phone", ""}})});
  store.repository->settle_push(
      "contacts",
      {{.id = record.id,
        .sent = {{"phone", "1"}},
        .answer = seen_record(5, {}),
        .retry_delay = std::chrono::hours{1}}},
      store.tick()
  );
  CHECK(store.repository->claim_due("contacts", 10, store.tick()).empty());
  store.now += std::chrono::hours{1};
  CHECK(store.prepare("contacts", {seen_record(5, {{"phone", "1"}})}).empty());
  CHECK(store.get(record).status == SyncStatus::synced);
}

TEST_CASE("a link that HubSpot refuses after the record was written is tried again later") {
  TestStore store;
  const Record company = store.linked("companies", {{"name", "Acme"}}, 70);
  store.create("contacts", {{"email", "ada@example.org"}, {"company", company.id.text}});
  const auto actions = store.prepare("contacts");
  REQUIRE(actions.size() == 1);
  PushOutcome outcome{.id = actions.front().id, .kind = PushKind::create, .sent = actions.front().fields};
  outcome.answer = RemoteRecord{.id = HubspotId{5}, .values = actions.front().fields};
  outcome.reference_failure = CallFailure{.outcome = Outcome::unavailable, .status = 423};
  outcome.retry_delay = std::chrono::minutes{30};
  store.repository->settle_push("contacts", {outcome}, store.tick());
  CHECK(store.prepare("contacts").empty());
  store.now += std::chrono::minutes{30};
  RemoteRecord without_company = seen_record(5, {{"email", "ada@example.org"}});
  without_company.references_known = true;
  const auto later = store.prepare("contacts", {without_company});
  REQUIRE(later.size() == 1);
  CHECK(later.front().associate == HubspotId{70});
}

TEST_CASE("waiting for HubSpot's limit is not an attempt, a lost reply is, and giving up parks") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  store.refuse("contacts", store.prepare("contacts").front(), {.outcome = Outcome::throttled, .status = 429});
  CHECK(only_log(store).status == LogStatus::retrying);
  CHECK(only_log(store).retry_count == 0);
  CHECK(only_log(store).next_retry_at == store.now + Duration{1'000});
  const auto actions = store.prepare("contacts");
  CHECK(actions.front().attempts == 0);
  store.refuse("contacts", actions.front(), lost);
  CHECK(store.repository->status().queue.retrying == 1);
  store.prepare("contacts");
  store.repository->settle_push(
      "contacts", {{.id = record.id, .failure = lost, .gave_up = true}}, store.tick()
  );
  CHECK(store.repository->status().queue.failed == 1);
  CHECK(only_log(store).status == LogStatus::failed);
  CHECK(only_log(store).retry_count == 1);
}

TEST_CASE("a refusal that names the record with the key keeps the work, to adopt that record") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  store.refuse(
      "contacts",
      store.prepare("contacts").front(),
      {.outcome = Outcome::refused, .status = 409, .existing_id = HubspotId{9}}
  );
  RemoteRecord existing = seen_record(9, {{"email", "ADA@example.org"}, {"firstName", ""}});
  const auto actions = store.prepare("contacts", {existing});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().kind == PushKind::update);
  CHECK(actions.front().hubspot_id == HubspotId{9});
  CHECK(actions.front().fields == Fields{{"firstName", "Ada"}});
  CHECK(store.get(record).hubspot_id == HubspotId{9});
}

TEST_CASE("a link is sent only when the company exists in HubSpot; the rest goes before") {
  TestStore store;
  const Record company = store.create("companies", {{"name", "Acme"}});
  Fields fields = ada;
  fields["company"] = company.id.text;
  const Record contact = store.create("contacts", fields);
  auto actions = store.prepare("contacts");
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().fields == ada);
  CHECK_FALSE(actions.front().sets_reference);
  store.accept("contacts", actions.front(), HubspotId{5});
  RemoteRecord seen = seen_record(5, ada);
  seen.references_known = true;
  CHECK(store.prepare("contacts", {seen}).empty());
  CHECK(store.repository->list_due(1, 10).items.back().state == DueItem::State::waiting);

  store.accept("companies", store.prepare("companies").front(), HubspotId{70});
  const auto claims = store.repository->claim_due("contacts", 10, store.tick());
  REQUIRE(claims.size() == 1);
  CHECK(claims.front().reference_edited);
  actions = store.repository
                ->prepare_push({.type = "contacts", .claims = {contact.id}, .seen = {seen}}, store.tick())
                .actions;
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().sets_reference);
  CHECK(actions.front().associate == HubspotId{70});
  CHECK_FALSE(actions.front().dissociate);
  store.accept("contacts", actions.front(), HubspotId{5});
  CHECK(store.get(contact).status == SyncStatus::synced);
  CHECK(store.get(contact).base.at("company").remote == company.id.text);
}

TEST_CASE("a link that waits for a company which never comes to HubSpot waits no more once it is deleted") {
  TestStore store;
  const Record old_company = store.linked("companies", {{"name", "Old"}}, 70);
  const Record new_company = store.create("companies", {{"name", "New"}});
  RemoteRecord seen = seen_record(5, ada);
  seen.references_known = true;
  seen.reference = HubspotId{70};
  const Record contact = store.pull("contacts", seen);
  store.update(contact, {{"company", new_company.id.text}});
  REQUIRE(store.prepare("contacts", {seen}).empty());
  store.remove(new_company);
  const auto actions = store.prepare("contacts", {seen});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().dissociate == HubspotId{70});
  CHECK_FALSE(actions.front().associate);
}

TEST_CASE("a link that waits for its company does not hold back what HubSpot's change gives to send") {
  Rules rules = default_rules();
  FieldRule& phone = rules.types[1].fields[3];
  REQUIRE(phone.name == "phone");
  phone.direction = Direction::push;
  TestStore store{":memory:", rules};
  const Record contact = store.linked("contacts", {{"email", "ada@example.org"}, {"phone", "1"}}, 5);
  const Record company = store.create("companies", {{"name", "New"}});
  store.update(contact, {{"company", company.id.text}});
  RemoteRecord seen = seen_record(5, {{"email", "ada@example.org"}, {"phone", "1"}});
  seen.references_known = true;
  REQUIRE(store.prepare("contacts", {seen}).empty());
  seen.values["phone"] = "2";
  store.observe("contacts", {seen});
  const auto actions = store.prepare("contacts", {seen});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().fields == Fields{{"phone", "1"}});
}

TEST_CASE("moving a contact to another company removes the old link, clearing it only that") {
  TestStore store;
  const Record old_company = store.linked("companies", {{"name", "Old"}}, 70);
  const Record new_company = store.linked("companies", {{"name", "New"}}, 71);
  RemoteRecord seen = seen_record(5, ada);
  seen.references_known = true;
  seen.reference = HubspotId{70};
  const Record contact = store.pull("contacts", seen);
  SUBCASE("another") {
    store.update(contact, {{"company", new_company.id.text}});
    const auto actions = store.prepare("contacts", {seen});
    REQUIRE(actions.size() == 1);
    CHECK(actions.front().associate == HubspotId{71});
    CHECK(actions.front().dissociate == HubspotId{70});
  }
  SUBCASE("none") {
    store.update(contact, {{"company", ""}});
    const auto actions = store.prepare("contacts", {seen});
    REQUIRE(actions.size() == 1);
    CHECK(actions.front().sets_reference);
    CHECK_FALSE(actions.front().associate);
    CHECK(actions.front().dissociate == HubspotId{70});
  }
}

TEST_CASE("a dispute for the newest waits for HubSpot's history before anybody calls it a conflict") {
  Rules rules = default_rules();
  rules.types[1].fields[3].policy = Policy::newest;
  TestStore store{":memory:", rules};
  const Record record = store.linked("contacts", {{"email", "ada@example.org"}, {"phone", "1"}}, 5);
  store.update(record, {{"phone", "2"}});
  const Instant edited = store.now;
  RemoteRecord seen = seen_record(5, {{"phone", "3"}});
  store.observe("contacts", {seen});
  CHECK(store.repository->list_conflicts({.open = true}).total == 0);
  CHECK(store.get(record).status == SyncStatus::pending);
  const auto claims = store.repository->claim_due("contacts", 10, store.tick());
  REQUIRE(claims.size() == 1);
  CHECK(claims.front().needs_history);
  PreparePush push{.type = "contacts", .claims = {record.id}};
  SUBCASE("ours is newer") {
    seen.times["phone"] = edited - std::chrono::hours{1};
    push.seen = {seen};
    const auto prepared = store.repository->prepare_push(push, store.tick());
    REQUIRE(prepared.actions.size() == 1);
    CHECK(prepared.actions.front().fields == Fields{{"phone", "2"}});
    CHECK(store.count("SELECT count(*) FROM audit WHERE action = 'kept local'") == 1);
  }
  SUBCASE("theirs is newer") {
    seen.times["phone"] = edited + std::chrono::hours{1};
    push.seen = {seen};
    CHECK(store.repository->prepare_push(push, store.tick()).actions.empty());
    CHECK(store.get(record).local.at("phone") == "3");
    CHECK(store.repository->list_due(1, 10).total == 0);
  }
  SUBCASE("too close to tell: a conflict, and no further work") {
    seen.times["phone"] = edited;
    push.seen = {seen};
    CHECK(store.repository->prepare_push(push, store.tick()).actions.empty());
    CHECK(store.repository->list_conflicts({.open = true}).total == 1);
    CHECK(store.repository->list_due(1, 10).total == 0);
    store.observe("contacts", {seen_record(5, {{"phone", "3"}})});
    CHECK(store.repository->list_due(1, 10).total == 0);
    CHECK(store.repository->list_conflicts({.open = true}).total == 1);
  }
}

TEST_CASE("a dry run of a push plans, and leaves claims and due work as they were") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  const auto prepared = store.repository->prepare_push(
      {.type = "contacts", .claims = {record.id}, .dry_run = true}, store.tick()
  );
  CHECK(prepared.actions.empty());
  REQUIRE(prepared.planned.size() == 1);
  CHECK(prepared.planned.front().action == RecordAction::create_remote);
  CHECK(prepared.planned.front().after == ada);
  CHECK(store.count("SELECT count(*) FROM due WHERE intent = ''") == 1);
  CHECK(store.repository->claim_due("contacts", 10, store.tick()).size() == 1);
}
