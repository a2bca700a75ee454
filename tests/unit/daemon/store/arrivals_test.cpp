// New records of one page are told of together: counts, log and events must not tell the difference.
#include <limits>

#include <doctest/doctest.h>

#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

Fields named(const std::string& name) {
  return {{"email", name + "@example.org"}, {"firstName", name}};
}

ObservePage walked(std::vector<RemoteRecord> seen) {
  return {
      .type = "contacts",
      .seen = std::move(seen),
      .walk = WalkStep{.after = 0, .last = std::numeric_limits<std::int64_t>::max()}
  };
}

/// "record.created ada": the events about records, in their order.
std::vector<std::string> told(TestStore& store) {
  std::vector<std::string> lines;
  for (const StoredEvent& event : store.repository->tables().events.after(0, 100)) {
    if (const auto record = store.repository->tables().records.find(event.record)) {
      lines.push_back(event.kind + " " + value_or_empty(record->local, "firstName"));
    }
  }
  return lines;
}

}  // namespace

TEST_CASE("new and known records of one page are each counted, logged and told of once, in their order") {
  TestStore store;
  store.observe("contacts", {seen_record(5, named("ada"))});
  store.repository->observe(
      walked(
          {seen_record(3, named("bea")),
           seen_record(4, named("cleo")),
           seen_record(5, {{"email", "ada@example.org"}, {"firstName", "Ada"}}),
           seen_record(6, named("dora"))}
      ),
      store.tick()
  );
  CHECK(
      told(store) ==
      std::vector<std::string>{
          "record.created Ada",
          "record.created bea",
          "record.created cleo",
          "record.updated Ada",
          "record.created dora"
      }
  );
  const auto log = store.repository->list_logs({});
  REQUIRE(log.total == 5);
  CHECK(log.items.front().payload == named("dora"));
  CHECK(log.items.front().hubspot_id == HubspotId{6});
  CHECK(log.items.front().completed_at == store.now);
  CHECK(log.items[1].action == LogAction::update);
  CHECK(store.repository->status().records.at("contacts").synced == 4);
  CHECK(store.repository->list_records({.type = "contacts"}).total == 4);
}

TEST_CASE("a page of a walk that shows a record twice makes one of it") {
  TestStore store;
  const ObserveResult result = store.repository->observe(
      walked(
          {seen_record(3, named("bea")), seen_record(3, {{"email", "bea@example.org"}, {"firstName", "Bea"}})}
      ),
      store.tick()
  );
  CHECK(result.counts.from_hubspot.created == 1);
  CHECK(result.counts.from_hubspot.updated == 1);
  CHECK(store.by_link("contacts", HubspotId{3}).local.at("firstName") == "Bea");
  CHECK(store.repository->status().records.at("contacts").total == 1);
}

TEST_CASE("what a page that failed half-way had gathered is not told of by the next one") {
  TestStore store;
  store.db.execute(
      "CREATE TEMP TRIGGER refuse BEFORE INSERT ON records WHEN new.hubspot_id = 7 "
      "BEGIN SELECT RAISE(ABORT, 'refused by the test'); END"
  );
  {
    const store::Savepoint rolled_back{store.db};
    CHECK_THROWS(store.observe(
        "contacts",
        {seen_record(5, named("ada")), seen_record(6, named("bea")), seen_record(7, named("cleo"))}
    ));
  }
  store.create("companies", {{"name", "Acme"}});
  store.observe("contacts", {seen_record(8, named("dora"))});
  CHECK(told(store) == std::vector<std::string>{"record.created ", "record.created dora"});
  CHECK(store.repository->status().records.at("contacts").total == 1);
  CHECK(store.repository->status().records.at("companies").total == 1);
}

TEST_CASE("a record is found by its key whatever other key has the same hash") {
  TestStore store;
  const Record ada = store.create("contacts", named("ada"));
  store.create("contacts", named("bea"));
  store.db.execute("UPDATE records SET key_hash = (SELECT key_hash FROM records WHERE key LIKE 'ada%')");
  CHECK(store.pull("contacts", seen_record(5, {{"email", "ADA@example.org"}})).id == ada.id);
}
