#include <doctest/doctest.h>

#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

constexpr std::int64_t portal = 42;
constexpr std::int64_t plenty = 1'000;

InboxEvent event(std::string key, std::int64_t object, ReadWish wish = {}) {
  return {
      .key = std::move(key),
      .portal_id = portal,
      .event_id = 7,
      .subscription_type = "contact.propertyChange",
      .property = "email",
      .occurred_at = instant_from_ms(1'000),
      .hint = {.type = "contacts", .ids = {{object}}, .wish = wish, .why_not = {}}
  };
}

std::vector<std::int64_t> ids_of(const HintBatch& batch) {
  std::vector<std::int64_t> ids;
  for (const PendingHint& hint : batch.hints) {
    ids.push_back(hint.id.number);
  }
  return ids;
}

std::vector<HintOutcome> all_done(const HintBatch& batch) {
  std::vector<HintOutcome> outcomes;
  for (const HintBatch::Item& item : batch.items) {
    outcomes.push_back({.item = item.id});
  }
  return outcomes;
}

struct InboxStore : TestStore {
  InboxReceipt receive(const std::vector<InboxEvent>& events, std::int64_t most = plenty) {
    return repository->receive_events(events, most, tick());
  }
  HintBatch take(std::int64_t limit = 100) { return repository->take_hints(portal, {}, limit, tick()); }
  void settle(const std::vector<HintOutcome>& outcomes) { repository->settle_hints(outcomes, tick()); }
  InboxItem item(std::int64_t id) { return *repository->find_inbox(id); }
};

}  // namespace

TEST_CASE("an event is stored once, however often it comes") {
  InboxStore store;
  const InboxReceipt first = store.receive({event("a", 1), event("b", 2), event("a", 1)});
  CHECK(first.stored == 2);
  CHECK(first.duplicates == 1);
  CHECK(first.ids == std::vector<std::int64_t>{1, 2, 1});
  store.settle(all_done(store.take()));
  CHECK(store.receive({event("a", 1)}).stored == 0);
  CHECK(store.take().items.empty());
  CHECK(store.repository->inbox_status().backlog == 0);
}

TEST_CASE("all events about one record are one hint with all their wishes") {
  InboxStore store;
  store.receive(
      {event("a", 1), event("b", 2), event("c", 1, {.gone = true}), event("d", 1, {.reference = true})}
  );
  const HintBatch batch = store.take();
  CHECK(batch.type == "contacts");
  CHECK(ids_of(batch) == std::vector<std::int64_t>{1, 2});
  CHECK(batch.hints.front().wish == ReadWish{.reference = true, .gone = true});
  CHECK(batch.items.size() == 4);
  store.settle(all_done(batch));
  CHECK(store.item(3).state == InboxState::done);
  CHECK(store.item(3).done_at.has_value());
}

TEST_CASE("hints are taken oldest first, of one type at a time, and a record's later events come along") {
  InboxStore store;
  InboxEvent company = event("z", 9);
  company.hint.type = "companies";
  store.receive({event("a", 3), company, event("b", 1), event("c", 2), event("d", 3)});
  const HintBatch batch = store.take(2);
  CHECK(ids_of(batch) == std::vector<std::int64_t>{1, 3});
  CHECK(batch.items.size() == 3);
  store.settle(all_done(batch));
  CHECK(store.take().type == "companies");
}

TEST_CASE("a merge is one event with several records") {
  InboxStore store;
  InboxEvent merge = event("m", 11, {.merged = true});
  merge.hint.ids = {{11}, {12}, {13}};
  store.receive({merge});
  const HintBatch batch = store.take();
  CHECK(ids_of(batch) == std::vector<std::int64_t>{11, 12, 13});
  REQUIRE(batch.items.size() == 1);
  CHECK(batch.items.front().ids.size() == 3);
}

TEST_CASE("a full inbox takes nothing, not even a part of a batch") {
  InboxStore store;
  CHECK_FALSE(store.receive({event("a", 1), event("b", 2)}, 2).full);
  const InboxReceipt refused = store.receive({event("c", 3)}, 2);
  CHECK(refused.full);
  CHECK(refused.stored == 0);
  CHECK(store.repository->inbox_status().backlog == 2);
  store.settle(all_done(store.take()));
  CHECK(store.receive({event("c", 3)}, 2).stored == 1);
}

TEST_CASE("an event that hints at nothing is kept as ignored, with the reason") {
  InboxStore store;
  InboxEvent useless = event("a", 1);
  useless.hint = {.type = {}, .ids = {}, .wish = {}, .why_not = "an event that is not known"};
  store.receive({useless});
  CHECK(store.item(1).state == InboxState::ignored);
  CHECK(store.item(1).error == "an event that is not known");
  CHECK(store.take().items.empty());
  CHECK_FALSE(store.repository->replay_inbox(1).has_value());
}

TEST_CASE("events of another portal are set aside") {
  InboxStore store;
  InboxEvent foreign = event("a", 1);
  foreign.portal_id = 43;
  InboxEvent silent = event("b", 2);
  silent.portal_id = 0;
  store.receive({foreign, silent});
  CHECK(ids_of(store.take()) == std::vector<std::int64_t>{2});
  CHECK(store.item(1).state == InboxState::ignored);
}

TEST_CASE("an item that must wait is not due before its time") {
  InboxStore store;
  store.receive({event("a", 1)});
  const HintBatch batch = store.take();
  const Instant later = store.now + std::chrono::hours{1};
  store.settle({{.item = batch.items.front().id, .error = "still there", .retry_at = later}});
  CHECK(store.take().items.empty());
  CHECK(store.item(1).attempts == 1);
  store.now = later;
  CHECK(store.take().items.size() == 1);
}

TEST_CASE(
    "what was being read when the process died is read in ever smaller batches, and set aside in the end"
) {
  InboxStore store;
  std::vector<InboxEvent> events;
  for (int i = 1; i <= 100; ++i) {
    events.push_back(event("k" + std::to_string(i), i));
  }
  store.receive(events);
  std::vector<std::size_t> sizes;
  for (int death = 0; death < 8; ++death) {
    sizes.push_back(store.take().items.size());
    store.repository->recover_inbox();
  }
  CHECK(sizes == std::vector<std::size_t>{100, 50, 25, 12, 6, 3, 1, 1});
  const HintBatch others = store.take();
  CHECK(store.item(1).state == InboxState::failed);
  CHECK(ids_of(others) == std::vector<std::int64_t>{2});
  store.settle(all_done(others));
  // Without a death in between nothing is counted.
  const int attempts = store.item(100).attempts;
  store.repository->recover_inbox();
  CHECK(store.item(100).attempts == attempts);
}

TEST_CASE("an event that came while the clock was far ahead for a moment is read at once") {
  InboxStore store;
  store.now += std::chrono::hours{80};
  store.receive({event("a", 1)});
  store.now -= std::chrono::hours{80};
  CHECK(ids_of(store.take()) == std::vector<std::int64_t>{1});
}

TEST_CASE("an event can be worked off again, and old ones go but for the newest") {
  InboxStore store;
  store.receive({event("a", 1), event("b", 2)});
  store.settle(all_done(store.take()));
  const auto again = store.repository->replay_inbox(1);
  REQUIRE(again.has_value());
  CHECK(again->state == InboxState::pending);
  CHECK(ids_of(store.take()) == std::vector<std::int64_t>{1});
  store.settle({{.item = 1}});
  CHECK(store.repository->list_inbox({}).total == 2);
  store.repository->purge_logs(store.now + std::chrono::hours{1}, 100);
  const auto left = store.repository->list_inbox({});
  CHECK(left.total == 1);
  REQUIRE(left.items.size() == 1);
  CHECK(left.items.front().id == 2);
  CHECK(store.repository->replay_inbox(1).error().code == ErrorCode::not_found);
}

TEST_CASE("the list of events is by state and newest first") {
  InboxStore store;
  store.receive({event("a", 1), event("b", 2), event("c", 3)});
  store.settle({{.item = 2}});
  const auto pending = store.repository->list_inbox({.state = InboxState::pending});
  REQUIRE(pending.items.size() == 2);
  CHECK(pending.items.front().id == 3);
  CHECK(pending.total == 2);
  CHECK(store.repository->list_inbox({.state = InboxState::done}).total == 1);
  CHECK(store.repository->inbox_status().last_event_at.has_value());
}
