// What the store does when somebody sets the clock.
#include <algorithm>
#include <iterator>
#include <memory>

#include <doctest/doctest.h>

#include "daemon/core/backoff.hpp"
#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

const Fields ada{{"email", "ada@example.org"}, {"firstName", "Ada"}};
constexpr Duration hour{3'600'000};
constexpr Duration year = 365 * 24 * hour;

/// A record whose update got no answer: its work waits for a moment, and for what may still arrive.
struct Waiting {
  Waiting() : record(store.linked("contacts", ada, 5)) {
    store.update(record, {{"firstName", "Eve"}});
    const auto actions = store.prepare("contacts", {seen_record(5, ada)});
    REQUIRE(actions.size() == 1);
    store.refuse("contacts", actions.front(), {.outcome = Outcome::unknown, .message = "no reply"});
    row = *store.repository->tables().due.find(record.id);
  }

  /// How many pieces of work may be claimed at that time.
  std::size_t claimable(Instant now) {
    const auto claims = store.repository->claim_due("contacts", 10, now);
    for (const Claim& claim : claims) {
      store.repository->release_claims({claim.id});
    }
    return claims.size();
  }

  TestStore store;
  Record record;
  store::DueRow row;
};

}  // namespace

TEST_CASE("what waits goes on waiting as long as it would have when the clock is set") {
  for (const Duration by : {-year, -hour, Duration{20'000}, hour, year}) {
    CAPTURE(by.count());
    Waiting world;
    const Duration left = world.row.next_at - world.store.now;
    REQUIRE(left > Duration{0});
    const Instant now = world.store.now + by;
    world.store.repository->follow_clock(by, now);
    CHECK(world.claimable(now + left - Duration{1}) == 0);
    CHECK(world.claimable(now + left) == 1);
    CHECK(
        world.store.repository->tables().due.find(world.record.id)->not_before == world.row.not_before + by
    );
    CHECK(world.store.repository->histories_wanted("contacts", now + hour, 10).size() == 1);
  }
}

TEST_CASE(
    "what may still arrive is waited for, though the clock was set back before it was sent and nobody noticed"
) {
  for (const Duration by : {-year, -hour, Duration{-20'000}}) {
    CAPTURE(by.count());
    Waiting world;  // By the new clock.
    const Instant now = world.store.now;
    REQUIRE(world.row.not_before > now);
    world.store.repository->follow_clock(by, now);
    CHECK(world.store.repository->tables().due.find(world.record.id)->not_before == world.row.not_before);
    CHECK(world.claimable(world.row.not_before - Duration{1}) == 0);
    CHECK(world.claimable(world.row.not_before) == 1);
  }
}

TEST_CASE("what was ready stays ready when the clock is set back") {
  TestStore store;
  store.create("contacts", ada);
  const Instant now = store.now - hour;
  store.repository->follow_clock(-hour, now);
  CHECK(store.repository->due_summary("contacts", now).newest_since <= now);
  CHECK(store.repository->claim_due("contacts", 10, now).size() == 1);
}

TEST_CASE("what is entered after the clock was set forward, and before that is noticed, is ready") {
  for (const Duration by : {hour, year}) {
    TestStore store;
    store.now += by;
    store.create("contacts", ada);
    store.repository->follow_clock(by, store.now);
    CHECK(store.repository->claim_due("contacts", 10, store.now).size() == 1);
  }
}

TEST_CASE("what is entered while the clock is far ahead for a moment is ready after it") {
  TestStore store;
  const Instant before = store.now;
  store.now += 80 * hour;
  store.create("contacts", ada);
  store.repository->follow_clock(-hour, before);  // All that was noticed.
  CHECK(store.repository->due_summary("contacts", before).newest_since <= before);
  CHECK(store.repository->claim_due("contacts", 10, before).size() == 1);
}

TEST_CASE("what is entered while the clock is far ahead for a moment, and nobody notices, is sent at once") {
  TestStore store;
  const Instant before = store.now;
  store.now += 80 * hour;
  store.create("contacts", ada);
  const DueSummary summary = store.repository->due_summary("contacts", before);
  CHECK(summary.ready == 1);
  CHECK(send_at(summary, before) <= before);
  CHECK(store.repository->claim_due("contacts", 10, before).size() == 1);
}

TEST_CASE(
    "what ended while the clock was far ahead for a moment, and nobody noticed, waits as long as after it"
) {
  Waiting world;  // By the wrong clock.
  const Instant right = world.store.now - year;
  REQUIRE(world.claimable(right + hour) == 0);
  world.store.repository->mend_times(right);
  CHECK(world.claimable(right + longest_flight - Duration{1}) == 0);
  CHECK(world.claimable(right + longest_flight) == 1);
  CHECK(world.store.repository->histories_wanted("contacts", right + hour, 10).size() == 1);
}

TEST_CASE("what waits for its time is left alone by looking over the times") {
  Waiting world;
  const Instant now = world.store.now;
  world.store.repository->mend_times(now);
  const auto row = world.store.repository->tables().due.find(world.record.id);
  REQUIRE(row);
  CHECK(row->next_at == world.row.next_at);
  CHECK(row->not_before == world.row.not_before);
}

TEST_CASE("what a wrong clock left in the future is ready at the next start, a long Retry-After is not") {
  Waiting world;
  const Instant before = world.store.now - year;
  world.store.repository->follow_clock(Duration{0}, before);
  CHECK(world.claimable(before + longest_flight) == 1);
  CHECK(world.store.repository->due_summary("contacts", before).newest_since <= before);

  Waiting asked;
  const Instant start = asked.row.next_at - 24 * hour;
  asked.store.repository->follow_clock(Duration{0}, start);
  CHECK(asked.claimable(start) == 0);
}

TEST_CASE("after a restart an edit waits for what may still arrive, whatever the clock says by then") {
  for (const bool noticed : {true, false}) {
    for (const Duration by : {-year, -hour, Duration{0}, hour, year}) {
      CAPTURE(noticed);
      CAPTURE(by.count());
      TestStore store;
      const Record record = store.linked("contacts", ada, 5);
      store.update(record, {{"firstName", "Eve"}});
      REQUIRE(store.prepare("contacts", {seen_record(5, ada)}).size() == 1);
      store.repository->release_claims({record.id});  // The process died.
      store.now += by;
      if (!noticed) {
        store.update(record, {{"firstName", "Iva"}});
      }
      const Instant start = store.now;
      store.repository->follow_clock(Duration{0}, start);
      if (noticed) {
        store.now = start - std::chrono::minutes{1};  // An update ticks.
        store.update(record, {{"firstName", "Iva"}});
      }
      CHECK(store.repository->claim_due("contacts", 10, start + longest_flight - Duration{1}).empty());
      CHECK(store.repository->claim_due("contacts", 10, start + longest_flight).size() == 1);
    }
  }
}

TEST_CASE("what was sent again after a restart may arrive a second time: an edit waits until it no longer can"
) {
  for (const Duration by : {-hour, Duration{0}, hour}) {
    CAPTURE(by.count());
    TestStore store;
    const Record record = store.linked("contacts", ada, 5);
    store.update(record, {{"firstName", "Eve"}});
    REQUIRE(store.prepare("contacts", {seen_record(5, ada)}).size() == 1);
    store.repository->release_claims({record.id});  // The process died.
    const Instant start = store.now;
    store.repository->follow_clock(Duration{0}, start);
    const auto send = [&](Instant now, const Fields& shown) {
      const auto claims = store.repository->claim_due("contacts", 10, now);
      std::vector<LocalId> ids;
      std::ranges::transform(claims, std::back_inserter(ids), &Claim::id);
      return store.repository
          ->prepare_push({.type = "contacts", .claims = ids, .seen = {seen_record(5, shown)}}, now)
          .actions;
    };
    auto again = send(start, ada);
    REQUIRE(again.size() == 1);
    store.repository->release_claims({record.id});  // And once more: what is sent as it was need not wait.
    store.repository->follow_clock(Duration{0}, start);
    again = send(start, ada);
    REQUIRE(again.size() == 1);
    store.now = start - std::chrono::minutes{1};  // A verb ticks.
    store.accept("contacts", again.front(), HubspotId{5});
    REQUIRE(store.get(record).status == SyncStatus::synced);

    if (by == Duration{0}) {  // A restart.
      store.repository =
          std::make_unique<hubsync::store::SqliteRepository>(store.db, default_rules(), counting_random());
    }
    store.repository->follow_clock(by, start + by);
    store.now = start + by - std::chrono::minutes{1};
    store.update(record, {{"firstName", "Iva"}});
    const Fields shown{{"email", "ada@example.org"}, {"firstName", "Eve"}};
    CHECK(send(start + by, shown).empty());
    CHECK(store.repository->claim_due("contacts", 10, start + by + longest_flight - Duration{1}).empty());
    const auto edit = send(start + by + longest_flight, shown);
    REQUIRE(edit.size() == 1);
    CHECK(edit.front().fields == Fields{{"firstName", "Iva"}});
  }
}

TEST_CASE("newest decides beyond two seconds and the clocks' difference") {
  TestStore store{":memory:", [] {
                    Rules rules = default_rules();
                    for (TypeRules& type : rules.types) {
                      for (FieldRule& field : type.fields) {
                        field.policy = Policy::newest;
                      }
                    }
                    return rules;
                  }()};
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"firstName", "Eve"}});
  RemoteRecord theirs = seen_record(5, {{"email", "ada@example.org"}, {"firstName", "Iva"}});
  theirs.times["firstName"] = store.now + Duration{5'000};
  SUBCASE("clocks agree") {
    store.repository->set_clock_skew(Duration{2'000});
    store.repository->set_clock_skew(Duration{0});
    store.observe("contacts", {theirs});
    CHECK(store.get(record).local.at("firstName") == "Iva");
  }
  SUBCASE("HubSpot's is behind by four seconds, also after the rules are read again") {
    store.repository->set_clock_skew(Duration{-4'000});
    Rules again = default_rules();
    for (TypeRules& type : again.types) {
      for (FieldRule& field : type.fields) {
        field.policy = Policy::newest;
      }
    }
    store.repository->set_rules(again);
    store.observe("contacts", {theirs});
    CHECK(store.get(record).local.at("firstName") == "Eve");
    CHECK(store.get(record).status == SyncStatus::conflict);
  }
}
