#include <doctest/doctest.h>

#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

Rules limited(std::int64_t count) {
  Rules rules = default_rules();
  rules.max_delete = {.percent = false, .value = count};
  return rules;
}

/// A store with contacts that both sides have, under HubSpot's ids 1, 2, ….
struct Scene {
  explicit Scene(std::int64_t limit, std::int64_t contacts) : store(":memory:", limited(limit)) {
    for (std::int64_t id = 1; id <= contacts; ++id) {
      records.push_back(store.pull("contacts", seen_record(id, {{"firstName", "n" + std::to_string(id)}})));
    }
  }

  std::vector<PushAction> remove_and_prepare(std::size_t first, std::size_t count) {
    for (std::size_t i = first; i < first + count; ++i) {
      store.remove(records.at(i));
    }
    return store.prepare("contacts");
  }

  void carry(const std::vector<PushAction>& actions) {
    for (const PushAction& action : actions) {
      store.accept("contacts", action, *action.hubspot_id);
    }
  }

  ObserveResult gone(std::vector<HubspotId> ids) {
    return store.repository->observe({.type = "contacts", .deleted = std::move(ids)}, store.tick());
  }

  std::vector<Guard> open() { return store.repository->list_guards(false, 1, 50).items; }

  Result<Guard> release(std::int64_t id, std::optional<std::int64_t> count = {}) {
    return store.repository->release_guard({.id = id, .count = count, .actor = "uid 1000"}, store.tick());
  }

  [[nodiscard]] std::int64_t live() {
    return store.count("SELECT count(*) FROM records WHERE local_presence = 1");
  }

  TestStore store;
  std::vector<Record> records = {};
};

}  // namespace

TEST_CASE("as many deletions as max_delete allows go to HubSpot") {
  Scene scene{3, 10};
  CHECK(scene.remove_and_prepare(0, 3).size() == 3);
  CHECK(scene.open().empty());
}

TEST_CASE("one deletion too many for HubSpot holds all that are due, until exactly they are released") {
  Scene scene{3, 10};
  CHECK(scene.remove_and_prepare(0, 4).empty());
  REQUIRE(scene.open().size() == 1);
  const Guard guard = scene.open().front();
  CHECK(guard.count == 4);
  CHECK(guard.limit == 3);
  REQUIRE(guard.sample.size() == 4);
  CHECK(guard.sample.front().id == scene.records[0].id);
  CHECK(guard.sample.front().hubspot_id == HubspotId{1});
  CHECK(guard.direction == SyncDirection::to_hubspot);
  CHECK(scene.store.prepare("contacts").empty());
  CHECK(scene.store.repository->status().open_guards == 1);

  REQUIRE(scene.release(guard.id));
  CHECK(scene.open().empty());
  const auto actions = scene.store.prepare("contacts");
  CHECK(actions.size() == 4);
  scene.carry(actions);
  CHECK(scene.remove_and_prepare(4, 3).size() == 3);  // What was released does not count.
}

TEST_CASE("a release is for one deletion: after a restore it is asked about again") {
  Scene scene{0, 3};
  CHECK(scene.remove_and_prepare(0, 1).empty());
  REQUIRE(scene.release(scene.open().front().id));
  scene.store.restore(scene.records[0]);
  CHECK(scene.remove_and_prepare(0, 1).empty());
  CHECK(scene.open().size() == 1);
}

TEST_CASE("deletions of the last hour count, older ones do not") {
  Scene scene{3, 10};
  scene.carry(scene.remove_and_prepare(0, 3));
  CHECK(scene.remove_and_prepare(3, 1).empty());
  REQUIRE(scene.release(scene.open().front().id));
  scene.carry(scene.store.prepare("contacts"));
  scene.store.now += std::chrono::hours{1};
  CHECK(scene.remove_and_prepare(4, 3).size() == 3);
}

TEST_CASE("while a guard waits, later deletions join it") {
  Scene scene{1, 10};
  CHECK(scene.remove_and_prepare(0, 2).empty());
  CHECK(scene.remove_and_prepare(2, 1).empty());
  REQUIRE(scene.open().size() == 1);
  CHECK(scene.open().front().count == 3);
}

TEST_CASE("a guard whose records were all restored waits for nobody") {
  Scene scene{1, 10};
  CHECK(scene.remove_and_prepare(0, 2).empty());
  const std::int64_t id = scene.open().front().id;
  scene.store.restore(scene.records[0]);
  scene.store.restore(scene.records[1]);
  CHECK(scene.store.repository->guards_over({"contacts"}, {}, scene.store.tick()).empty());
  CHECK(scene.release(id).error().code == ErrorCode::stale);
  CHECK(scene.remove_and_prepare(2, 1).size() == 1);
}

TEST_CASE("HubSpot's deletions beyond max_delete delete nothing here until they are released") {
  Scene scene{2, 10};
  CHECK(scene.gone({{1}, {2}, {3}}).counts.from_hubspot.deleted == 0);
  CHECK(scene.live() == 10);
  REQUIRE(scene.open().size() == 1);
  CHECK(scene.open().front().count == 3);
  CHECK(scene.open().front().direction == SyncDirection::from_hubspot);
  CHECK(scene.gone({{4}}).counts.from_hubspot.deleted == 0);

  REQUIRE(scene.release(scene.open().front().id, 4));
  const auto released = scene.store.repository->released_deletions("contacts");
  CHECK(released == std::vector<HubspotId>{{1}, {2}, {3}, {4}});
  CHECK(scene.gone(released).counts.from_hubspot.deleted == 4);
  CHECK(scene.live() == 6);
  CHECK(scene.store.repository->released_deletions("contacts").empty());
  CHECK(scene.gone({{5}, {6}}).counts.from_hubspot.deleted == 2);
}

TEST_CASE("deletions that come one page after another are held together") {
  Scene scene{2, 10};
  scene.store.repository->hold_deletions_here("contacts", {{1}, {2}, {3}}, scene.store.tick());
  CHECK(scene.gone({{1}}).counts.from_hubspot.deleted == 0);
  CHECK(scene.gone({{2}, {3}}).counts.from_hubspot.deleted == 0);
  CHECK(scene.live() == 10);
}

TEST_CASE("a record that HubSpot has alive again leaves the guard") {
  Scene scene{1, 10};
  scene.gone({{1}, {2}});
  scene.store.observe("contacts", {seen_record(1, {{"firstName", "n1"}})});
  CHECK(scene.open().front().count == 1);
}

TEST_CASE("an edit against a held deletion becomes a conflict, not a deletion") {
  Scene scene{1, 10};
  scene.gone({{1}, {2}});
  scene.store.update(scene.records[0], {{"firstName", "edited"}});
  CHECK(scene.gone({{1}, {2}}).counts.from_hubspot.conflicts == 1);
  CHECK(scene.live() == 10);
}

TEST_CASE("a dry run plans the deletions and raises no guard") {
  Scene scene{1, 10};
  const auto planned = scene.store.repository->observe(
      {.type = "contacts", .deleted = {{1}, {2}}, .dry_run = true}, scene.store.tick()
  );
  CHECK(planned.planned.size() == 2);
  CHECK(scene.open().empty());
}

TEST_CASE("a release of an unknown, closed or grown guard changes nothing") {
  Scene scene{1, 10};
  scene.gone({{1}, {2}});
  const std::int64_t id = scene.open().front().id;
  CHECK(scene.release(id + 1).error().code == ErrorCode::not_found);
  CHECK(scene.release(id, 1).error().code == ErrorCode::stale);
  CHECK(scene.open().size() == 1);
  REQUIRE(scene.release(id));
  CHECK(scene.release(id).error().code == ErrorCode::stale);
}
