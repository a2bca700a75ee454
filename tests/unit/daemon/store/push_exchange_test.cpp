// Two records that are to have each other's key, which HubSpot allows only one of its records at a time.
#include <doctest/doctest.h>

#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

const Fields ada{{"email", "ada@example.org"}};
const Fields eve{{"email", "eve@example.org"}};

/// Refused with or without the id of the record that has the key.
CallFailure taken(std::optional<HubspotId> by) {
  return {.outcome = Outcome::refused, .status = 409, .message = "taken", .existing_id = by};
}

/// Contacts 5 and 6, whose addresses were exchanged here, and refused by HubSpot once each.
struct Exchange {
  explicit Exchange(bool told) {
    store.update(first, {{"email", "moment@example.org"}});
    store.update(second, ada);
    store.update(first, eve);
    const auto actions = store.prepare("contacts", {seen_record(5, ada), seen_record(6, eve)});
    REQUIRE(actions.size() == 2);
    for (const PushAction& action : actions) {
      CHECK_FALSE(action.fields.at("email").empty());
      const HubspotId other = action.hubspot_id == HubspotId{5} ? HubspotId{6} : HubspotId{5};
      store.refuse("contacts", action, taken(told ? std::optional{other} : std::nullopt));
    }
  }

  /// The next attempt of one of them.
  PushAction next(const Record& record) {
    const auto claim = store.repository->claim_record("contacts", record.id, store.tick());
    REQUIRE(claim);
    const RemoteRecord seen{.id = *record.hubspot_id, .values = store.get(record).remote};
    const auto prepared = store.repository->prepare_push(
        {.type = "contacts", .claims = {record.id}, .seen = {seen}}, store.tick()
    );
    REQUIRE(prepared.actions.size() == 1);
    return prepared.actions.front();
  }

  TestStore store;
  Record first = store.linked("contacts", ada, 5);
  Record second = store.linked("contacts", eve, 6);
};

}  // namespace

TEST_CASE("of two records that are to have each other's key one lets go of its own first, and both get theirs"
) {
  for (const bool told : {false, true}) {
    CAPTURE(told);
    Exchange exchange{told};
    TestStore& store = exchange.store;
    CHECK(exchange.next(exchange.second).fields == ada);
    store.repository->release_claims({exchange.second.id});
    const PushAction letting_go = exchange.next(exchange.first);
    CHECK(letting_go.fields == Fields{{"email", ""}});
    CHECK(store.get(exchange.first).local == eve);
    store.accept("contacts", letting_go, HubspotId{5});
    CHECK(store.get(exchange.first).status == SyncStatus::pending);
    const auto last = store.prepare("contacts", {seen_record(5, {{"email", ""}}), seen_record(6, eve)});
    REQUIRE(last.size() == 2);
    for (const PushAction& action : last) {
      CHECK(action.fields == (action.hubspot_id == HubspotId{5} ? eve : ada));
      store.accept("contacts", action, *action.hubspot_id);
    }
    CHECK(store.get(exchange.first).status == SyncStatus::synced);
    CHECK(store.get(exchange.second).status == SyncStatus::synced);
    CHECK(store.repository->list_conflicts({}).total == 0);
  }
}

TEST_CASE("who waits for a key is sent as soon as HubSpot's other record has let go of it") {
  Exchange exchange{true};
  TestStore& store = exchange.store;
  const auto wait = [&](const Record& record) {
    PushOutcome outcome{.id = record.id, .failure = taken(std::nullopt)};
    outcome.retry_delay = std::chrono::hours{1};
    store.repository->settle_push("contacts", {outcome}, store.tick());
  };
  const PushAction letting_go = exchange.next(exchange.first);
  (void)exchange.next(exchange.second);
  wait(exchange.second);
  CHECK(store.repository->claim_due("contacts", 10, store.tick()).empty());
  store.accept("contacts", letting_go, HubspotId{5});
  CHECK(store.repository->claim_due("contacts", 10, store.tick()).size() == 2);
}

TEST_CASE("a letting go of a key whose reply was lost is found by the next look, and is no edit of HubSpot's"
) {
  Exchange exchange{true};
  TestStore& store = exchange.store;
  const PushAction letting_go = exchange.next(exchange.first);
  bool arrived = false;
  SUBCASE("it arrived") {
    arrived = true;
  }
  SUBCASE("it did not") {}
  SUBCASE("it arrived, and the process died") {
    arrived = true;
    store.repository->release_claims({exchange.first.id});
  }
  if (store.get(exchange.first).status == SyncStatus::pending) {
    store.refuse("contacts", letting_go, {.outcome = Outcome::unknown, .message = "no reply"});
  }
  store.now += std::chrono::minutes{1};
  const auto again =
      store.prepare("contacts", {seen_record(5, arrived ? Fields{{"email", ""}} : ada), seen_record(6, eve)});
  REQUIRE(again.size() == 2);
  for (const PushAction& action : again) {
    const Fields expected = action.hubspot_id == HubspotId{6} ? ada : arrived ? eve : Fields{{"email", ""}};
    CHECK(action.fields == expected);
  }
  CHECK(store.get(exchange.first).local == eve);
  CHECK(store.repository->list_conflicts({}).total == 0);
}

TEST_CASE("a key that HubSpot does not let its record go of ends the work with HubSpot's words") {
  Exchange exchange{true};
  TestStore& store = exchange.store;
  const PushAction letting_go = exchange.next(exchange.first);
  REQUIRE(letting_go.fields == Fields{{"email", ""}});
  store.refuse("contacts", letting_go, {.outcome = Outcome::refused, .status = 400, .message = "required"});
  CHECK(store.get(exchange.first).status == SyncStatus::error);
  CHECK(store.get(exchange.first).error == "required");
  CHECK(store.get(exchange.first).local == eve);
}

TEST_CASE("what was edited while a key was let go of is sent, also where HubSpot refused that") {
  Exchange exchange{true};
  TestStore& store = exchange.store;
  const PushAction letting_go = exchange.next(exchange.first);
  store.update(exchange.first, {{"firstName", "Ada"}});
  store.refuse("contacts", letting_go, {.outcome = Outcome::refused, .status = 400, .message = "required"});
  CHECK(store.get(exchange.first).status == SyncStatus::pending);
  CHECK(exchange.next(exchange.first).fields.at("firstName") == "Ada");
}

TEST_CASE("no record lets go of its key for one that is not sent") {
  Exchange exchange{true};
  TestStore& store = exchange.store;
  SUBCASE("cancelled") {
    REQUIRE(store.repository->cancel_due(exchange.second.id, "uid 1000", store.tick()));
  }
  SUBCASE("edited otherwise since") {
    store.update(exchange.second, {{"email", "other@example.org"}});
  }
  CHECK(exchange.next(exchange.first).fields == eve);
}

TEST_CASE("a key is asked for once more where HubSpot does not tell which record has it") {
  TestStore store;
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, eve);
  for (const SyncStatus after : {SyncStatus::pending, SyncStatus::error}) {
    const auto actions = store.prepare("contacts", {seen_record(5, ada)});
    REQUIRE(actions.size() == 1);
    store.refuse("contacts", actions.front(), taken(std::nullopt));
    CHECK(store.get(record).status == after);
    store.now += std::chrono::minutes{1};
  }
}
