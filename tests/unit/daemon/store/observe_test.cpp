#include <limits>

#include <doctest/doctest.h>

#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

const Fields ada{{"email", "ada@example.org"}, {"firstName", "Ada"}};

RemoteRecord with_uid(std::int64_t id, Fields values, std::string uid) {
  RemoteRecord seen = seen_record(id, std::move(values));
  seen.uid = std::move(uid);
  return seen;
}

RemoteRecord with_company(std::int64_t id, Fields values, std::optional<HubspotId> company) {
  RemoteRecord seen = seen_record(id, std::move(values));
  seen.references_known = true;
  seen.reference = company;
  return seen;
}

}  // namespace

TEST_CASE("a record of HubSpot becomes a local one, with its log entry and event") {
  TestStore store;
  const ObserveResult result = store.observe("contacts", {seen_record(5, ada)});
  CHECK(result.counts.from_hubspot.created == 1);
  CHECK_FALSE(result.due_work);
  const Record record = store.by_link("contacts", HubspotId{5});
  CHECK(record.local == ada);
  CHECK(record.status == SyncStatus::synced);
  CHECK(record.version == 1);
  const auto log = store.repository->list_logs({});
  REQUIRE(log.total == 1);
  CHECK(log.items.front().action == LogAction::create);
  CHECK(log.items.front().direction == SyncDirection::from_hubspot);
  CHECK(log.items.front().payload == ada);
  CHECK(store.repository->status().records.at("contacts").synced == 1);
}

TEST_CASE("seeing again what is known writes nothing at all") {
  TestStore store;
  store.pull("contacts", seen_record(5, ada));
  const auto changes = [&store] { return store.count("SELECT total_changes()"); };
  const auto before = changes();
  CHECK(store.observe("contacts", {seen_record(5, ada)}).counts.from_hubspot.unchanged == 1);
  CHECK(changes() == before);
}

TEST_CASE("a record is found by its uid, and by its key only while it has no link") {
  TestStore store;
  const Record by_uid = store.create("contacts", {{"firstName", "Eva"}});
  const Record by_key = store.create("contacts", ada);
  CHECK(store.pull("contacts", with_uid(5, {{"firstName", "Eva"}}, by_uid.uid)).id == by_uid.id);
  CHECK(store.pull("contacts", seen_record(6, {{"email", "ADA@example.org"}})).id == by_key.id);
  CHECK(store.pull("contacts", seen_record(7, {{"email", "ada@example.org"}})).id != by_key.id);
  CHECK(store.get(by_key).hubspot_id == HubspotId{6});
}

TEST_CASE("of several unlinked records with one key the oldest is taken") {
  TestStore store;
  const Record first = store.create("companies", {{"domain", "acme.test"}});
  store.create("companies", {{"domain", "www.acme.test"}});
  CHECK(store.pull("companies", seen_record(5, {{"domain", "acme.test"}})).id == first.id);
}

TEST_CASE("a first match fills empty fields and makes different values a conflict") {
  TestStore store;
  const Record record =
      store.create("contacts", {{"email", "ada@example.org"}, {"firstName", "Ada"}, {"phone", "1"}});
  const ObserveResult result = store.observe(
      "contacts",
      {seen_record(5, {{"email", "ada@example.org"}, {"firstName", ""}, {"lastName", "L"}, {"phone", "2"}})}
  );
  CHECK(result.counts.from_hubspot.conflicts == 1);
  CHECK(result.counts.from_hubspot.updated == 1);
  CHECK(result.due_work);
  CHECK(store.get(record).local.at("lastName") == "L");
  CHECK(store.get(record).status == SyncStatus::conflict);
  const auto conflicts = store.repository->list_conflicts({.open = true});
  REQUIRE(conflicts.total == 1);
  CHECK(conflicts.items.front().fields == std::vector<std::string>{"phone"});
  CHECK(conflicts.items.front().local_version.at("phone") == "1");
  CHECK(conflicts.items.front().hubspot_version.at("phone") == "2");
  CHECK(conflicts.items.front().base_version.at("phone").empty());
  CHECK(conflicts.items.front().events.front().action == "detected");
}

TEST_CASE("a conflict is one row: updated while the sides move, closed when they agree") {
  TestStore store;
  const Record record = store.linked("contacts", {{"email", "ada@example.org"}, {"phone", "1"}}, 5);
  store.update(record, {{"phone", "2"}});
  store.observe("contacts", {seen_record(5, {{"phone", "3"}})});
  store.observe("contacts", {seen_record(5, {{"phone", "4"}})});
  auto conflicts = store.repository->list_conflicts({.open = true});
  REQUIRE(conflicts.total == 1);
  CHECK(conflicts.items.front().hubspot_version.at("phone") == "4");
  CHECK(conflicts.items.front().base_version.at("phone") == "1");
  CHECK(conflicts.items.front().events.size() == 2);
  CHECK(store.repository->status().open_conflicts == 1);
  store.observe("contacts", {seen_record(5, {{"phone", "4"}})});
  CHECK(store.repository->find_conflict(conflicts.items.front().id)->events.size() == 2);

  store.update(record, {{"phone", "4"}});
  CHECK(store.repository->list_conflicts({.open = true}).total == 0);
  conflicts = store.repository->list_conflicts({.open = false});
  REQUIRE(conflicts.total == 1);
  CHECK(conflicts.items.front().resolution == Resolution::auto_resolved);
  CHECK(conflicts.items.front().events.back().action == "closed");
  CHECK(store.get(record).status == SyncStatus::synced);
}

TEST_CASE("what a rule decided against stays in the audit trail, once") {
  Rules rules = default_rules();
  rules.types[1].fields[3].policy = Policy::hubspot;
  TestStore store{":memory:", rules};
  const Record record = store.linked("contacts", {{"email", "ada@example.org"}, {"phone", "1"}}, 5);
  store.update(record, {{"phone", "2"}});
  store.observe("contacts", {seen_record(5, {{"phone", "3"}})});
  store.observe("contacts", {seen_record(5, {{"phone", "3"}})});
  CHECK(store.get(record).local.at("phone") == "3");
  CHECK(
      store.count("SELECT count(*) FROM audit JOIN audit_values ON audit = id "
                  "WHERE action = 'kept hubspot' AND value = '{\"phone\":[\"3\",\"2\"]}'") == 1
  );
}

TEST_CASE("the audit trail cannot be changed, and its chain shows where it was") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"phone", "2"}});
  CHECK_THROWS(store.db.execute("UPDATE audit SET actor = 'nobody'"));
  CHECK_THROWS(store.db.execute("DELETE FROM audit"));
  CHECK(store.repository->tables().audit.first_broken() == 0);
  store.db.execute("DELETE FROM audit_values WHERE audit = 1");
  CHECK(store.repository->tables().audit.first_broken() == 0);
  store.db.execute("DROP TRIGGER audit_never_updated; UPDATE audit SET actor = 'nobody' WHERE id = 2");
  CHECK(store.repository->tables().audit.first_broken() == 2);
}

TEST_CASE("a reference to a company that is not known yet follows when the company comes") {
  TestStore store;
  const Record contact = store.pull("contacts", with_company(5, ada, HubspotId{70}));
  CHECK_FALSE(contact.local.contains("company"));
  const Record company = store.pull("companies", seen_record(70, {{"name", "Acme"}}));
  const Record after = store.get(contact);
  CHECK(after.local.at("company") == company.id.text);
  CHECK(after.base.at("company").remote == company.id.text);
  CHECK(after.status == SyncStatus::synced);
  CHECK(store.count("SELECT count(*) FROM records WHERE unresolved IS NOT NULL") == 0);
}

TEST_CASE("an observation that does not tell associations leaves the reference alone") {
  TestStore store;
  const Record company = store.pull("companies", seen_record(70, {{"name", "Acme"}}));
  const Record contact = store.pull("contacts", with_company(5, ada, HubspotId{70}));
  store.observe("contacts", {seen_record(5, {{"firstName", "Eva"}})});
  CHECK(store.get(contact).local.at("company") == company.id.text);
  store.observe("contacts", {with_company(5, {}, std::nullopt)});
  CHECK_FALSE(store.get(contact).local.contains("company"));
}

TEST_CASE("archived is proof for a linked record, and says nothing about an unknown one") {
  TestStore store;
  const Record record = store.pull("contacts", seen_record(5, ada));
  RemoteRecord archived = seen_record(5, {});
  archived.archived = true;
  RemoteRecord unknown = seen_record(6, ada);
  unknown.archived = true;
  const ObserveResult result = store.observe("contacts", {archived, unknown});
  CHECK(result.counts.from_hubspot.deleted == 1);
  CHECK(store.get(record).local_presence == Presence::deleted);
  CHECK(store.count("SELECT count(*) FROM records") == 1);
  CHECK(store.repository->list_logs({}).items.front().action == LogAction::remove);

  store.observe("contacts", {seen_record(5, ada)});
  CHECK(store.get(record).local_presence == Presence::live);
}

TEST_CASE("edited here and archived there is a deletion conflict, and both survive") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"phone", "2"}});
  store.repository->observe({.type = "contacts", .deleted = {HubspotId{5}}}, store.tick());
  CHECK(store.get(record).local_presence == Presence::live);
  const auto conflicts = store.repository->list_conflicts({.open = true});
  REQUIRE(conflicts.total == 1);
  CHECK(conflicts.items.front().fields == std::vector<std::string>{"deleted"});
  CHECK(conflicts.items.front().priority == 2);
}

TEST_CASE("an observation older than what was seen by HubSpot's own time is left out") {
  TestStore store;
  RemoteRecord newer = seen_record(5, {{"email", "ada@example.org"}, {"phone", "2"}});
  newer.modified = instant_from_ms(2'000);
  RemoteRecord older = seen_record(5, {{"email", "ada@example.org"}, {"phone", "1"}});
  older.modified = instant_from_ms(1'000);
  const Record record = store.pull("contacts", newer);
  CHECK(store.observe("contacts", {older}).counts.from_hubspot.unchanged == 1);
  CHECK(store.get(record).local.at("phone") == "2");
}

TEST_CASE("a merge in HubSpot leaves one local record, with both records' unsent edits and references") {
  TestStore store;
  const Record kept = store.linked("companies", {{"name", "Acme"}, {"domain", "acme.test"}}, 70);
  const Record gone = store.linked("companies", {{"name", "Acme Ltd"}, {"domain", "acme.example"}}, 71);
  const Record contact = store.pull("contacts", with_company(5, ada, HubspotId{71}));
  REQUIRE(contact.local.at("company") == gone.id.text);
  store.update(gone, {{"industry", "anvils"}});

  RemoteRecord survivor =
      with_uid(72, {{"name", "Acme"}, {"domain", "acme.test"}, {"industry", ""}}, kept.uid);
  survivor.former_ids = {HubspotId{70}, HubspotId{71}};
  store.observe("companies", {survivor});

  const Record merged = store.get(kept);
  CHECK(merged.hubspot_id == HubspotId{72});
  CHECK(merged.local.at("industry") == "anvils");
  CHECK(merged.status == SyncStatus::pending);
  CHECK(store.get(gone).local_presence == Presence::deleted);
  CHECK_FALSE(store.get(gone).hubspot_id);
  CHECK(store.get(contact).local.at("company") == kept.id.text);
  const auto actions = store.prepare("companies", {survivor});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().hubspot_id == HubspotId{72});
  CHECK(actions.front().fields == Fields{{"industry", "anvils"}});
  CHECK(store.prepare("contacts").empty());

  // A page that was read before the merge comes late.
  store.observe("companies", {seen_record(71, {{"name", "Acme Ltd"}})});
  CHECK(store.get(kept).hubspot_id == HubspotId{72});
  CHECK(store.count("SELECT count(*) FROM records WHERE type = 'companies' AND local_presence = 1") == 1);
  CHECK(
      store.pull("contacts", with_company(6, {{"email", "b@c.d"}}, HubspotId{71})).local.at("company") ==
      kept.id.text
  );
}

TEST_CASE("a walk tells which linked records its page did not show, bad ones aside") {
  TestStore store;
  for (std::int64_t id = 1; id <= 6; ++id) {
    store.pull("contacts", seen_record(id, {{"email", std::to_string(id) + "@x.test"}}));
  }
  store.repository->observe({.type = "contacts", .deleted = {HubspotId{6}}}, store.tick());
  const ObserveResult result = store.repository->observe(
      {.type = "contacts",
       .seen = {seen_record(3, {})},
       .bad = {{"4", "no properties"}},
       .walk = WalkStep{.after = 1, .last = std::numeric_limits<std::int64_t>::max()}},
      store.tick()
  );
  CHECK(result.absent == std::vector<HubspotId>{{2}, {5}});
  CHECK(store.by_link("contacts", HubspotId{2}).local_presence == Presence::live);
}

TEST_CASE("a record that cannot be read is parked with its reason, once, and recovers") {
  TestStore store;
  const Record record = store.pull("contacts", seen_record(5, ada));
  const ObservePage page{.type = "contacts", .bad = {{"5", "properties is not an object"}, {"x", "no id"}}};
  CHECK(store.repository->observe(page, store.tick()).counts.from_hubspot.failed == 2);
  store.repository->observe(page, store.tick());
  CHECK(store.get(record).status == SyncStatus::error);
  CHECK(store.get(record).error == "properties is not an object");
  CHECK(store.repository->list_logs({.status = LogStatus::failed}).total == 2);
  store.observe("contacts", {seen_record(5, ada)});
  CHECK(store.get(record).status == SyncStatus::synced);
  CHECK(store.get(record).error.empty());
}

TEST_CASE("a dry run plans everything and writes nothing, not even its cursors") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  const Record edited = store.linked("contacts", {{"email", "eva@example.org"}}, 6);
  store.update(edited, {{"phone", "1"}});
  const auto before =
      store.count("SELECT (SELECT count(*) FROM events) + (SELECT sum(version) FROM records)");
  const ObserveResult result = store.repository->observe(
      {.type = "contacts",
       .seen =
           {seen_record(5, {{"firstName", "Eva"}}),
            seen_record(6, {}),
            seen_record(9, {{"email", "new@x.test"}})},
       .cursors = {{"contacts.poll", "1"}},
       .dry_run = true},
      store.tick()
  );
  CHECK(store.count("SELECT (SELECT count(*) FROM events) + (SELECT sum(version) FROM records)") == before);
  CHECK_FALSE(store.repository->cursor("contacts.poll"));
  CHECK(result.counts.from_hubspot.updated == 1);
  CHECK(result.counts.from_hubspot.created == 1);
  CHECK(result.counts.to_hubspot.updated == 1);
  REQUIRE(result.planned.size() == 3);
  CHECK(result.planned[0].record == record.id);
  CHECK(result.planned[0].before == Fields{{"firstName", "Ada"}});
  CHECK(result.planned[0].after == Fields{{"firstName", "Eva"}});
  CHECK(result.planned[1].direction == SyncDirection::to_hubspot);
  CHECK(result.planned[1].after == Fields{{"phone", "1"}});
  CHECK(result.planned[2].record.text.empty());
}

TEST_CASE("a dry run is saved with what it counted") {
  TestStore store;
  Run run{.id = "r1", .kind = RunKind::full, .types = {"contacts"}, .dry_run = true, .started_at = store.now};
  store.repository->save_run(run);
  run.counts.to_hubspot.created = 2;
  store.repository->save_run(run);
  store.repository->save_run(run);
  CHECK(store.repository->find_run("r1")->counts.to_hubspot.created == 2);
}

TEST_CASE("cursors and run counts move with the page they cover") {
  TestStore store;
  store.repository->save_run(
      {.id = "r1", .kind = RunKind::full, .types = {"contacts"}, .started_at = store.now}
  );
  store.repository->observe(
      {.type = "contacts", .seen = {seen_record(5, ada)}, .cursors = {{"contacts.walk", "5"}}, .run = "r1"},
      store.tick()
  );
  CHECK(store.repository->cursor("contacts.walk") == "5");
  Run run = *store.repository->find_run("r1");
  CHECK(run.counts.from_hubspot.created == 1);
  CHECK(store.repository->unfinished_runs().size() == 1);
  run.state = RunState::succeeded;
  run.finished_at = store.now;
  run.progress["contacts"] = {.done = 1, .total = 1};
  run.counts = {};
  store.repository->save_run(run);
  CHECK(store.repository->find_run("r1")->counts.from_hubspot.created == 1);
  CHECK(store.repository->find_run("r1")->progress.at("contacts").total == 1);
  CHECK_FALSE(store.repository->find_run("r1")->error);
  run.error = Error{ErrorCode::refused, "the token is refused", "make a new one"};
  store.repository->save_run(run);
  CHECK(store.repository->find_run("r1")->error->code == ErrorCode::refused);
  CHECK(store.repository->find_run("r1")->error->hint == "make a new one");
  CHECK(store.repository->status().last_full->id == "r1");
  CHECK_FALSE(store.repository->status().last_poll);
  CHECK(store.repository->list_runs(1, 10).total == 1);
  CHECK(store.repository->find_run("r2").error().code == ErrorCode::not_found);
}

TEST_CASE("modified times are known of linked records that HubSpot still has") {
  TestStore store;
  RemoteRecord seen = seen_record(5, ada);
  seen.modified = instant_from_ms(1'000);
  store.pull("contacts", seen);
  const auto known = store.repository->known_modified("contacts", {HubspotId{5}, HubspotId{6}});
  CHECK(known == std::map<HubspotId, Instant>{{HubspotId{5}, instant_from_ms(1'000)}});
}

TEST_CASE("a page read before a record was archived, and stored after it, brings it back on neither side") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  const Instant before = store.tick();
  SUBCASE("archived by us") {
    CHECK(store.repository->delete_record({.type = "contacts", .id = record.id}, store.tick()));
    store.accept("contacts", store.prepare("contacts").front(), HubspotId{5});
  }
  SUBCASE("archived in HubSpot") {
    store.repository->observe({.type = "contacts", .deleted = {HubspotId{5}}}, store.tick());
  }
  const auto show = [&](Instant asked) {
    store.repository->observe(
        {.type = "contacts", .seen = {seen_record(5, ada)}, .asked = asked}, store.tick()
    );
    return store.get(record).local_presence;
  };
  CHECK(show(before) == Presence::deleted);
  CHECK(store.repository->list_due(1, 10).total == 0);
  CHECK(show(store.tick()) == Presence::live);  // Restored there.
}

TEST_CASE("a reading of links alone neither brings a record to life nor makes one") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.repository->observe({.type = "contacts", .deleted = {HubspotId{5}}}, store.tick());
  RemoteRecord links = seen_record(5, {});
  links.references_known = true;
  RemoteRecord unknown = links;
  unknown.id = HubspotId{6};
  store.repository->observe(
      {.type = "contacts", .seen = {links, unknown}, .asked = store.tick()}, store.tick()
  );
  CHECK(store.get(record).local_presence == Presence::deleted);
  CHECK(store.count("SELECT count(*) FROM records") == 1);
}

TEST_CASE("a page read before a link was written, and stored after it, does not take it back") {
  TestStore store;
  store.linked("companies", {{"name", "Old"}}, 70);
  RemoteRecord linked = seen_record(5, ada);
  linked.references_known = true;
  linked.reference = HubspotId{70};
  store.observe("contacts", {linked});
  const Record contact = store.by_link("contacts", HubspotId{5});
  store.update(contact, {{"company", ""}});
  const Instant before = store.tick();
  const auto actions = store.prepare("contacts", {linked});
  REQUIRE(actions.size() == 1);
  store.accept("contacts", actions.front(), HubspotId{5});
  const auto show = [&](Instant asked) {
    store.repository->observe({.type = "contacts", .seen = {linked}, .asked = asked}, store.tick());
    return store.get(contact).local.contains("company");
  };
  CHECK_FALSE(show(before));
  CHECK(show(store.tick()));  // Somebody made it again.
}

TEST_CASE("a contact moved here to a company that is deleted before it was sent leaves its old one too") {
  TestStore store;
  const Record old_company = store.linked("companies", {{"name", "Old"}}, 70);
  const Record new_company = store.linked("companies", {{"name", "New"}}, 71);
  RemoteRecord shown = seen_record(5, ada);
  shown.references_known = true;
  shown.reference = HubspotId{70};
  store.observe("contacts", {shown});
  const Record contact = store.by_link("contacts", HubspotId{5});
  REQUIRE(contact.local.at("company") == old_company.id.text);
  store.update(contact, {{"company", new_company.id.text}});
  CHECK(store.repository->delete_record({.type = "companies", .id = new_company.id}, store.tick()));
  CHECK_FALSE(store.get(contact).local.contains("company"));
  const auto actions = store.prepare("contacts", {shown});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().dissociate == HubspotId{70});
  CHECK_FALSE(actions.front().associate);
}

TEST_CASE("a page that was asked for before a record was archived and restored here brings no second one") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  const Instant before = store.tick();
  store.remove(record);
  const auto archive = store.prepare("contacts", {seen_record(5, ada)});
  REQUIRE(archive.size() == 1);
  store.accept("contacts", archive.front(), HubspotId{5});
  store.restore(record);
  const auto show = [&](Instant asked) {
    store.repository->observe(
        {.type = "contacts", .seen = {seen_record(5, ada)}, .asked = asked}, store.tick()
    );
    return store.count("SELECT count(*) FROM records WHERE hubspot_id = 5");
  };
  CHECK(show(before) == 0);
  CHECK(show(store.tick()) == 1);  // Somebody restored it there, too.
}
