#include "daemon/core/reconcile.hpp"

#include <doctest/doctest.h>

#include "tests/support/records.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

const Instant noon = instant_from_ms(1'800'000'000'000);

Effects reconcile_now(Record& record) {
  return reconcile(record, contact_rules(), Detection::field, Duration{2'000}, noon);
}

RemoteRecord seen(Fields values) {
  return {.id = HubspotId{3'000'000'001}, .values = std::move(values)};
}

}  // namespace

TEST_CASE("a value pulled from HubSpot is in the local view and the base, and the old one is told") {
  Record record = linked_contact({{"phone", "1"}}, {{"phone", "1"}});
  CHECK(absorb(record, seen({{"phone", "2"}}), contact_rules(), std::nullopt));
  const Effects effects = reconcile_now(record);
  CHECK(record.local.at("phone") == "2");
  CHECK(record.base.at("phone") == BasePair{"2", "2"});
  CHECK(effects.pulled == Fields{{"phone", "2"}});
  CHECK(effects.overwritten == Fields{{"phone", "1"}});
  CHECK_FALSE(effects.push_needed);
  CHECK(record.status == SyncStatus::synced);
  CHECK(record.direction == SyncDirection::from_hubspot);
  CHECK(record.version == 1);
  CHECK(record.synced_at == noon);
}

TEST_CASE("seeing again what is known changes nothing") {
  Record record = linked_contact({{"phone", "1"}}, {{"phone", "1"}});
  (void)reconcile_now(record);
  const Record before = record;
  CHECK_FALSE(absorb(record, seen({{"phone", "1"}}), contact_rules(), std::nullopt));
  CHECK_FALSE(reconcile_now(record).changed);
  CHECK(record == before);
}

TEST_CASE("a value HubSpot cleared is gone from the local view, and properties we do not map are not kept") {
  Record record = linked_contact({{"phone", "1"}}, {{"phone", "1"}});
  absorb(record, seen({{"phone", ""}, {"hs_analytics_source", "x"}}), contact_rules(), std::nullopt);
  (void)reconcile_now(record);
  CHECK_FALSE(record.local.contains("phone"));
  CHECK_FALSE(record.remote.contains("hs_analytics_source"));
}

TEST_CASE("what we sent and HubSpot echoed in its own form is agreed, as a pair") {
  Record record = linked_contact({{"phone", "(030) 1"}}, {{"phone", ""}});
  record.base["phone"] = {"", ""};
  record.edited["phone"] = noon;
  CHECK(reconcile_now(record).push == Fields{{"phone", "(030) 1"}});
  const RemoteRecord echo = seen({{"phone", "0301"}});
  absorb(record, echo, contact_rules(), std::nullopt);
  agree_on_sent(record, {{"phone", "(030) 1"}}, echo.values);
  const Effects effects = reconcile_now(record);
  CHECK_FALSE(effects.push_needed);
  CHECK(effects.conflicts.empty());
  CHECK(record.local.at("phone") == "(030) 1");
  CHECK(record.status == SyncStatus::synced);
  CHECK(record.edited.empty());
}

TEST_CASE("an edit made while the older value was on its way is sent next") {
  Record record = linked_contact({{"phone", "3"}}, {{"phone", "1"}});
  record.base["phone"] = {"1", "1"};
  record.edited["phone"] = noon;
  const RemoteRecord echo = seen({{"phone", "2"}});
  absorb(record, echo, contact_rules(), std::nullopt);
  agree_on_sent(record, {{"phone", "2"}}, echo.values);
  const Effects effects = reconcile_now(record);
  CHECK(effects.push == Fields{{"phone", "3"}});
  CHECK(record.edited.contains("phone"));
  CHECK(record.status == SyncStatus::pending);
}

TEST_CASE("a field that HubSpot did not echo is not agreed before it is read") {
  Record record = linked_contact({{"phone", "2"}}, {{"phone", "1"}});
  record.base["phone"] = {"1", "1"};
  const RemoteRecord echo = seen({});
  absorb(record, echo, contact_rules(), std::nullopt);
  agree_on_sent(record, {{"phone", "2"}}, echo.values);
  CHECK(reconcile_now(record).push_needed);
  absorb(record, seen({{"phone", "2"}}), contact_rules(), std::nullopt);
  CHECK_FALSE(reconcile_now(record).push_needed);
}

TEST_CASE("a conflict holds back its own field and closes itself when the sides come to agree") {
  Record record =
      linked_contact({{"phone", "1"}, {"firstName", "Ada"}}, {{"phone", "1"}, {"firstName", "Ada"}});
  record.local["phone"] = "2";
  record.local["firstName"] = "Eva";
  absorb(record, seen({{"phone", "3"}}), contact_rules(), std::nullopt);
  Effects effects = reconcile_now(record);
  CHECK(record.status == SyncStatus::conflict);
  CHECK(effects.conflicts.size() == 1);
  CHECK(effects.push == Fields{{"firstName", "Eva"}});
  absorb(record, seen({{"phone", "2"}, {"firstName", "Eva"}}), contact_rules(), std::nullopt);
  effects = reconcile_now(record);
  CHECK(effects.conflicts.empty());
  CHECK(record.status == SyncStatus::synced);
}

TEST_CASE("a parked record stays in error while the same work waits, and is synced when the work is gone") {
  Record record = linked_contact({{"phone", "2"}}, {{"phone", "1"}});
  record.base["phone"] = {"1", "1"};
  record.status = SyncStatus::error;
  record.error = "INVALID_EMAIL";
  (void)reconcile_now(record);
  CHECK(record.status == SyncStatus::error);
  CHECK(record.error == "INVALID_EMAIL");
  absorb(record, seen({{"phone", "2"}}), contact_rules(), std::nullopt);
  (void)reconcile_now(record);
  CHECK(record.status == SyncStatus::synced);
  CHECK(record.error.empty());
}

TEST_CASE("archived in HubSpot: deleted here when unedited, a conflict when edited, back when restored there"
) {
  Record record = linked_contact({{"phone", "1"}}, {{"phone", "1"}});
  RemoteRecord archived = seen({});
  archived.archived = true;
  Record edited = record;
  absorb(record, archived, contact_rules(), std::nullopt);
  CHECK(reconcile_now(record).action == RecordAction::delete_local);
  CHECK(record.local_presence == Presence::deleted);
  CHECK(record.status == SyncStatus::synced);

  edited.local["phone"] = "2";
  absorb(edited, archived, contact_rules(), std::nullopt);
  CHECK(reconcile_now(edited).deletion_conflict);
  CHECK(edited.local_presence == Presence::live);
  CHECK(edited.status == SyncStatus::conflict);

  absorb(record, seen({{"phone", "9"}}), contact_rules(), std::nullopt);
  CHECK(reconcile_now(record).action == RecordAction::create_local);
  CHECK(record.local_presence == Presence::live);
  CHECK(record.local.at("phone") == "9");
}

TEST_CASE("what HubSpot restores comes back as HubSpot has it, also where a deletion here gave it up") {
  Record record = linked_contact({{"firstName", "Ada"}}, {{"firstName", "Eve"}});
  record.local_presence = Presence::deleted;
  record.base_presence = Presence::deleted;
  record.base["firstName"] = {"Ada", "Eve"};
  const Effects effects = reconcile_now(record);
  CHECK(effects.action == RecordAction::create_local);
  CHECK(effects.pulled == Fields{{"firstName", "Eve"}});
  CHECK(effects.push.empty());
}

TEST_CASE("what a deletion here gave up stays disputed while HubSpot's history decides about the rest") {
  TypeRules rules = contact_rules();
  rules.fields[3].policy = Policy::newest;
  Record record =
      linked_contact({{"firstName", "Ada"}, {"phone", "2"}}, {{"firstName", "Eve"}, {"phone", "1"}});
  record.local_presence = Presence::deleted;
  record.base_presence = Presence::deleted;
  record.base["firstName"] = {"Ada", "Eve"};
  record.base["phone"] = {"1", "1"};
  record.edited["phone"] = noon;
  const auto again = [&](const FieldTimes& times) {
    return reconcile(record, rules, Detection::record, Duration{2'000}, noon, times);
  };
  const Effects undecided = again({});
  CHECK(undecided.action == RecordAction::create_local);
  CHECK(undecided.conflicts.size() == 2);
  const Effects decided = again({{"phone", noon - std::chrono::hours{1}}});
  REQUIRE(decided.conflicts.size() == 2);
  CHECK(decided.conflicts.front().field == "firstName");
  CHECK(record.status == SyncStatus::conflict);
}
