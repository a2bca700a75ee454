// Decisions about conflicts, from a stored conflict to what both sides hold afterwards.
#include <doctest/doctest.h>

#include "tests/unit/daemon/store/conflict_scene.hpp"

using namespace hubsync;
using namespace hubsync::test;

TEST_CASE("keep_local sends the local value, and the echo leaves nothing to do") {
  Scene scene;
  const Conflict conflict = scene.disputed_phone();
  const ResolveOutcome outcome = scene.resolve(keep_local(conflict), {seen_record(5, {{"phone", "3"}})});
  CHECK_FALSE(outcome.error);
  REQUIRE(outcome.conflict);
  CHECK(outcome.conflict->resolution == Resolution::keep_local);
  CHECK(outcome.conflict->resolved_by == "ada");
  CHECK(outcome.conflict->merged == Fields{{"phone", "2"}});
  CHECK(outcome.conflict->hubspot_version.at("phone") == "3");
  CHECK(scene.now().status == SyncStatus::pending);
  const auto actions = scene.due({seen_record(5, {{"phone", "3"}})});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().fields == Fields{{"phone", "2"}});
  scene.store.accept("contacts", actions.front(), HubspotId{5});
  CHECK(scene.now().status == SyncStatus::synced);
  CHECK(scene.store.repository->list_conflicts({.open = true}).total == 0);
}

TEST_CASE("keep_hubspot takes what HubSpot has now, not what it had when the conflict was found") {
  Scene scene;
  const Conflict conflict = scene.disputed_phone();
  const ResolveOutcome outcome = scene.resolve(keep_hubspot(conflict), {seen_record(5, {{"phone", "4"}})});
  CHECK_FALSE(outcome.error);
  CHECK(outcome.conflict->resolution == Resolution::keep_hubspot);
  CHECK(outcome.conflict->merged == Fields{{"phone", "4"}});
  CHECK(scene.now().local.at("phone") == "4");
  CHECK(scene.now().status == SyncStatus::synced);
  CHECK(scene.now().version > scene.record.version);
  CHECK(scene.due().empty());
  CHECK(
      scene.store.count("SELECT count(*) FROM audit WHERE actor = 'ada' AND action LIKE 'kept hubspot%'") == 1
  );
}

TEST_CASE("keep_local after HubSpot has moved is refused, and the conflict shows what HubSpot has") {
  Scene scene;
  const Conflict conflict = scene.disputed_phone();
  const ResolveOutcome outcome = scene.resolve(keep_local(conflict), {seen_record(5, {{"phone", "4"}})});
  REQUIRE(outcome.error);
  CHECK(outcome.error->code == ErrorCode::stale);
  CHECK(outcome.conflict->hubspot_version.at("phone") == "4");
  CHECK(outcome.conflict->version > conflict.version);
  CHECK(scene.now().status == SyncStatus::conflict);
  CHECK(scene.now().local.at("phone") == "2");
  // Looked at again, it can be decided.
  CHECK_FALSE(scene.resolve(keep_local(conflict), {seen_record(5, {{"phone", "4"}})}).error);
}

TEST_CASE("HubSpot's edit between a decision and its push is a new dispute, never overwritten") {
  Scene scene;
  const Conflict conflict = scene.disputed_phone();
  CHECK_FALSE(scene.resolve(keep_local(conflict), {seen_record(5, {{"phone", "3"}})}).error);
  CHECK(scene.due({seen_record(5, {{"phone", "9"}})}).empty());
  const Conflict again = scene.open();
  CHECK(again.id != conflict.id);
  CHECK(again.hubspot_version.at("phone") == "9");
}

TEST_CASE("a merged decision takes a side or a new value for each field") {
  Scene scene;
  scene.store.update(scene.record, {{"phone", "2"}, {"firstName", "Eva"}, {"lastName", "L"}});
  scene.store.observe(
      "contacts", {seen_record(5, {{"phone", "3"}, {"firstName", "Ida"}, {"lastName", "M"}})}
  );
  const Conflict conflict = scene.open();
  const ResolveOutcome outcome =
      scene.resolve(merged(conflict, {{"phone", local}, {"firstName", hubspot}, {"lastName", value("N")}}));
  CHECK_FALSE(outcome.error);
  CHECK(outcome.conflict->resolution == Resolution::merged);
  CHECK(outcome.conflict->merged == Fields{{"firstName", "Ida"}, {"lastName", "N"}, {"phone", "2"}});
  CHECK(outcome.conflict->decided.at("lastName").local == "L");
  CHECK(outcome.conflict->decided.at("lastName").remote == "M");
  CHECK(scene.now().local.at("lastName") == "N");
  CHECK(scene.now().local.at("firstName") == "Ida");
  const auto actions = scene.due();
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().fields == Fields{{"lastName", "N"}, {"phone", "2"}});
}

TEST_CASE("a value that both had before is sent all the same") {
  Scene scene;
  const Conflict conflict = scene.disputed_phone();
  CHECK_FALSE(scene.resolve(merged(conflict, {{"phone", value("1")}})).error);
  CHECK(scene.now().local.at("phone") == "1");
  const auto actions = scene.due();
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().fields == Fields{{"phone", "1"}});
}

TEST_CASE("clearing a disputed field clears it on both sides") {
  Scene scene;
  const Conflict conflict = scene.disputed_phone();
  CHECK_FALSE(scene.resolve(merged(conflict, {{"phone", value("")}})).error);
  CHECK_FALSE(scene.now().local.contains("phone"));
  const auto actions = scene.due();
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().fields == Fields{{"phone", ""}});
}

TEST_CASE("a wrong wish names the field and changes nothing") {
  Scene scene;
  scene.store.update(scene.record, {{"phone", "2"}, {"firstName", "Eva"}});
  scene.store.observe("contacts", {seen_record(5, {{"phone", "3"}, {"firstName", "Ida"}})});
  const Conflict conflict = scene.open();
  const auto error_of = [&scene](const ConflictWish& wish) {
    const auto targets = scene.store.repository->resolve_targets({wish});
    return targets.front().error.value_or(Error{.message = "none"});
  };
  const Error missing = error_of(merged(conflict, {{"phone", local}}));
  CHECK(missing.code == ErrorCode::invalid);
  CHECK(missing.field == "firstName");
  const Error unknown =
      error_of(merged(conflict, {{"phone", local}, {"firstName", local}, {"email", local}}));
  CHECK(unknown.field == "email");
  CHECK(error_of({.id = 99}).code == ErrorCode::not_found);
  CHECK(error_of({.id = conflict.id, .if_version = conflict.version + 1}).code == ErrorCode::stale);
  CHECK(error_of(keep_local(conflict)).message == "none");
  CHECK(scene.find(conflict).version == conflict.version);
}

TEST_CASE("a conflict is decided once") {
  Scene scene;
  const Conflict conflict = scene.disputed_phone();
  CHECK_FALSE(scene.resolve(keep_hubspot(conflict)).error);
  const ResolveOutcome again = scene.resolve(keep_local(conflict));
  REQUIRE(again.error);
  CHECK(again.error->code == ErrorCode::stale);
  CHECK(again.conflict->resolution == Resolution::keep_hubspot);
  CHECK(scene.now().local.at("phone") == "3");
}

TEST_CASE("a partial decision leaves the other fields in the same conflict") {
  Scene scene;
  scene.store.update(scene.record, {{"phone", "2"}, {"firstName", "Eva"}});
  scene.store.observe("contacts", {seen_record(5, {{"phone", "3"}, {"firstName", "Ida"}})});
  const Conflict conflict = scene.open();
  ConflictWish wish = merged(conflict, {{"phone", hubspot}});
  wish.partial = true;
  const ResolveOutcome first = scene.resolve(wish);
  CHECK_FALSE(first.error);
  CHECK(first.conflict->resolution == Resolution::pending);
  CHECK(first.conflict->fields == std::vector<std::string>{"firstName"});
  CHECK(scene.now().status == SyncStatus::conflict);
  const ResolveOutcome second = scene.resolve(keep_local(conflict));
  CHECK_FALSE(second.error);
  CHECK(second.conflict->merged == Fields{{"firstName", "Eva"}, {"phone", "3"}});
  CHECK(second.conflict->local_version.at("phone") == "2");
  CHECK(scene.store.repository->list_conflicts({.open = false}).total == 1);
}

TEST_CASE("an edit of another field that was disputed meanwhile is not decided unseen") {
  Scene scene;
  scene.store.update(scene.record, {{"phone", "2"}, {"firstName", "Eva"}});
  scene.store.observe("contacts", {seen_record(5, {{"phone", "3"}, {"firstName", "Ada"}})});
  const Conflict conflict = scene.open();
  REQUIRE(conflict.fields == std::vector<std::string>{"phone"});
  const ResolveOutcome outcome =
      scene.resolve(keep_hubspot(conflict), {seen_record(5, {{"phone", "3"}, {"firstName", "Ida"}})});
  REQUIRE(outcome.error);
  CHECK(outcome.error->code == ErrorCode::stale);
  CHECK(outcome.conflict->fields == std::vector<std::string>{"firstName", "phone"});
  CHECK(scene.now().local.at("firstName") == "Eva");
}

TEST_CASE("sides that agree when HubSpot is read again close the conflict, and the decision is told so") {
  Scene scene;
  const Conflict conflict = scene.disputed_phone();
  const ResolveOutcome outcome = scene.resolve(keep_local(conflict), {seen_record(5, {{"phone", "2"}})});
  REQUIRE(outcome.error);
  CHECK(outcome.error->code == ErrorCode::stale);
  CHECK(outcome.conflict->resolution == Resolution::auto_resolved);
  CHECK(scene.now().status == SyncStatus::synced);
}

TEST_CASE("with record detection every field of the record is decided at once") {
  Rules rules = default_rules();
  rules.detection = Detection::record;
  Scene scene{.store = TestStore{":memory:", rules}};
  scene.store.update(scene.record, {{"phone", "2"}});
  scene.store.observe("contacts", {seen_record(5, {{"firstName", "Ida"}})});
  const Conflict conflict = scene.open();
  REQUIRE(conflict.fields == std::vector<std::string>{"firstName", "phone"});
  CHECK_FALSE(scene.resolve(merged(conflict, {{"phone", local}, {"firstName", hubspot}})).error);
  CHECK(scene.now().status == SyncStatus::pending);
  const auto actions = scene.due();
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().fields == Fields{{"phone", "2"}});
}

TEST_CASE("a deletion that gave up HubSpot's edit and is taken back after all brings that edit too") {
  Scene scene;
  scene.store.remove(scene.record);
  scene.store.observe("contacts", {seen_record(5, {{"phone", "9"}})});
  const Conflict first = scene.open();
  const RemoteRecord shown = seen_record(5, {{"phone", "9"}});
  CHECK_FALSE(scene.resolve(keep_local(first), {shown}).error);
  SUBCASE("by another decision") {
    const RemoteRecord again = seen_record(5, {{"phone", "9"}, {"firstName", "Ida"}});
    scene.store.observe("contacts", {again});
    CHECK_FALSE(scene.resolve(keep_hubspot(scene.open()), {again}).error);
  }
  SUBCASE("by restoring it here") {
    scene.store.restore(scene.record);
  }
  CHECK(scene.now().local_presence == Presence::live);
  CHECK(scene.now().local.at("phone") == "9");
}

TEST_CASE("edited here, deleted there: keeping the edit makes the record anew in HubSpot") {
  Scene scene;
  scene.store.update(scene.record, {{"phone", "2"}});
  scene.store.repository->observe({.type = "contacts", .deleted = {HubspotId{5}}}, scene.store.tick());
  const Conflict conflict = scene.open();
  CHECK(conflict.hubspot_version.at("deleted") == "true");
  CHECK(conflict.local_version.at("deleted") == "false");
  CHECK_FALSE(scene.resolve(keep_local(conflict), {}, {HubspotId{5}}).error);
  const auto actions = scene.due();
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().kind == PushKind::create);
  CHECK(actions.front().fields.at("phone") == "2");
  CHECK(actions.front().uid != scene.record.uid);
  scene.store.accept("contacts", actions.front(), HubspotId{77});
  CHECK(scene.now().hubspot_id == HubspotId{77});
  CHECK(scene.now().local_presence == Presence::live);
  CHECK(scene.now().status == SyncStatus::synced);
}

TEST_CASE("edited here, deleted there: keeping the deletion deletes here") {
  Scene scene;
  scene.store.update(scene.record, {{"phone", "2"}});
  scene.store.repository->observe({.type = "contacts", .deleted = {HubspotId{5}}}, scene.store.tick());
  const Conflict conflict = scene.open();
  const ResolveOutcome outcome = scene.resolve(keep_hubspot(conflict), {}, {HubspotId{5}});
  CHECK_FALSE(outcome.error);
  CHECK(outcome.conflict->merged == Fields{{"deleted", "true"}});
  CHECK(scene.now().local_presence == Presence::deleted);
  CHECK(scene.now().status == SyncStatus::synced);
  CHECK(scene.due().empty());
}

TEST_CASE("deleted here, edited there: keeping the edit brings the record back here with HubSpot's values") {
  Scene scene;
  scene.store.remove(scene.record);
  scene.store.observe("contacts", {seen_record(5, {{"phone", "3"}})});
  const Conflict conflict = scene.open();
  CHECK(conflict.local_version.at("deleted") == "true");
  CHECK_FALSE(scene.resolve(keep_hubspot(conflict), {seen_record(5, {{"phone", "4"}})}).error);
  CHECK(scene.now().local_presence == Presence::live);
  CHECK(scene.now().local.at("phone") == "4");
  CHECK(scene.now().status == SyncStatus::synced);
  CHECK(scene.due().empty());
}

TEST_CASE("what a conflict showed of HubSpot stands in the audit once a late write of ours has replaced it") {
  Scene scene;
  scene.store.update(scene.record, {{"phone", "2"}});
  const auto actions = scene.due({seen_record(5, {{"phone", "1"}})});
  REQUIRE(actions.size() == 1);
  scene.store.refuse("contacts", actions.front(), {.outcome = Outcome::unknown, .message = "timed out"});
  scene.store.remove(scene.record);
  scene.store.observe("contacts", {seen_record(5, {{"phone", "3"}})});
  REQUIRE(scene.open().hubspot_version.at("phone") == "3");
  scene.store.observe("contacts", {seen_record(5, {{"phone", "2"}})});
  CHECK(scene.open().hubspot_version.at("phone") == "2");
  CHECK(
      scene.store.count("SELECT count(*) FROM audit JOIN audit_values ON audit_values.audit = audit.id "
                        "WHERE action = 'updated a conflict' AND value = '{\"phone\":[\"3\",\"2\"]}'") == 1
  );
}

TEST_CASE("deleted here, edited there: keeping the deletion archives in HubSpot, unless it is edited again") {
  Scene scene;
  scene.store.remove(scene.record);
  scene.store.observe("contacts", {seen_record(5, {{"phone", "3"}})});
  const Conflict conflict = scene.open();
  const ResolveOutcome moved = scene.resolve(keep_local(conflict), {seen_record(5, {{"phone", "4"}})});
  REQUIRE(moved.error);
  CHECK(moved.error->code == ErrorCode::stale);
  CHECK_FALSE(
      scene.resolve(merged(conflict, {{"deleted", value("true")}}), {seen_record(5, {{"phone", "4"}})}).error
  );

  SUBCASE("unedited") {
    const auto actions = scene.due({seen_record(5, {{"phone", "4"}})});
    REQUIRE(actions.size() == 1);
    CHECK(actions.front().kind == PushKind::archive);
    scene.store.accept("contacts", actions.front(), HubspotId{5});
    CHECK(scene.now().status == SyncStatus::synced);
  }
  SUBCASE("edited again before it was sent") {
    CHECK(scene.due({seen_record(5, {{"phone", "5"}})}).empty());
    CHECK(scene.open().fields == std::vector<std::string>{"deleted"});
  }
}

TEST_CASE("a value may not take another record's unique key") {
  Scene scene;
  scene.store.linked("contacts", {{"email", "eva@example.org"}}, 6);
  scene.store.update(scene.record, {{"email", "ada@a.test"}});
  scene.store.observe("contacts", {seen_record(5, {{"email", "ada@b.test"}})});
  const Conflict conflict = scene.open();
  const ResolveOutcome outcome = scene.resolve(merged(conflict, {{"email", value("Eva@Example.org")}}));
  REQUIRE(outcome.error);
  CHECK(outcome.error->code == ErrorCode::conflict);
  CHECK(outcome.error->field == "email");
  CHECK(scene.now().local.at("email") == "ada@a.test");
  CHECK(scene.find(conflict).resolution == Resolution::pending);
}

TEST_CASE("conflicts are listed by type, by field and by record") {
  Scene scene;
  scene.disputed_phone();
  const Record company = scene.store.linked("companies", {{"name", "Acme"}, {"domain", "acme.test"}}, 70);
  scene.store.update(company, {{"name", "Acme Ltd"}});
  scene.store.observe("companies", {seen_record(70, {{"name", "Acme Inc"}})});
  const auto total = [&scene](const ConflictQuery& query) {
    return scene.store.repository->list_conflicts(query).total;
  };
  CHECK(total({}) == 2);
  CHECK(total({.type = "contact"}) == 1);
  CHECK(total({.field = "name"}) == 1);
  CHECK(total({.type = "contacts", .field = "name"}) == 0);
  CHECK(total({.record = company.id}) == 1);
  CHECK(total({.open = false}) == 0);
}

TEST_CASE("one conflict that can not be decided stops none of the others") {
  Scene scene;
  const Conflict first = scene.disputed_phone();
  const Record eva = scene.store.linked("contacts", {{"email", "eva@example.org"}, {"phone", "1"}}, 6);
  scene.store.update(eva, {{"phone", "2"}});
  scene.store.observe("contacts", {seen_record(6, {{"phone", "3"}})});
  const auto outcomes = scene.store.repository->resolve_conflicts(
      {.wishes = {{.id = 99}, {.id = first.id, .if_version = 77}, {.id = first.id + 1}},
       .pages = {},
       .user = "ada"},
      scene.store.tick()
  );
  REQUIRE(outcomes.size() == 3);
  CHECK(outcomes[0].error->code == ErrorCode::not_found);
  CHECK(outcomes[1].error->code == ErrorCode::stale);
  CHECK_FALSE(outcomes[2].error);
  CHECK(scene.store.get(eva).status == SyncStatus::pending);
  CHECK(scene.now().status == SyncStatus::conflict);
}
