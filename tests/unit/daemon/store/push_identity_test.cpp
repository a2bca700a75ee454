// What sending does about records of which HubSpot shows more, fewer or others than were thought.
#include <doctest/doctest.h>

#include "daemon/core/backoff.hpp"
#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

const Fields ada{{"email", "ada@example.org"}, {"firstName", "Ada"}};
const CallFailure lost{.outcome = Outcome::unknown, .message = "no reply"};

}  // namespace

TEST_CASE("a create taken for a company of the same domain meanwhile leaves both, each with a record here") {
  TestStore store;
  const Record made = store.create("companies", {{"name", "Ours"}, {"domain", "acme.test"}});
  const auto actions = store.prepare("companies");
  REQUIRE(actions.size() == 1);
  // Somebody made one with this domain; a walk meets it before our create is answered.
  store.observe("companies", {seen_record(70, {{"name", "Theirs"}, {"domain", "acme.test"}})});
  REQUIRE(store.get(made).hubspot_id == HubspotId{70});
  SUBCASE("the answer tells") {
    store.accept("companies", actions.front(), HubspotId{71});
  }
  SUBCASE("the answer is lost, and a walk tells") {
    store.refuse("companies", actions.front(), lost);
    RemoteRecord ours = seen_record(71, {{"name", "Ours"}, {"domain", "acme.test"}});
    ours.uid = made.uid;
    store.observe("companies", {ours});
  }
  const Record here = store.get(made);
  CHECK(here.hubspot_id == HubspotId{71});
  CHECK(here.local.at("name") == "Ours");
  const Record theirs = store.by_link("companies", HubspotId{70});
  CHECK(theirs.id != made.id);
  CHECK(theirs.local == Fields{{"name", "Theirs"}, {"domain", "acme.test"}});
  CHECK(store.repository->list_conflicts({.open = true}).total == 0);
  CHECK(store.count("SELECT count(*) FROM aliases") == 0);
}

TEST_CASE("an unanswered create that neither an id nor a key tells of is known by what it sent") {
  TestStore store;
  const Record made = store.create("companies", {{"name", "Ours"}});
  const Record twin = store.create("companies", {{"name", "Ours"}});
  const auto actions = store.prepare("companies");
  REQUIRE(actions.size() == 2);
  store.refuse("companies", actions.front(), lost);
  store.refuse("companies", actions.back(), lost);
  store.now += std::chrono::minutes{1};
  const RemoteRecord first = seen_record(71, {{"name", "Ours "}});
  const RemoteRecord second = seen_record(72, {{"name", "Ours"}});
  const RemoteRecord other = seen_record(73, {{"name", "Theirs"}});
  SUBCASE("looked for before it is made again") {
    CHECK(store.prepare("companies", {other, first, second}).empty());
  }
  SUBCASE("met by a walk first") {
    store.observe("companies", {first, second});
    CHECK(store.prepare("companies", {first, second}).empty());
  }
  SUBCASE("only one of two arrived") {
    const auto again = store.prepare("companies", {other, first});
    REQUIRE(again.size() == 1);
    CHECK(store.get(made).hubspot_id.has_value() != store.get(twin).hubspot_id.has_value());
    store.accept("companies", again.front(), HubspotId{72});
  }
  CHECK(store.get(made).hubspot_id.has_value());
  CHECK(store.get(twin).hubspot_id.has_value());
  CHECK(store.get(made).hubspot_id != store.get(twin).hubspot_id);
  CHECK(store.count("SELECT count(*) FROM records") == 2);
}

TEST_CASE("a record of HubSpot's that shows what was created is another one unless the answer was lost") {
  TestStore store;
  const Record made = store.create("companies", {{"name", "Ours"}});
  store.observe("companies", {seen_record(71, {{"name", "Ours"}})});
  CHECK_FALSE(store.get(made).hubspot_id);
  CHECK(store.count("SELECT count(*) FROM records") == 2);
}

TEST_CASE("an update that was on its way to a record taken for ours does not make two records one") {
  TestStore store;
  const Record made = store.create("companies", {{"name", "Ours"}, {"domain", "acme.test"}});
  const auto create = store.prepare("companies");
  REQUIRE(create.size() == 1);
  store.refuse("companies", create.front(), lost);
  const RemoteRecord theirs = seen_record(70, {{"name", "Ours"}, {"domain", "acme.test"}});
  store.observe("companies", {theirs});
  REQUIRE(store.get(made).hubspot_id == HubspotId{70});
  store.update(made, {{"industry", "anvils"}});
  const auto update = store.prepare("companies", {theirs});
  REQUIRE(update.size() == 1);
  RemoteRecord ours = seen_record(71, {{"name", "Ours"}, {"domain", "acme.test"}});
  ours.uid = made.uid;
  store.observe("companies", {ours});  // The create had arrived.
  store.accept("companies", update.front(), HubspotId{70});
  CHECK(store.get(made).hubspot_id == HubspotId{71});
  CHECK(store.get(made).local_presence == Presence::live);
  CHECK(store.by_link("companies", HubspotId{70}).id != made.id);
  const auto again = store.prepare("companies", {ours});
  REQUIRE(again.size() == 1);
  CHECK(again.front().hubspot_id == HubspotId{71});
  CHECK(again.front().fields == Fields{{"industry", "anvils"}});
}

TEST_CASE("a key that another record of ours gives up is asked for again") {
  const CallFailure taken{
      .outcome = Outcome::refused, .status = 409, .message = "taken", .existing_id = HubspotId{9}
  };
  for (const bool deleted : {false, true}) {
    for (const bool freed_first : {false, true}) {
      CAPTURE(deleted);
      CAPTURE(freed_first);
      TestStore store;
      const Record owner = store.linked("contacts", ada, 9);
      if (deleted) {
        store.remove(owner);
      } else {
        store.update(owner, {{"email", "other@example.org"}});
      }
      const auto freeing = store.prepare("contacts", {seen_record(9, ada)});
      REQUIRE(freeing.size() == 1);
      const Record next = store.create("contacts", ada);
      const auto creates = store.prepare("contacts");
      REQUIRE(creates.size() == 1);
      if (freed_first) {
        store.accept("contacts", freeing.front(), HubspotId{9});
      }
      store.refuse("contacts", creates.front(), taken);
      if (!freed_first) {
        store.accept("contacts", freeing.front(), HubspotId{9});
      }
      CHECK(store.get(next).status == SyncStatus::pending);
      const auto due = store.repository->list_due(1, 10);
      REQUIRE(due.total == 1);
      CHECK(due.items.front().record == next.id);
      CHECK(due.items.front().state == DueItem::State::ready);
    }
  }
}

TEST_CASE("what HubSpot shows after a link was cleared is taken over, not thought to be none") {
  TestStore store;
  const Record first = store.linked("companies", {{"name", "First"}}, 70);
  const Record second = store.linked("companies", {{"name", "Second"}}, 71);
  RemoteRecord seen = seen_record(5, ada);
  seen.references_known = true;
  seen.reference = HubspotId{70};
  const Record contact = store.pull("contacts", seen);
  store.update(contact, {{"company", ""}});
  const auto actions = store.prepare("contacts", {seen});
  REQUIRE(actions.size() == 1);
  PushOutcome outcome{.id = contact.id, .kind = PushKind::update, .sent = {{"company", ""}}};
  outcome.answer = RemoteRecord{.id = HubspotId{5}, .values = {}, .references_known = true};
  SUBCASE("another link") {
    outcome.answer->reference = HubspotId{71};
    store.repository->settle_push("contacts", {outcome}, store.tick());
    CHECK(store.get(contact).local.at("company") == second.id.text);
  }
  SUBCASE("none") {
    store.repository->settle_push("contacts", {outcome}, store.tick());
    CHECK_FALSE(store.get(contact).local.contains("company"));
  }
  CHECK(store.get(contact).status == SyncStatus::synced);
  CHECK(store.repository->list_conflicts({.open = true}).total == 0);
  CHECK(store.get(first).local_presence == Presence::live);
}

TEST_CASE("after an update without an answer nothing newer is sent until it can no longer arrive") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"firstName", "Eve"}});
  const auto actions = store.prepare("contacts", {seen_record(5, ada)});
  REQUIRE(actions.size() == 1);
  store.refuse("contacts", actions.front(), lost);
  const Instant failed = store.now;
  REQUIRE(store.repository->update_record(
      {.type = "contacts", .id = record.id, .fields = {{"firstName", "Eva"}}, .actor = "uid 1000"},
      failed + Duration{1}
  ));
  CHECK(store.repository->claim_due("contacts", 10, failed + latest_arrival - Duration{1}).empty());
  CHECK_FALSE(store.repository->claim_record("contacts", record.id, failed + Duration{2}));
  CHECK(store.repository->claim_due("contacts", 10, failed + latest_arrival).size() == 1);
}

TEST_CASE("an update that HubSpot itself answered with an error is tried again by the schedule") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"firstName", "Eve"}});
  const auto actions = store.prepare("contacts", {seen_record(5, ada)});
  CallFailure failure{.outcome = Outcome::unknown, .status = 500, .own_words = true};
  bool waits = false;
  SUBCASE("its own words") {}
  SUBCASE("a proxy's page") {
    failure = {.outcome = Outcome::unknown, .status = 503};
    waits = true;
  }
  SUBCASE("a proxy that gave up") {
    failure = {.outcome = Outcome::unknown, .status = 504, .own_words = true};
    waits = true;
  }
  PushOutcome outcome{.id = record.id, .kind = PushKind::update, .failure = failure};
  outcome.retry_delay = Duration{400};
  const Instant failed = store.tick();
  store.repository->settle_push("contacts", {outcome}, failed);
  CHECK(store.repository->claim_due("contacts", 10, failed + Duration{399}).empty());
  CHECK(store.repository->claim_due("contacts", 10, failed + Duration{400}).empty() == waits);
}

TEST_CASE("an edit made while a write of a process that died may still arrive waits, the same values do not"
) {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"firstName", "Eve"}});
  REQUIRE(store.prepare("contacts", {seen_record(5, ada)}).size() == 1);
  const Instant sent = store.now;
  store.repository->release_claims({record.id});
  SUBCASE("the same") {
    CHECK(store.repository->claim_due("contacts", 10, sent + Duration{1}).size() == 1);
  }
  SUBCASE("edited since") {
    REQUIRE(store.repository->update_record(
        {.type = "contacts", .id = record.id, .fields = {{"firstName", "Eva"}}, .actor = "uid 1000"},
        sent + Duration{1}
    ));
    CHECK(store.repository->claim_due("contacts", 10, sent + longest_flight - Duration{1}).empty());
    CHECK(store.repository->claim_due("contacts", 10, sent + longest_flight).size() == 1);
  }
}

TEST_CASE("a create that arrived and was archived before we looked is not made again") {
  TestStore store;
  const Record made = store.create("contacts", ada);
  store.refuse("contacts", store.prepare("contacts").front(), lost);
  RemoteRecord archived = seen_record(5, ada);
  archived.uid = made.uid;
  archived.archived = true;
  const auto look = [&] { return store.prepare("contacts", {archived}); };
  SUBCASE("the look before the next try shows it: it is deleted here too") {
    CHECK(look().empty());
    CHECK(store.get(made).local_presence == Presence::deleted);
    CHECK(store.repository->list_due(1, 10).total == 0);
  }
  SUBCASE("a webhook's reading shows it") {
    store.observe("contacts", {archived});
    CHECK(store.get(made).local_presence == Presence::deleted);
    CHECK(store.repository->list_due(1, 10).total == 0);
  }
  SUBCASE("edited here since: somebody has to decide") {
    store.update(made, {{"phone", "1"}});
    CHECK(look().empty());
    CHECK(store.get(made).local_presence == Presence::live);
    const auto conflicts = store.repository->list_conflicts({.open = true});
    REQUIRE(conflicts.total == 1);
    CHECK(conflicts.items.front().fields == std::vector<std::string>{"deleted"});
  }
  SUBCASE("deleted here since: both agree") {
    CHECK(store.repository->delete_record({.type = "contacts", .id = made.id}, store.tick()));
    CHECK(look().empty());
    CHECK(store.get(made).local_presence == Presence::deleted);
    CHECK(store.repository->list_due(1, 10).total == 0);
  }
  CHECK(store.get(made).hubspot_id == HubspotId{5});
  CHECK(store.count("SELECT count(*) FROM records") == 1);
}

TEST_CASE("an archived record with a uid of ours says nothing about a record that was not sent, or is linked"
) {
  TestStore store;
  const Record made = store.create("contacts", ada);
  RemoteRecord archived = seen_record(5, ada);
  archived.uid = made.uid;
  archived.archived = true;
  SUBCASE("never sent") {}
  SUBCASE("made under another id") {
    store.accept("contacts", store.prepare("contacts").front(), HubspotId{6});
  }
  store.observe("contacts", {archived});
  CHECK(store.get(made).local_presence == Presence::live);
}

TEST_CASE("a reference that was edited after its record was claimed is not written before it is read") {
  TestStore store;
  store.linked("companies", {{"name", "Acme"}}, 70);
  const Record company = store.linked("companies", {{"name", "Bolt"}}, 71);
  const Record record = store.linked("contacts", {{"email", "ada@example.org"}}, 5);
  store.update(record, {{"phone", "1"}});
  const auto claims = store.repository->claim_due("contacts", 10, store.tick());
  REQUIRE(claims.size() == 1);
  CHECK_FALSE(claims.front().reference_edited);
  store.update(record, {{"company", company.id.text}});
  RemoteRecord seen = seen_record(5, {{"email", "ada@example.org"}});
  const auto first = store.repository->prepare_push(
      {.type = "contacts", .claims = {record.id}, .seen = {seen}}, store.tick()
  );
  REQUIRE(first.actions.size() == 1);
  CHECK(first.actions.front().fields == Fields{{"phone", "1"}});
  CHECK_FALSE(first.actions.front().sets_reference);
  store.accept("contacts", first.actions.front(), HubspotId{5});

  const auto next = store.repository->claim_due("contacts", 10, store.tick());
  REQUIRE(next.size() == 1);
  CHECK(next.front().reference_edited);
  seen.references_known = true;
  seen.reference = HubspotId{70};
  const auto second = store.repository->prepare_push(
      {.type = "contacts", .claims = {record.id}, .seen = {seen}}, store.tick()
  );
  CHECK(second.actions.empty());  // Somebody else's link: a conflict now, and nothing is overwritten.
  CHECK(store.get(record).status == SyncStatus::conflict);
}

TEST_CASE("an edit taken back while the answer to it is open is not undone by what it left in HubSpot") {
  for (const auto& [died, polled] : {std::pair{false, false}, {false, true}, {true, false}, {true, true}}) {
    CAPTURE(died);
    CAPTURE(polled);
    TestStore store;
    const Record record = store.linked("contacts", ada, 5);
    store.update(record, {{"firstName", "Eve"}});
    const auto sent = store.prepare("contacts", {seen_record(5, ada)});
    REQUIRE(sent.size() == 1);
    if (died) {
      store.repository->release_claims({record.id});
    } else {
      store.refuse("contacts", sent.front(), lost);
    }
    store.update(record, {{"firstName", "Ada"}});
    CHECK(store.get(record).status == SyncStatus::pending);
    RemoteRecord arrived = seen_record(5, ada);
    arrived.values["firstName"] = "Eve";
    if (polled) {
      store.observe("contacts", {seen_record(5, ada)});
      store.observe("contacts", {arrived});
    }
    const auto again = store.prepare("contacts", {arrived});
    REQUIRE(again.size() == 1);
    CHECK(again.front().fields == Fields{{"firstName", "Ada"}});
    CHECK(store.get(record).local.at("firstName") == "Ada");
    store.accept("contacts", again.front(), HubspotId{5});
    CHECK(store.get(record).status == SyncStatus::synced);
    CHECK(store.repository->list_conflicts({}).total == 0);
  }
}

TEST_CASE("an edit taken back that never arrived leaves no work behind") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"firstName", "Eve"}});
  store.refuse("contacts", store.prepare("contacts", {seen_record(5, ada)}).front(), lost);
  store.update(record, {{"firstName", "Ada"}});
  CHECK(store.repository->list_due(1, 10).total == 1);
  CHECK(store.prepare("contacts", {seen_record(5, ada)}).empty());
  CHECK(store.repository->list_due(1, 10).total == 0);
  CHECK(store.get(record).status == SyncStatus::synced);
}

TEST_CASE("a link taken back while the answer to it is open is read before anything is decided") {
  TestStore store;
  const Record company = store.linked("companies", {{"name", "Acme"}}, 70);
  const Record contact = store.linked("contacts", ada, 5);
  store.update(contact, {{"company", company.id.text}});
  RemoteRecord shown = seen_record(5, ada);
  shown.references_known = true;
  store.refuse("contacts", store.prepare("contacts", {shown}).front(), lost);
  store.update(contact, {{"company", ""}});
  const auto claims = store.repository->claim_due("contacts", 10, store.tick());
  REQUIRE(claims.size() == 1);
  CHECK(claims.front().reference_edited);
  shown.reference = HubspotId{70};
  const auto again = store.repository->prepare_push(
      {.type = "contacts", .claims = {contact.id}, .seen = {shown}}, store.tick()
  );
  REQUIRE(again.actions.size() == 1);
  CHECK(again.actions.front().dissociate == HubspotId{70});
  CHECK_FALSE(store.get(contact).local.contains("company"));
}

TEST_CASE("a decision for HubSpot's value is not undone by our own write that arrives after it") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"firstName", "Eve"}});
  store.refuse("contacts", store.prepare("contacts", {seen_record(5, ada)}).front(), lost);
  RemoteRecord theirs = seen_record(5, ada);
  theirs.values["firstName"] = "Iva";
  store.observe("contacts", {theirs});
  const auto conflicts = store.repository->list_conflicts({.open = true});
  REQUIRE(conflicts.total == 1);
  const ConflictWish keep_hubspot{.id = conflicts.items.front().id, .resolution = Resolution::keep_hubspot};
  const auto resolved = store.repository->resolve_conflicts(
      {.wishes = {keep_hubspot}, .pages = {{.type = "contacts", .seen = {theirs}}}}, store.tick()
  );
  REQUIRE_FALSE(resolved.front().error);
  CHECK(store.get(record).local.at("firstName") == "Iva");
  RemoteRecord late = theirs;
  late.values["firstName"] = "Eve";
  store.observe("contacts", {late});
  CHECK(store.get(record).local.at("firstName") == "Iva");
  const auto again = store.prepare("contacts", {late});
  REQUIRE(again.size() == 1);
  CHECK(again.front().fields == Fields{{"firstName", "Iva"}});
}

TEST_CASE("a record restored while the answer to its archiving is open is made again, not deleted") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.remove(record);
  const auto archive = store.prepare("contacts", {seen_record(5, ada)});
  REQUIRE(archive.size() == 1);
  REQUIRE(archive.front().kind == PushKind::archive);
  store.refuse("contacts", archive.front(), lost);
  store.restore(record);
  CHECK(store.get(record).status == SyncStatus::pending);
  SUBCASE("it arrived, and a walk tells") {
    store.repository->observe({.type = "contacts", .deleted = {HubspotId{5}}}, store.tick());
    const auto again = store.prepare("contacts");
    REQUIRE(again.size() == 1);
    CHECK(again.front().kind == PushKind::create);
  }
  SUBCASE("it arrived, and the look before the next try tells") {
    const auto claims = store.repository->claim_due("contacts", 10, store.tick());
    REQUIRE(claims.size() == 1);
    const auto again = store.repository->prepare_push(
        {.type = "contacts", .claims = {record.id}, .deleted = {HubspotId{5}}}, store.tick()
    );
    REQUIRE(again.actions.size() == 1);
    CHECK(again.actions.front().kind == PushKind::create);
  }
  SUBCASE("it did not arrive") {
    CHECK(store.prepare("contacts", {seen_record(5, ada)}).empty());
    CHECK(store.repository->list_due(1, 10).total == 0);
    CHECK(store.get(record).status == SyncStatus::synced);
  }
  CHECK(store.get(record).local_presence == Presence::live);
}

TEST_CASE("a record deleted here that HubSpot has nowhere any more is deleted on both sides") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  REQUIRE(store.repository->delete_record({.type = "contacts", .id = record.id, .actor = "app"}, store.tick())
  );
  (void)store.repository->claim_due("contacts", 10, store.tick());
  const auto prepared = store.repository->prepare_push(
      {.type = "contacts",
       .claims = {record.id},
       .unreadable = {HubspotId{5}},
       .unreadable_why = "it was purged",
       .nowhere = {HubspotId{5}}},
      store.tick()
  );
  CHECK(prepared.actions.empty());
  CHECK(prepared.counts.to_hubspot.failed == 0);
  CHECK(store.get(record).status == SyncStatus::synced);
  CHECK(store.get(record).base_presence == Presence::deleted);
  CHECK(store.repository->list_due(1, 10).total == 0);
}

TEST_CASE("a refusal for the sake of a record that is another one's here ends the work, the second time") {
  TestStore store;
  store.linked("contacts", {{"email", "main@example.org"}}, 9);
  const Record record = store.create("contacts", {{"email", "second@example.org"}});
  const CallFailure taken{
      .outcome = Outcome::refused, .status = 409, .message = "taken", .existing_id = HubspotId{9}
  };
  store.refuse("contacts", store.prepare("contacts").front(), taken);
  CHECK(store.get(record).status == SyncStatus::pending);
  store.now += std::chrono::minutes{1};
  store.refuse("contacts", store.prepare("contacts").front(), taken);
  CHECK(store.get(record).status == SyncStatus::error);
}

TEST_CASE("an update of a record that went meanwhile is tried again after another look, once") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"firstName", "Eve"}});
  const CallFailure gone{.outcome = Outcome::refused, .category = "OBJECT_NOT_FOUND", .message = "not found"};
  for (const SyncStatus after : {SyncStatus::pending, SyncStatus::error}) {
    const auto actions = store.prepare("contacts", {seen_record(5, ada)});
    REQUIRE(actions.size() == 1);
    store.refuse("contacts", actions.front(), gone);
    CHECK(store.get(record).status == after);
    store.now += std::chrono::minutes{1};
  }
}
