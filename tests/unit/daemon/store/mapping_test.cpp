// What the store does when the mapping changes.
#include <doctest/doctest.h>

#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

const Fields ada{{"email", "ada@example.org"}, {"firstName", "Ada"}, {"phone", "1"}};

Rules without_phone() {
  Rules rules = default_rules();
  for (TypeRules& type : rules.types) {
    std::erase_if(type.fields, [](const FieldRule& field) { return field.name == "phone"; });
  }
  return rules;
}

/// The field leaves the mapping, something happens, and it joins again.
template <class Meanwhile>
void leave_and_join(TestStore& store, Meanwhile meanwhile) {
  store.repository->set_rules(without_phone());
  meanwhile();
  store.repository->set_rules(default_rules());
}

}  // namespace

TEST_CASE("a field that leaves the mapping and joins again is compared like a first match") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  const auto phone = [&] { return value_or_empty(store.get(record).local, "phone"); };
  SUBCASE("edited here meanwhile: nobody's value is taken for the older one") {
    leave_and_join(store, [&] { store.update(record, {{"phone", "2"}}); });
    store.observe("contacts", {seen_record(5, ada)});
    CHECK(store.get(record).status == SyncStatus::conflict);
    CHECK(phone() == "2");
  }
  SUBCASE("emptied here meanwhile: HubSpot's value is not cleared") {
    leave_and_join(store, [&] { store.update(record, {{"phone", ""}}); });
    store.observe("contacts", {seen_record(5, ada)});
    CHECK(store.get(record).status == SyncStatus::synced);
    CHECK(phone() == "1");
  }
  SUBCASE("edited here before") {
    store.update(record, {{"phone", "2"}});
    leave_and_join(store, [] {});
    store.observe("contacts", {seen_record(5, ada)});
    CHECK(store.get(record).status == SyncStatus::conflict);
  }
  SUBCASE("as it was") {
    leave_and_join(store, [] {});
    store.observe("contacts", {seen_record(5, ada)});
    CHECK(store.get(record).status == SyncStatus::synced);
    store.update(record, {{"phone", "2"}});
    const auto actions = store.prepare("contacts", {seen_record(5, ada)});
    REQUIRE(actions.size() == 1);
    CHECK(actions.front().fields == Fields{{"phone", "2"}});
  }
}

TEST_CASE("a conflict about a field that leaves the mapping closes, and is open again when it joins") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"phone", "2"}});
  Fields theirs = ada;
  theirs["phone"] = "3";
  store.observe("contacts", {seen_record(5, theirs)});
  REQUIRE(store.get(record).status == SyncStatus::conflict);
  leave_and_join(store, [&] {
    theirs.erase("phone");
    store.observe("contacts", {seen_record(5, theirs)});
    CHECK(store.repository->list_conflicts({.open = true}).total == 0);
    const auto closed = store.repository->list_conflicts({.open = false}).items;
    REQUIRE(closed.size() == 1);
    CHECK(closed.front().events.back().details == "its fields are not mapped any more");
  });
  theirs["phone"] = "3";
  store.observe("contacts", {seen_record(5, theirs)});
  CHECK(store.get(record).status == SyncStatus::conflict);
  CHECK(store.repository->list_conflicts({.open = true}).total == 1);
}

TEST_CASE("a field that goes to another property is compared like a first match") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  Rules rules = default_rules();
  for (TypeRules& type : rules.types) {
    for (FieldRule& field : type.fields) {
      field.property = field.name == "phone" ? "mobilephone" : field.property;
    }
  }
  store.repository->set_rules(rules);
  Fields theirs = ada;
  theirs["phone"] = "7";
  store.observe("contacts", {seen_record(5, theirs)});
  CHECK(store.get(record).status == SyncStatus::conflict);
  CHECK(store.get(record).local.at("phone") == "1");
}
