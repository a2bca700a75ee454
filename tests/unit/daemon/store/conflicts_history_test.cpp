// What HubSpot's history adds to conflicts, what rules decide, and what is undone.
#include <doctest/doctest.h>

#include "tests/unit/daemon/store/conflict_scene.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

PropertyVersion version(std::string value, std::int64_t at, std::string user = "user 7") {
  return {.value = std::move(value), .at = instant_from_ms(at), .source = "CRM_UI", .user = std::move(user)};
}

/// HubSpot's history of the phone of record 5, newest first.
HistoryRead phone_history(std::vector<PropertyVersion> versions) {
  RemoteRecord seen = seen_record(5, {});
  seen.histories["phone"] = std::move(versions);
  return {.type = "contacts", .asked = {HubspotId{5}}, .seen = {std::move(seen)}, .begun = Instant::max()};
}

/// Our number 2 arrives in HubSpot; what it lies over is not known yet.
void write_phone(Scene& scene) {
  scene.store.update(scene.record, {{"phone", "2"}});
  const auto actions = scene.due({seen_record(5, {{"phone", "1"}})});
  REQUIRE(actions.size() == 1);
  scene.store.accept("contacts", actions.front(), HubspotId{5});
}

Rules with_policy(Policy policy) {
  Rules rules = default_rules();
  for (TypeRules& type : rules.types) {
    for (FieldRule& field : type.fields) {
      if (field.name == "phone") {
        field.policy = policy;
      }
    }
  }
  return rules;
}

std::vector<HubspotId> wanted(Scene& scene) {
  return scene.store.repository->histories_wanted("contacts", scene.store.now, 50);
}

}  // namespace

TEST_CASE("HubSpot's history of the conflicting fields is asked for once, and again when HubSpot moves") {
  Scene scene;
  const Conflict conflict = scene.disputed_phone();
  CHECK(wanted(scene) == std::vector<HubspotId>{{5}});
  scene.store.repository->save_histories(
      phone_history({version("3", 3'000), version("1", 1'000)}), scene.store.now
  );
  CHECK(wanted(scene).empty());
  const Conflict explained = scene.find(conflict);
  REQUIRE(explained.changes.size() == 2);
  CHECK(explained.changes.front() == HubspotChange{"phone", version("3", 3'000)});
  CHECK(explained.hubspot_at == instant_from_ms(3'000));
  CHECK(explained.version == conflict.version);
  scene.store.observe("contacts", {seen_record(5, {{"phone", "4"}})});
  CHECK(wanted(scene) == std::vector<HubspotId>{{5}});
  // A record that is gone has no history; nobody asks for ever.
  scene.store.repository->save_histories({.type = "contacts", .asked = {HubspotId{5}}}, scene.store.now);
  CHECK(wanted(scene).empty());
}

TEST_CASE("a value that we overwrote without having seen it becomes a conflict") {
  Scene scene;
  write_phone(scene);
  CHECK(scene.store.repository->histories_wanted("contacts", instant_from_ms(0), 50).empty());
  CHECK(wanted(scene) == std::vector<HubspotId>{{5}});
  scene.store.repository->save_histories(
      phone_history({version("2", 3'000, "us"), version("9", 2'000), version("1", 1'000)}), scene.store.tick()
  );
  CHECK(scene.now().status == SyncStatus::conflict);
  const Conflict conflict = scene.open();
  CHECK(conflict.fields == std::vector<std::string>{"phone"});
  CHECK(conflict.local_version.at("phone") == "2");
  CHECK(conflict.hubspot_version.at("phone") == "9");
  // Seen again, nothing changes.
  scene.store.observe("contacts", {seen_record(5, {{"phone", "2"}})});
  CHECK(scene.find(conflict).version == conflict.version);

  SUBCASE("ours is kept: both sides have it already") {
    CHECK_FALSE(scene.resolve(keep_local(conflict), {seen_record(5, {{"phone", "2"}})}).error);
    CHECK(scene.now().status == SyncStatus::synced);
    CHECK(scene.due().empty());
  }
  SUBCASE("theirs is kept: it goes back to HubSpot") {
    CHECK_FALSE(scene.resolve(keep_hubspot(conflict), {seen_record(5, {{"phone", "2"}})}).error);
    CHECK(scene.now().local.at("phone") == "9");
    const auto actions = scene.due({seen_record(5, {{"phone", "2"}})});
    REQUIRE(actions.size() == 1);
    CHECK(actions.front().fields == Fields{{"phone", "9"}});
    scene.store.accept("contacts", actions.front(), HubspotId{5});
    CHECK(scene.now().status == SyncStatus::synced);
  }
  SUBCASE("a later edit in HubSpot settles it") {
    scene.store.observe("contacts", {seen_record(5, {{"phone", "10"}})});
    CHECK(scene.now().local.at("phone") == "10");
    CHECK(scene.find(conflict).resolution == Resolution::auto_resolved);
    CHECK(scene.now().status == SyncStatus::synced);
  }
  SUBCASE("an edit here is held back with it") {
    scene.store.update(scene.record, {{"phone", "3"}});
    CHECK(scene.due({seen_record(5, {{"phone", "2"}})}).empty());
    CHECK(scene.open().local_version.at("phone") == "3");
  }
}

TEST_CASE("of several values that we overwrote unseen the newest is disputed, and none is forgotten") {
  Scene scene;
  write_phone(scene);
  scene.store.repository->save_histories(
      phone_history({version("2", 4'000, "us"), version("9", 3'000), version("8", 2'000), version("1", 1'000)}
      ),
      scene.store.tick()
  );
  CHECK(scene.open().hubspot_version.at("phone") == "9");
  const auto settled = scene.store.repository->list_conflicts({.open = false});
  REQUIRE(settled.items.size() == 1);
  CHECK(settled.items.front().decided.at("phone").remote == "8");
}

TEST_CASE("a value that we overwrote unseen stays known when HubSpot moves on before anybody decides") {
  Scene scene;
  write_phone(scene);
  // Another field is in dispute, so that the conflict stays open.
  scene.store.observe("contacts", {seen_record(5, {{"firstName", "Iva"}})});
  scene.store.update(scene.record, {{"firstName", "Eva"}});
  scene.store.observe("contacts", {seen_record(5, {{"firstName", "Ivy"}})});
  REQUIRE(scene.open().fields == std::vector<std::string>{"firstName"});
  scene.store.repository->save_histories(
      phone_history({version("2", 3'000, "us"), version("9", 2'000), version("1", 1'000)}), scene.store.tick()
  );
  REQUIRE(scene.open().fields.size() == 2);
  scene.store.observe("contacts", {seen_record(5, {{"phone", "10"}})});
  CHECK(scene.now().local.at("phone") == "10");
  CHECK(scene.open().fields == std::vector<std::string>{"firstName"});
  const auto settled = scene.store.repository->list_conflicts({.open = false});
  REQUIRE(settled.items.size() == 1);
  const DecidedField& phone = settled.items.front().decided.at("phone");
  CHECK(phone.remote == "9");
  CHECK(phone.kept == "10");
}

TEST_CASE("a write that lies over nothing foreign is confirmed and forgotten") {
  Scene scene;
  write_phone(scene);
  scene.store.repository->save_histories(
      phone_history({version("2", 2'000), version("1", 1'000)}), scene.store.now
  );
  CHECK(wanted(scene).empty());
  CHECK(scene.now().status == SyncStatus::synced);
  CHECK(scene.store.repository->list_conflicts({.open = false}).total == 0);
}

TEST_CASE("a poll that showed the foreign value while ours was on its way does not hide it") {
  Scene scene;
  scene.store.update(scene.record, {{"phone", "2"}});
  const auto actions = scene.due({seen_record(5, {{"phone", "1"}})});
  scene.store.observe("contacts", {seen_record(5, {{"phone", "9"}})});
  scene.store.accept("contacts", actions.front(), HubspotId{5});
  scene.store.repository->save_histories(
      phone_history({version("2", 3'000), version("9", 2'000), version("1", 1'000)}), scene.store.tick()
  );
  CHECK(scene.open().hubspot_version.at("phone") == "9");
}

TEST_CASE("a poll that showed the foreign value while ours was on its way does not hide it from a rule either"
) {
  Scene scene{.store = TestStore{":memory:", with_policy(Policy::local)}};
  scene.store.update(scene.record, {{"phone", "2"}});
  const auto actions = scene.due({seen_record(5, {{"phone", "1"}})});
  scene.store.observe("contacts", {seen_record(5, {{"phone", "9"}})});
  scene.store.accept("contacts", actions.front(), HubspotId{5});
  const std::int64_t before =
      scene.store.count("SELECT count(*) FROM audit WHERE action = 'overwrote unseen'");
  scene.store.repository->save_histories(
      phone_history({version("2", 3'000), version("9", 2'000), version("1", 1'000)}), scene.store.tick()
  );
  CHECK(scene.store.count("SELECT count(*) FROM audit WHERE action = 'overwrote unseen'") == before + 1);
}

TEST_CASE("what lies under a write whose answer was lost is looked for too") {
  Scene scene;
  scene.store.update(scene.record, {{"phone", "2"}});
  const auto actions = scene.due({seen_record(5, {{"phone", "1"}})});
  REQUIRE(actions.size() == 1);
  scene.store.refuse("contacts", actions.front(), {.outcome = Outcome::unknown, .message = "no reply"});
  CHECK(wanted(scene).empty());
  scene.store.observe("contacts", {seen_record(5, {{"phone", "2"}})});
  CHECK(wanted(scene) == std::vector<HubspotId>{{5}});
  scene.store.repository->save_histories(
      phone_history({version("2", 3'000), version("9", 2'000), version("1", 1'000)}), scene.store.tick()
  );
  CHECK(scene.open().hubspot_version.at("phone") == "9");
}

TEST_CASE("an edit of a record that a create made is found, when the create was sent again over it") {
  Scene scene;
  const Record record = scene.store.create("contacts", {{"phone", "2"}});
  const auto first = scene.store.prepare("contacts");
  REQUIRE(first.size() == 1);
  scene.store.refuse("contacts", first.front(), {.outcome = Outcome::unknown, .message = "no reply"});
  const auto second = scene.store.prepare("contacts");  // Not there yet, as a read told.
  REQUIRE(second.size() == 1);
  scene.store.accept("contacts", second.front(), HubspotId{6});
  RemoteRecord seen = seen_record(6, {});
  seen.histories["phone"] = {version("2", 3'000, "us"), version("9", 2'000), version("2", 1'000, "us")};
  scene.store.repository->save_histories(
      {.type = "contacts", .asked = {HubspotId{6}}, .seen = {seen}, .begun = Instant::max()},
      scene.store.tick()
  );
  CHECK(scene.store.get(record).status == SyncStatus::conflict);
  CHECK(scene.open().hubspot_version.at("phone") == "9");
}

TEST_CASE("a history that was read before a write was answered says nothing about it") {
  Scene scene;
  write_phone(scene);
  HistoryRead early = phone_history({version("1", 1'000)});
  early.begun = scene.store.now;
  scene.store.repository->save_histories(early, scene.store.tick());
  CHECK(wanted(scene) == std::vector<HubspotId>{{5}});
}

TEST_CASE("a value that was seen between two writes is no surprise") {
  Scene scene;
  write_phone(scene);
  scene.store.observe("contacts", {seen_record(5, {{"phone", "9"}})});
  scene.store.update(scene.record, {{"phone", "3"}});
  const auto actions = scene.due({seen_record(5, {{"phone", "9"}})});
  REQUIRE(actions.size() == 1);
  scene.store.accept("contacts", actions.front(), HubspotId{5});
  scene.store.repository->save_histories(
      phone_history({version("3", 4'000), version("9", 3'000), version("2", 2'000), version("1", 1'000)}),
      scene.store.tick()
  );
  CHECK(scene.store.repository->list_conflicts({.open = false}).total == 0);
}

TEST_CASE("a policy decides about a value that was overwritten unseen as about any other") {
  SUBCASE("local: ours stays, theirs is in the history") {
    Scene scene{.store = TestStore{":memory:", with_policy(Policy::local)}};
    write_phone(scene);
    scene.store.repository->save_histories(
        phone_history({version("2", 3'000), version("9", 2'000), version("1", 1'000)}), scene.store.tick()
    );
    CHECK(scene.now().status == SyncStatus::synced);
    const auto resolved = scene.store.repository->list_conflicts({.open = false});
    REQUIRE(resolved.total == 1);
    CHECK(resolved.items.front().decided.at("phone").remote == "9");
  }
  SUBCASE("hubspot: theirs comes back") {
    Scene scene{.store = TestStore{":memory:", with_policy(Policy::hubspot)}};
    write_phone(scene);
    scene.store.repository->save_histories(
        phone_history({version("2", 3'000), version("9", 2'000), version("1", 1'000)}), scene.store.tick()
    );
    CHECK(scene.now().local.at("phone") == "9");
    CHECK(scene.due({seen_record(5, {{"phone", "2"}})}).size() == 1);
  }
}

TEST_CASE("what a policy decides stands in the history with its loser, once") {
  Scene scene{.store = TestStore{":memory:", with_policy(Policy::local)}};
  scene.store.update(scene.record, {{"phone", "2"}});
  scene.store.observe("contacts", {seen_record(5, {{"phone", "3"}})});
  CHECK(scene.store.repository->list_conflicts({.open = true}).total == 0);
  const auto actions = scene.due({seen_record(5, {{"phone", "3"}, {"firstName", "Ida"}})});
  REQUIRE(actions.size() == 1);
  scene.store.accept("contacts", actions.front(), HubspotId{5});
  const auto resolved = scene.store.repository->list_conflicts({.open = false});
  REQUIRE(resolved.total == 1);
  const Conflict& conflict = resolved.items.front();
  CHECK(conflict.resolution == Resolution::auto_resolved);
  CHECK(conflict.resolved_by == "hubsync");
  CHECK(conflict.decided.at("phone").kept == "2");
  CHECK(conflict.decided.at("phone").remote == "3");
  CHECK(conflict.events.back().details == "phone=local (conflict = local)");
}

TEST_CASE("what a rule decides by a history that was read for another record is written down too") {
  Scene scene{.store = TestStore{":memory:", with_policy(Policy::newest)}};
  scene.store.update(scene.record, {{"phone", "2"}});
  const auto claims = scene.store.repository->claim_due("contacts", 10, scene.store.tick());
  REQUIRE(claims.size() == 1);
  REQUIRE_FALSE(claims.front().needs_history);
  RemoteRecord seen = seen_record(5, {{"phone", "9"}});
  scene.store.observe("contacts", {seen});  // Both changed it, as is seen only now.
  seen.times["phone"] = instant_from_ms(1'000);
  const auto prepared = scene.store.repository->prepare_push(
      {.type = "contacts", .claims = {scene.record.id}, .seen = {seen}}, scene.store.tick()
  );
  REQUIRE(prepared.actions.size() == 1);
  CHECK(prepared.actions.front().fields == Fields{{"phone", "2"}});
  const auto decided = scene.store.repository->list_conflicts({.open = false});
  REQUIRE(decided.total == 1);
  CHECK(decided.items.front().hubspot_version.at("phone") == "9");
}

TEST_CASE("a dispute for the newest is looked into although a link of the record waits for its company") {
  Rules rules = default_rules();
  for (TypeRules& type : rules.types) {
    for (FieldRule& field : type.fields) {
      field.policy = field.name == "phone" ? Policy::newest : field.policy;
    }
  }
  TestStore store{":memory:", rules};
  const Record contact = store.linked("contacts", {{"phone", "1"}, {"firstName", "Ada"}}, 5);
  const Record company = store.create("companies", {{"name", "Acme"}});  // Never sent.
  store.update(contact, {{"company", company.id.text}, {"phone", "2"}});
  RemoteRecord seen = seen_record(5, {{"phone", "9"}, {"firstName", "Ada"}});
  seen.references_known = true;
  SUBCASE("nothing else to send") {
    CHECK(store.prepare("contacts", {seen}).empty());
  }
  SUBCASE("something else is sent first") {
    store.update(contact, {{"firstName", "Augusta"}});
    const auto actions = store.prepare("contacts", {seen});
    REQUIRE(actions.size() == 1);
    store.accept("contacts", actions.front(), HubspotId{5});
  }
  const auto claims = store.repository->claim_due("contacts", 10, store.tick());
  REQUIRE(claims.size() == 1);
  CHECK(claims.front().needs_history);
}

TEST_CASE("a decision is undone while nobody has edited since, and the conflict is open again") {
  Scene scene;
  const Conflict conflict = scene.disputed_phone();
  const auto undo = [&](std::vector<RemoteRecord> seen) {
    return scene.resolve({.id = conflict.id, .undo = true}, std::move(seen));
  };
  SUBCASE("keep_hubspot: the local value is back") {
    CHECK_FALSE(scene.resolve(keep_hubspot(conflict)).error);
    const ResolveOutcome undone = undo({seen_record(5, {{"phone", "3"}})});
    CHECK_FALSE(undone.error);
    CHECK(undone.conflict->id == conflict.id);
    CHECK(undone.conflict->resolution == Resolution::pending);
    CHECK(scene.now().local.at("phone") == "2");
    CHECK(scene.open().hubspot_version.at("phone") == "3");
  }
  SUBCASE("keep_local, arrived in HubSpot: its old value is disputed, and nothing is written by the undoing"
  ) {
    CHECK_FALSE(scene.resolve(keep_local(conflict)).error);
    scene.store.accept("contacts", scene.due({seen_record(5, {{"phone", "3"}})}).at(0), HubspotId{5});
    CHECK_FALSE(undo({seen_record(5, {{"phone", "2"}})}).error);
    CHECK(scene.open().local_version.at("phone") == "2");
    CHECK(scene.open().hubspot_version.at("phone") == "3");
    CHECK(scene.due({seen_record(5, {{"phone", "2"}})}).empty());
    CHECK_FALSE(scene.resolve(keep_hubspot(conflict), {seen_record(5, {{"phone", "2"}})}).error);
    CHECK(scene.due({seen_record(5, {{"phone", "2"}})}).at(0).fields == Fields{{"phone", "3"}});
  }
  SUBCASE("another value, arrived: both old values are back in dispute") {
    CHECK_FALSE(scene.resolve(merged(conflict, {{"phone", value("7")}})).error);
    scene.store.accept("contacts", scene.due({seen_record(5, {{"phone", "3"}})}).at(0), HubspotId{5});
    CHECK_FALSE(undo({seen_record(5, {{"phone", "7"}})}).error);
    CHECK(scene.open().local_version.at("phone") == "2");
    CHECK(scene.open().hubspot_version.at("phone") == "3");
    CHECK(scene.due({seen_record(5, {{"phone", "7"}})}).empty());
  }
  SUBCASE("edited here since") {
    CHECK_FALSE(scene.resolve(keep_hubspot(conflict)).error);
    scene.store.update(scene.record, {{"firstName", "Eva"}});
    CHECK(undo({}).error->code == ErrorCode::stale);
  }
  SUBCASE("edited in HubSpot since") {
    CHECK_FALSE(scene.resolve(keep_hubspot(conflict)).error);
    CHECK(undo({seen_record(5, {{"phone", "8"}})}).error->code == ErrorCode::stale);
    CHECK(scene.now().local.at("phone") == "8");
  }
  SUBCASE("open, or never decided by a person") {
    CHECK(undo({}).error->code == ErrorCode::unprocessable);
    CHECK(scene.resolve({.id = 99, .undo = true}).error->code == ErrorCode::not_found);
    scene.store.observe("contacts", {seen_record(5, {{"phone", "2"}})});
    CHECK(undo({}).error->code == ErrorCode::unprocessable);
  }
}

TEST_CASE("undoing a deletion brings the record back into dispute, unless HubSpot has carried it out") {
  Scene scene;
  scene.store.remove(scene.record);
  scene.store.observe("contacts", {seen_record(5, {{"phone", "3"}})});
  const Conflict conflict = scene.open();
  SUBCASE("brought back here") {
    CHECK_FALSE(scene.resolve(keep_hubspot(conflict)).error);
    CHECK(scene.now().local_presence == Presence::live);
    CHECK_FALSE(scene.resolve({.id = conflict.id, .undo = true}).error);
    CHECK(scene.open().fields == std::vector<std::string>{"deleted"});
    CHECK(scene.now().local_presence == Presence::deleted);
  }
  SUBCASE("to be deleted there, not sent yet") {
    CHECK_FALSE(scene.resolve(keep_local(conflict)).error);
    CHECK_FALSE(scene.resolve({.id = conflict.id, .undo = true}).error);
    CHECK(scene.open().fields == std::vector<std::string>{"deleted"});
    CHECK(scene.due({seen_record(5, {{"phone", "3"}})}).empty());
  }
  SUBCASE("deleted there") {
    CHECK_FALSE(scene.resolve(keep_local(conflict)).error);
    scene.store.accept("contacts", scene.due({seen_record(5, {{"phone", "3"}})}).at(0), HubspotId{5});
    CHECK(scene.resolve({.id = conflict.id, .undo = true}).error->code == ErrorCode::stale);
  }
}

TEST_CASE("an answer that comes after a newer observation does not undo it") {
  Scene scene;
  scene.store.update(scene.record, {{"phone", "2"}});
  REQUIRE(scene.due({seen_record(5, {{"phone", "1"}})}).size() == 1);
  // Ours is applied, somebody edits it there, a poll shows that, and only then our answer arrives.
  RemoteRecord later = seen_record(5, {{"phone", "9"}});
  later.modified = instant_from_ms(2'000);
  scene.store.observe("contacts", {later});
  RemoteRecord answer = seen_record(5, {{"phone", "2"}});
  answer.modified = instant_from_ms(1'000);
  scene.store.repository->settle_push(
      "contacts", {{.id = scene.record.id, .sent = {{"phone", "2"}}, .answer = answer}}, scene.store.tick()
  );
  CHECK(scene.now().local.at("phone") == "9");
  CHECK(scene.now().status == SyncStatus::synced);
  CHECK(scene.due().empty());
}
