// One contact that both sides have, and verbs to bring it into conflict and to decide. Test thread.
#pragma once

#include "tests/unit/daemon/store/fixture.hpp"

namespace hubsync::test {

inline const Fields ada{{"email", "ada@example.org"}, {"firstName", "Ada"}, {"phone", "1"}};

/// One record and HubSpot's side of it.
struct Scene {
  TestStore store;
  Record record = store.linked("contacts", ada, 5);

  /// Both sides give the phone another number.
  Conflict disputed_phone() {
    store.update(record, {{"phone", "2"}});
    store.observe("contacts", {seen_record(5, {{"phone", "3"}})});
    return open();
  }

  Conflict open() {
    const auto conflicts = store.repository->list_conflicts({.open = true});
    REQUIRE(conflicts.total == 1);
    return conflicts.items.front();
  }

  Conflict find(const Conflict& conflict) { return *store.repository->find_conflict(conflict.id); }

  ResolveOutcome resolve(
      ConflictWish wish, std::vector<RemoteRecord> seen = {}, std::vector<HubspotId> deleted = {}
  ) {
    auto outcomes = store.repository->resolve_conflicts(
        {.wishes = {std::move(wish)},
         .pages = {{.type = "contacts", .seen = std::move(seen), .deleted = std::move(deleted)}},
         .user = "ada"},
        store.tick()
    );
    REQUIRE(outcomes.size() == 1);
    return outcomes.front();
  }

  Record now() { return store.get(record); }

  /// What the next push would send, HubSpot being as it is known.
  std::vector<PushAction> due(std::vector<RemoteRecord> seen = {}) {
    return store.prepare("contacts", std::move(seen));
  }
};

inline ConflictWish keep_local(const Conflict& conflict) {
  return {.id = conflict.id, .resolution = Resolution::keep_local};
}
inline ConflictWish keep_hubspot(const Conflict& conflict) {
  return {.id = conflict.id, .resolution = Resolution::keep_hubspot};
}
inline ConflictWish merged(const Conflict& conflict, Choices fields) {
  return {.id = conflict.id, .resolution = Resolution::merged, .fields = std::move(fields)};
}

inline const Choice local{.take = Choice::Take::local};
inline const Choice hubspot{.take = Choice::Take::hubspot};
inline Choice value(std::string text) {
  return {.take = Choice::Take::value, .value = std::move(text)};
}

}  // namespace hubsync::test
