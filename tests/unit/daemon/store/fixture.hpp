// A store in memory or in a directory of its own, with verbs that make a scenario a few lines long. Test
// thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "daemon/store/db.hpp"
#include "daemon/store/job_group.hpp"
#include "daemon/store/migrate.hpp"
#include "daemon/store/repository.hpp"
#include "tests/support/records.hpp"

namespace hubsync::test {

class StoreDir {
 public:
  StoreDir() {
    std::string name = "/tmp/hubsync-store-test.XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  StoreDir(const StoreDir&) = delete;
  StoreDir& operator=(const StoreDir&) = delete;
  ~StoreDir() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::string path(const std::string& name = "hubsync.db") const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// Counts up, so that ids differ and a test is the same every time.
inline store::RandomBytes counting_random() {
  return [number = std::uint8_t{0}]() mutable {
    UuidRandom bytes{};
    bytes.fill(++number);
    return bytes;
  };
}

struct TestStore {
  explicit TestStore(const std::string& path = ":memory:", Rules rules = default_rules()) : db(path) {
    store::migrate(db);
    repository = std::make_unique<store::SqliteRepository>(db, std::move(rules), counting_random());
  }

  /// A minute passes.
  Instant tick() { return now += std::chrono::minutes{1}; }

  Record create(const std::string& type, Fields fields) {
    auto record =
        repository->create_record({.type = type, .fields = std::move(fields), .actor = "uid 1000"}, tick());
    REQUIRE(record);
    return *record;
  }

  Record update(const Record& record, Fields fields) {
    auto updated = repository->update_record(
        {.type = record.type, .id = record.id, .fields = std::move(fields), .actor = "uid 1000"}, tick()
    );
    REQUIRE(updated);
    return *updated;
  }

  Record remove(const Record& record) {
    auto removed =
        repository->delete_record({.type = record.type, .id = record.id, .actor = "uid 1000"}, tick());
    REQUIRE(removed);
    return *removed;
  }

  Record restore(const Record& record) {
    auto restored =
        repository->restore_record({.type = record.type, .id = record.id, .actor = "uid 1000"}, tick());
    REQUIRE(restored);
    return *restored;
  }

  Record get(const Record& record) {
    auto found = repository->find_record(record.type, record.id);
    REQUIRE(found);
    return *found;
  }

  ObserveResult observe(const std::string& type, std::vector<RemoteRecord> seen) {
    return repository->observe({.type = type, .seen = std::move(seen)}, tick());
  }

  /// Shows a record of HubSpot and returns its local one.
  Record pull(const std::string& type, RemoteRecord seen) {
    const HubspotId id = seen.id;
    observe(type, {std::move(seen)});
    return by_link(type, id);
  }

  Record by_link(const std::string& type, HubspotId id) {
    auto record = repository->tables().records.find_linked(type, id);
    REQUIRE(record);
    return *record;
  }

  /// Claims everything due of the type and prepares it, having re-read `seen`.
  std::vector<PushAction> prepare(const std::string& type, std::vector<RemoteRecord> seen = {}) {
    std::vector<LocalId> ids;
    for (const Claim& claim : repository->claim_due(type, 100, tick())) {
      ids.push_back(claim.id);
    }
    return repository->prepare_push({.type = type, .claims = ids, .seen = std::move(seen)}, tick()).actions;
  }

  /// HubSpot accepts the action and echoes what was sent.
  RunCounts accept(const std::string& type, const PushAction& action, HubspotId id) {
    PushOutcome outcome{.id = action.id, .kind = action.kind, .sent = action.fields};
    if (action.kind != PushKind::archive) {
      outcome.answer = RemoteRecord{.id = id, .values = action.fields};
    }
    if (action.sets_reference) {
      outcome.sent[action.reference_field] = action.reference_value;
    }
    return repository->settle_push(type, {outcome}, tick());
  }

  RunCounts refuse(const std::string& type, const PushAction& action, CallFailure failure) {
    return repository->settle_push(
        type,
        {{.id = action.id, .kind = action.kind, .failure = std::move(failure), .retry_delay = Duration{1'000}}
        },
        tick()
    );
  }

  /// A record both sides have and agree on.
  Record linked(const std::string& type, Fields fields, std::int64_t id) {
    const Record record = create(type, std::move(fields));
    const auto actions = prepare(type);
    REQUIRE(actions.size() == 1);
    accept(type, actions.front(), HubspotId{id});
    return get(record);
  }

  [[nodiscard]] std::int64_t count(const char* sql) {
    store::Query query{db, sql};
    REQUIRE(query.next());
    return query.integer(0);
  }

  store::Db db;
  std::unique_ptr<store::SqliteRepository> repository;
  Instant now = instant_from_ms(1'800'000'000'000);
};

inline RemoteRecord seen_record(std::int64_t id, Fields values) {
  return {.id = HubspotId{id}, .values = std::move(values)};
}

}  // namespace hubsync::test
