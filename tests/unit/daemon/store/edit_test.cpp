#include <doctest/doctest.h>

#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

const Fields ada{{"email", "Ada@Example.org"}, {"firstName", "Ada"}};

}  // namespace

TEST_CASE("a record created here waits to be sent, with one pending log entry, an audit row and an event") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  CHECK(record.uid == record.id.text);
  CHECK(record.version == 1);
  CHECK(record.status == SyncStatus::pending);
  CHECK(record.edited.size() == 2);
  CHECK(store.get(record) == record);
  const auto due = store.repository->list_due(1, 10);
  REQUIRE(due.total == 1);
  const auto log = store.repository->find_log(due.items.front().log_id);
  REQUIRE(log);
  CHECK(log->action == LogAction::create);
  CHECK(log->status == LogStatus::pending);
  CHECK(log->direction == SyncDirection::to_hubspot);
  CHECK(store.count("SELECT count(*) FROM audit WHERE actor = 'uid 1000' AND action = 'create'") == 1);
  CHECK(store.repository->events_after(0, 10).events.front().kind == "record.created");
}

TEST_CASE("the singular names the type too") {
  TestStore store;
  CHECK(store.create("contact", ada).type == "contacts");
}

TEST_CASE("a second contact with the same e-mail is refused whatever its case, a second company is not") {
  TestStore store;
  store.create("contacts", ada);
  const auto second = store.repository->create_record(
      {.type = "contacts", .fields = {{"email", " ada@example.ORG "}}}, store.tick()
  );
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::conflict);
  CHECK(second.error().field == "email");
  const Record other = store.create("contacts", {{"email", "eva@example.org"}});
  const auto taken = store.repository->update_record(
      {.type = "contacts", .id = other.id, .fields = {{"email", "ada@example.org"}}}, store.tick()
  );
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == ErrorCode::conflict);
  store.create("companies", {{"domain", "acme.test"}});
  CHECK_NOTHROW(store.create("companies", {{"domain", "acme.test"}}));
}

TEST_CASE("an edit bumps the version, keeps unnamed fields, and ten edits are one piece of work") {
  TestStore store;
  Record record = store.create("contacts", ada);
  for (int i = 0; i < 10; ++i) {
    record = store.update(record, {{"phone", std::to_string(i)}});
  }
  CHECK(record.version == 11);
  CHECK(record.local.at("firstName") == "Ada");
  CHECK(store.repository->list_due(1, 10).total == 1);
  CHECK(store.repository->list_logs({}).total == 1);
  record = store.update(record, {{"phone", ""}});
  CHECK_FALSE(record.local.contains("phone"));
}

TEST_CASE("an edit that changes nothing bumps nothing and makes nothing due") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 7);
  CHECK(record.status == SyncStatus::synced);
  const auto audits = store.count("SELECT count(*) FROM audit");
  const Record same = store.update(record, {{"firstName", "Ada"}, {"phone", ""}});
  CHECK(same == record);
  CHECK(store.repository->list_due(1, 10).total == 0);
  CHECK(store.count("SELECT count(*) FROM audit") == audits);
}

TEST_CASE("an edit made on another version is stale, and changes nothing") {
  TestStore store;
  const Record record = store.create("contacts", ada);
  const auto stale = store.repository->update_record(
      {.type = "contacts", .id = record.id, .fields = {{"phone", "1"}}, .if_version = 9}, store.tick()
  );
  REQUIRE_FALSE(stale);
  CHECK(stale.error().code == ErrorCode::stale);
  CHECK(store.get(record) == record);
}

TEST_CASE("a field that only follows HubSpot cannot be edited here") {
  TestStore store;
  const Record record = store.pull("contacts", seen_record(5, {{"email", "a@b.c"}, {"lifecycle", "lead"}}));
  const auto refused = store.repository->update_record(
      {.type = "contacts", .id = record.id, .fields = {{"lifecycle", "customer"}}}, store.tick()
  );
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unprocessable);
  CHECK(refused.error().field == "lifecycle");
  CHECK_NOTHROW(store.update(record, {{"lifecycle", "lead"}}));
}

TEST_CASE("a reference must name a live record of its target type") {
  TestStore store;
  const Record company = store.create("companies", {{"name", "Acme"}});
  const Record contact = store.create("contacts", {{"email", "a@b.c"}, {"company", company.id.text}});
  CHECK(contact.local.at("company") == company.id.text);
  for (const std::string& wrong : {std::string{"nonsense"}, contact.id.text}) {
    const auto refused = store.repository->update_record(
        {.type = "contacts", .id = contact.id, .fields = {{"company", wrong}}}, store.tick()
    );
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::unprocessable);
    CHECK(refused.error().field == "company");
  }
}

TEST_CASE("a record that HubSpot never had is deleted without a call") {
  TestStore store;
  const Record record = store.remove(store.create("contacts", ada));
  CHECK(record.local_presence == Presence::deleted);
  CHECK(record.version == 2);
  CHECK(store.repository->list_due(1, 10).total == 0);
  CHECK(store.repository->list_logs({}).total == 0);
  CHECK(store.remove(record).version == 2);
  CHECK(store.create("contacts", ada).id != record.id);
}

TEST_CASE("a linked record is deleted by archiving it, and edits of a deleted record are refused") {
  TestStore store;
  const Record record = store.remove(store.linked("contacts", ada, 7));
  const auto refused = store.repository->update_record(
      {.type = "contacts", .id = record.id, .fields = {{"phone", "1"}}}, store.tick()
  );
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::conflict);
  const auto actions = store.prepare("contacts", {seen_record(7, {})});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().kind == PushKind::archive);
  CHECK(store.accept("contacts", actions.front(), HubspotId{7}).to_hubspot.deleted == 1);
  CHECK(store.get(record).status == SyncStatus::synced);
  CHECK(store.repository->list_due(1, 10).total == 0);
}

TEST_CASE("a company's deletion clears it from its contacts, on all three views, without anything to send") {
  TestStore store;
  const Record company = store.linked("companies", {{"name", "Acme"}}, 70);
  RemoteRecord with_company = seen_record(7, {{"email", "a@b.c"}});
  with_company.references_known = true;
  with_company.reference = HubspotId{70};
  const Record contact = store.pull("contacts", with_company);
  REQUIRE(contact.local.at("company") == company.id.text);

  SUBCASE("deleted here") {
    store.remove(company);
  }
  SUBCASE("deleted in HubSpot") {
    store.repository->observe({.type = "companies", .deleted = {HubspotId{70}}}, store.tick());
  }
  const Record after = store.get(contact);
  CHECK_FALSE(after.local.contains("company"));
  CHECK(after.remote.at("company").empty());
  CHECK(after.base.at("company") == BasePair{"", ""});
  CHECK(after.version == contact.version + 1);
  CHECK(after.status == SyncStatus::synced);
  CHECK(store.repository->claim_due("contacts", 10, store.tick()).empty());
  store.observe("contacts", {with_company});
  CHECK(store.get(contact) == after);
}

TEST_CASE("restoring before the archiving left brings the record back as it was") {
  TestStore store;
  const Record linked = store.linked("contacts", ada, 7);
  store.remove(linked);
  const Record back = store.restore(linked);
  CHECK(back.local_presence == Presence::live);
  CHECK(back.hubspot_id == HubspotId{7});
  CHECK(back.uid == linked.uid);
  CHECK(back.status == SyncStatus::synced);
  CHECK(store.repository->list_due(1, 10).total == 0);
}

TEST_CASE("restoring what HubSpot has archived makes a new record there, under a new uid") {
  TestStore store;
  const Record linked = store.linked("contacts", ada, 7);
  store.remove(linked);
  store.accept("contacts", store.prepare("contacts", {seen_record(7, {})}).front(), HubspotId{7});
  const Record back = store.restore(linked);
  CHECK_FALSE(back.hubspot_id);
  CHECK(back.uid != linked.uid);
  CHECK(back.status == SyncStatus::pending);
  const auto actions = store.prepare("contacts");
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().kind == PushKind::create);
  CHECK(actions.front().uid == back.uid);
  CHECK(actions.front().fields == ada);
  store.accept("contacts", actions.front(), HubspotId{8});
  CHECK(store.get(back).hubspot_id == HubspotId{8});
  RemoteRecord old = seen_record(7, {{"email", "ada@example.org"}});
  old.uid = linked.uid;
  CHECK(store.pull("contacts", old).id != linked.id);
}

TEST_CASE("restoring while the archiving is on its way makes a new record once it arrived") {
  TestStore store;
  const Record linked = store.linked("contacts", ada, 7);
  store.remove(linked);
  const auto archive = store.prepare("contacts", {seen_record(7, {})});
  store.restore(linked);
  store.accept("contacts", archive.front(), HubspotId{7});
  const auto actions = store.prepare("contacts");
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().kind == PushKind::create);
  CHECK(store.get(linked).local_presence == Presence::live);
}

TEST_CASE("a restored record whose e-mail was taken meanwhile is refused") {
  TestStore store;
  const Record record = store.remove(store.create("contacts", ada));
  store.create("contacts", ada);
  const auto refused = store.repository->restore_record({.type = "contacts", .id = record.id}, store.tick());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::conflict);
}

TEST_CASE("lists page and count exactly, search values only, and walk by id") {
  TestStore store;
  for (int i = 0; i < 5; ++i) {
    store.create(
        "contacts",
        {{"email", "p" + std::to_string(i) + "@x.test"}, {"firstName", i == 3 ? "50%_\"q" : "Bob"}}
    );
  }
  store.remove(store.create("contacts", {{"email", "gone@x.test"}}));
  auto page = store.repository->list_records({.type = "contacts", .page = 2, .limit = 2});
  CHECK(page.total == 5);
  REQUIRE(page.items.size() == 2);
  CHECK(page.items.front().local.at("email") == "p2@x.test");
  CHECK(store.repository->list_records({.type = "contacts", .search = "BOB"}).total == 4);
  CHECK(store.repository->list_records({.type = "contacts", .search = "firstName"}).total == 0);
  CHECK(store.repository->list_records({.type = "contacts", .search = "%_\"Q"}).total == 1);
  CHECK(store.repository->list_records({.type = "contacts", .search = "%%"}).total == 0);
  CHECK(store.repository->list_records({.type = "contacts", .deleted = true}).total == 1);
  CHECK(
      store.repository->list_records({.type = "contacts", .status = SyncStatus::pending}).items.size() == 5
  );
  CHECK(store.repository->list_records({.type = "contacts", .status = SyncStatus::synced}).total == 0);
  CHECK(store.repository->list_records({.type = "companies"}).total == 0);

  std::string after;
  std::size_t walked = 0;
  for (;;) {
    page = store.repository->list_records({.type = "contacts", .limit = 2, .after = after});
    if (page.items.empty()) {
      break;
    }
    walked += page.items.size();
    CHECK(page.items.front().id.text > after);
    after = page.items.back().id.text;
  }
  CHECK(walked == 5);
}

TEST_CASE("the views show typed columns") {
  TestStore store;
  store.create("contacts", ada);
  // SQLite lets nobody but a person's own connection use JSON functions in views.
  store.db.execute("PRAGMA trusted_schema = ON");
  CHECK(store.count("SELECT count(*) FROM contacts WHERE email = 'Ada@Example.org' AND NOT deleted") == 1);
  store.create("companies", {{"domain", "acme.test"}});
  CHECK(store.count("SELECT count(*) FROM companies WHERE domain = 'acme.test'") == 1);
}

TEST_CASE("what the store holds is there after reopening") {
  const StoreDir dir;
  Record record;
  {
    TestStore store{dir.path()};
    record = store.create("contacts", ada);
    store.repository->set_paused(true, "uid 0", store.tick());
    REQUIRE(store.repository->claim_record("contacts", record.id, store.tick()));
  }
  TestStore store{dir.path()};
  CHECK(store.get(record) == record);
  CHECK(store.repository->status().paused);
  store.repository->set_paused(false, "uid 0", store.tick());
  CHECK(store.repository->claim_due("contacts", 10, store.now + std::chrono::hours{1}).size() == 1);
}

TEST_CASE("after the key field changed in the configuration, records are matched by the new one") {
  const StoreDir dir;
  Rules rules = default_rules();
  Record record;
  {
    TestStore store{dir.path(), rules};
    record = store.create("companies", {{"name", "Acme"}, {"domain", "acme.test"}});
  }
  rules.types[0].key = "name";
  TestStore store{dir.path(), rules};
  CHECK(
      store.pull("companies", seen_record(9, {{"name", "Acme"}, {"domain", "other.test"}})).id == record.id
  );
}
