#include "daemon/chronicle.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "daemon/logged_events.hpp"
#include "tests/unit/daemon/engine/engine_rig.hpp"

using namespace hubsync;
using hubsync::test::EngineRig;

namespace {

struct Told : Events {
  void emit(Event event) override { events.push_back(std::move(event)); }

  [[nodiscard]] std::int64_t count(std::string_view kind) const {
    return std::ranges::count(events, kind, &Event::kind);
  }
  /// A field of the last event of a kind.
  [[nodiscard]] std::string field(std::string_view kind, std::string_view name) const {
    std::string found = "(none)";
    for (const Event& event : events) {
      for (const auto& [field, value] : event.fields) {
        if (event.kind == kind && field == name) {
          found = value;
        }
      }
    }
    return found;
  }

  std::vector<Event> events;
};

/// The engine, and beside it what tells the log.
struct ChronicleRig : EngineRig {
  ChronicleRig() { clock.start(chronicle.run()); }
  ~ChronicleRig() {
    chronicle.stop();
    wait(std::chrono::seconds{5});
  }

  /// As the store's thread does after each group of jobs.
  void look() {
    feed.changed();
    wait();
  }
  /// A contact that both sides edit differently.
  std::int64_t make_conflict() {
    const std::int64_t id = make("contacts", R"({"email":"ada@example.org","phone":"1"})");
    trigger(true);
    wait(std::chrono::minutes{1});
    const auto here = record("contacts", id);
    REQUIRE(here.has_value());
    data.repository->set_paused(true, "uid 0", clock.now());
    REQUIRE(data.repository
                ->update_record({.type = "contacts", .id = here->id, .fields = {{"phone", "2"}}}, clock.now())
                .has_value());
    edit("contacts", id, R"({"phone":"3"})");
    trigger(true);
    wait(std::chrono::minutes{1});
    return id;
  }

  Told told;
  api::EventFeed feed;
  Chronicle chronicle{store, clock, told, feed};
};

}  // namespace

TEST_CASE("a conflict and a pause are told to the log, with ids and without a value") {
  ChronicleRig rig;
  const std::int64_t id = rig.make_conflict();
  rig.look();
  CHECK(rig.told.count("conflict.detected") == 1);
  CHECK(rig.told.field("conflict.detected", "entity_type") == "contacts");
  CHECK(rig.told.field("conflict.detected", "entity_id") == rig.record("contacts", id)->id.text);
  CHECK(rig.told.field("conflict.detected", "conflict_id") == "1");
  CHECK(rig.told.count("queue.paused") == 1);
  CHECK(rig.told.count("record.created") == 0);
  for (const Event& event : rig.told.events) {
    CHECK(event.text.find("ada@") == std::string::npos);
    for (const auto& [name, value] : event.fields) {
      CHECK(value.find("ada@") == std::string::npos);
    }
  }
}

TEST_CASE("an event is told once, and what was committed before a stop is told before its end") {
  ChronicleRig rig;
  rig.make_conflict();
  rig.look();
  rig.look();
  CHECK(rig.told.count("conflict.detected") == 1);
  rig.data.repository->set_paused(false, "uid 0", rig.clock.now());
  rig.chronicle.stop();
  rig.wait();
  CHECK(rig.told.count("queue.resumed") == 1);
  rig.data.repository->set_paused(true, "uid 0", rig.clock.now());
  rig.look();
  CHECK(rig.told.count("queue.paused") == 1);
}

TEST_CASE("the end of the audit trail is told at the start and every hour") {
  ChronicleRig rig;
  CHECK(rig.told.count("audit.head") == 0);  // Nothing was done yet.
  rig.make_conflict();
  rig.wait(std::chrono::hours{1});
  CHECK(rig.told.count("audit.head") == 1);
  const AuditHead head = rig.data.repository->audit_head();
  CHECK(head.entry > 0);
  CHECK(head.digest.size() == 64);
  CHECK(rig.told.field("audit.head", "entry") == std::to_string(head.entry));
  CHECK(rig.told.field("audit.head", "digest") == head.digest);
  rig.wait(std::chrono::hours{3});
  CHECK(rig.told.count("audit.head") == 4);
}
