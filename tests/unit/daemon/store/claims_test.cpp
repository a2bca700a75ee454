// What was being sent when the process died (I28). A life of the process: claims up to five batches side by
// side, and either dies or has them answered.
#include <algorithm>
#include <optional>
#include <random>

#include <doctest/doctest.h>

#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

constexpr std::size_t side_by_side = 5;

struct Lives : TestStore {
  Record one(int number) { return create("contacts", {{"email", "c" + std::to_string(number) + "@x.test"}}); }

  /// The process starts again; how many records it parks.
  std::int64_t restart() {
    repository = std::make_unique<store::SqliteRepository>(db, default_rules(), counting_random());
    return repository->recover_claims(tick());
  }

  std::vector<LocalId> claim(const std::string& type = "contacts") {
    std::vector<LocalId> ids;
    for (const Claim& claim : repository->claim_due(type, batch_limit, now)) {
      ids.push_back(claim.id);
    }
    return ids;
  }

  void answer(const std::vector<LocalId>& ids) {
    for (const PushAction& action :
         repository->prepare_push({.type = "contacts", .claims = ids}, now).actions) {
      accept("contacts", action, HubspotId{++last_id});
    }
  }

  /// Sends until nothing is left, or dies once `kills` says so of what is on its way; true when it died.
  template <class Kills>
  bool live(Kills kills) {
    for (;;) {
      std::vector<std::vector<LocalId>> batches;
      while (batches.size() < side_by_side) {
        auto batch = claim();
        if (batch.empty()) {
          break;
        }
        largest = std::max(largest, batch.size());
        batches.push_back(std::move(batch));
      }
      if (batches.empty()) {
        return false;
      }
      if (kills(batches)) {
        return true;
      }
      std::ranges::for_each(batches, [this](const auto& batch) { answer(batch); });
    }
  }

  std::int64_t in_state(const std::string& state) {
    store::Query query{db, "SELECT count(*) FROM due WHERE state = ?", state};
    query.next();
    return query.integer(0);
  }

  std::int64_t last_id = 0;
  std::size_t largest = 0;
};

bool holds(const std::vector<std::vector<LocalId>>& batches, const LocalId& id) {
  return std::ranges::any_of(batches, [&id](const auto& batch) {
    return std::ranges::find(batch, id) != batch.end();
  });
}

}  // namespace

TEST_CASE("a record whose sending kills the process is parked after five deaths, and all others are sent") {
  Lives store;
  std::optional<Record> poison;
  for (int i = 0; i < 700; ++i) {
    const Record record = store.one(i);
    if (i == 321) {
      poison = record;
    }
  }
  int deaths = 0;
  const auto kills = [&poison](const auto& batches) { return holds(batches, poison->id); };
  while (store.live(kills)) {
    ++deaths;
    REQUIRE(deaths < 10);
    const std::int64_t parked = store.restart();
    CHECK(parked == (deaths == 5 ? 1 : 0));
  }
  CHECK(deaths == 5);
  CHECK(store.repository->status().records["contacts"].synced == 699);
  const Record parked = store.get(*poison);
  CHECK(parked.status == SyncStatus::error);
  CHECK(parked.error == "the daemon died each time it sent this alone");
  CHECK(store.in_state("failed") == 1);
  const auto logs = store.repository->list_logs({.status = LogStatus::failed});
  REQUIRE(logs.total == 1);
  CHECK(logs.items.front().error == parked.error);

  SUBCASE("an edit revives it, alone as before, and an answer ends the suspicion") {
    store.update(parked, {{"firstName", "Ada"}});
    store.one(1'000);
    CHECK(store.claim() == std::vector<LocalId>{parked.id});
    CHECK(store.claim().empty());
    CHECK(store.claim("companies").empty());
    store.answer({parked.id});
    CHECK(store.get(parked).status == SyncStatus::synced);
    CHECK(store.claim().size() == 1);
  }
  SUBCASE("a retry revives it, and three more deaths park it again") {
    CHECK(store.repository->retry_all(store.tick()) == 1);
    for (int death = 1; death <= 3; ++death) {
      CHECK(store.live(kills));
      CHECK(store.restart() == (death == 3 ? 1 : 0));
    }
    CHECK_FALSE(store.live(kills));
  }
}

TEST_CASE("a record that is the only one to send is parked after three deaths") {
  Lives store;
  const Record record = store.one(1);
  for (int death = 1; death <= 3; ++death) {
    CHECK(store.live([](const auto&) { return true; }));
    CHECK(store.restart() == (death == 3 ? 1 : 0));
  }
  CHECK(store.get(record).status == SyncStatus::error);
}

TEST_CASE("a thousand deaths at random park nobody that is answered in between") {
  Lives store;
  std::mt19937 random{1};
  int next = 0;
  for (int death = 0; death < 1'000; ++death) {
    for (std::uint32_t i = random() % 8; i > 0; --i) {
      store.one(next++);
    }
    // Of twenty moments at which the process talks to HubSpot one is its last.
    const bool died = store.live([&random](const auto&) { return random() % 20 == 0; });
    if (!died) {
      store.claim();  // It dies later, with all that has come since on its way.
    }
    CHECK(store.restart() == 0);
  }
  CHECK(store.in_state("failed") == 0);
}

TEST_CASE("neither a clean stop, nor a plan, nor work that was given back counts as a death") {
  Lives store;
  const Record record = store.one(1);
  const auto survives = [&store] {
    CHECK(store.restart() == 0);
    CHECK(store.count("SELECT sum(deaths) FROM due") == 0);
  };
  REQUIRE(store.claim().size() == 1);
  store.repository->begin_stop();
  survives();
  REQUIRE(store.repository->claim_for_plan("contacts", 10, store.now).size() == 1);
  survives();
  store.repository->release_claims(store.claim());
  survives();
  CHECK(store.get(record).status == SyncStatus::pending);
}

TEST_CASE("an answer ends the suspicion, whatever it says; no answer does not") {
  Lives store;
  const Record record = store.one(1);
  REQUIRE(store.live([](const auto&) { return true; }));
  store.restart();
  REQUIRE(store.count("SELECT deaths FROM due") == 3);
  const auto actions = store.prepare("contacts");
  REQUIRE(actions.size() == 1);
  SUBCASE("HubSpot fails") {
    store.refuse("contacts", actions.front(), {.outcome = Outcome::unavailable, .status = 503});
    CHECK(store.count("SELECT deaths FROM due") == 0);
  }
  SUBCASE("nothing comes") {
    store.refuse("contacts", actions.front(), {.outcome = Outcome::unknown});
    CHECK(store.count("SELECT deaths FROM due") == 3);
  }
}

TEST_CASE("a record under suspicion waits until nothing else is being sent") {
  Lives store;
  const Record suspect = store.one(1);
  REQUIRE(store.live([](const auto&) { return true; }));
  store.restart();
  const Record other = store.create("companies", {{"name", "Analytical"}});
  const auto company = store.claim("companies");
  REQUIRE(company == std::vector<LocalId>{other.id});
  CHECK(store.claim().empty());
  store.repository->release_claims(company);
  CHECK(store.claim() == std::vector<LocalId>{suspect.id});
}

TEST_CASE("what was decided is overturned by what HubSpot shows since, and is planned again at once") {
  TestStore store;
  const Fields ada{{"email", "ada@example.org"}, {"firstName", "Ada"}};
  const Record record = store.linked("contacts", ada, 5);
  store.update(record, {{"firstName", "Augusta"}});
  const auto actions = store.prepare("contacts", {seen_record(5, ada)});
  REQUIRE(actions.size() == 1);
  store.observe("contacts", {seen_record(5, ada)});
  CHECK(still_holds(actions.front().standing));
  const RemoteRecord changed = seen_record(5, {{"email", "ada@example.org"}, {"firstName", "Eve"}});
  store.observe("contacts", {changed});
  CHECK_FALSE(still_holds(actions.front().standing));

  const CallFailure overturned{.outcome = Outcome::postponed, .message = "not sent", .overturned = true};
  store.refuse("contacts", actions.front(), overturned);
  CHECK(store.get(record).status == SyncStatus::conflict);
  CHECK(store.count("SELECT count(*) FROM audit WHERE action LIKE 'failed%'") == 0);
  CHECK(store.prepare("contacts", {changed}).empty());
}
