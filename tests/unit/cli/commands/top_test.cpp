#include "cli/commands/top.hpp"

#include <doctest/doctest.h>

#include "cli/output/dashboard.hpp"
#include "tests/unit/cli/fake_daemon.hpp"

namespace hubsync::cli {
namespace {

/// Keys come at once; without one the time goes by.
class FakeScreen final : public Screen {
 public:
  explicit FakeScreen(FakeClock& clock) : clock_(clock) {}
  [[nodiscard]] ScreenSize size() const override { return room; }
  void draw(const std::vector<ScreenLine>& lines) override {
    text.clear();
    for (const ScreenLine& line : lines) {
      text += plain_text(line) + "\n";
    }
  }
  std::optional<char> key(Duration timeout) override {
    if (keys.empty()) {
      clock_.sleep(timeout);
      return std::nullopt;
    }
    const char pressed = keys.front();
    keys.erase(0, 1);
    return pressed;
  }
  ScreenSize room;
  std::string keys;
  std::string text;

 private:
  FakeClock& clock_;
};

api::Page<api::SyncLog> logs(std::int64_t total) {
  api::Page<api::SyncLog> page{.total = total};
  page.items.push_back(
      {.id = "1",
       .entity_type = "contacts",
       .entity_id = "c1",
       .action = "update",
       .direction = "to_hubspot",
       .status = "success",
       .created_at = test_now}
  );
  return page;
}

void answer_looks(FakeDaemon& daemon) {
  daemon.answer("GET /api/sync/status", api::encode(idle_status()));
  daemon.answer(
      "GET /api/sync/logs?page=1&limit=1&status=success&direction=to_hubspot", api::encode(logs(10))
  );
  daemon.answer(
      "GET /api/sync/logs?page=1&limit=1&status=success&direction=to_hubspot", api::encode(logs(40))
  );
  daemon.answer(
      "GET /api/sync/logs?page=1&limit=1&status=success&direction=from_hubspot", api::encode(logs(0))
  );
  daemon.answer("GET /api/sync/logs?page=1&limit=50", api::encode(logs(1)));
}

}  // namespace

TEST_CASE("top shows how fast changes travel between two looks, and what happened last") {
  Desk desk;
  answer_looks(desk.daemon);
  CHECK(run_top_on(nullptr, {.count = 2}, desk.context) == ExitCode::done);
  CHECK(desk.out().contains("→ HubSpot     30.0/s"));
  CHECK(desk.out().contains("← HubSpot      0.0/s"));
  CHECK(desk.out().contains("contacts        1,234"));
  CHECK(desk.out().contains("87 of 100 free per 10s"));
  CHECK(desk.out().contains("→ HubSpot  update contacts  success  c1"));
  CHECK_FALSE(desk.out().contains("\x1b"));
}

TEST_CASE("keys of top pause, trigger a sync, show conflicts and end it") {
  Desk desk;
  answer_looks(desk.daemon);
  desk.daemon.answer("POST /api/queue/pause", api::encode(api::QueuePaused{.paused = true}));
  desk.daemon.answer("POST /api/sync/trigger", api::encode(api::Triggered{.run_id = "r7"}));
  api::Page<api::Conflict> open{.total = 1};
  open.items.push_back(
      {.id = "5", .entity_type = "contacts", .entity_id = "c9", .conflicting_fields = {"phone"}}
  );
  desk.daemon.answer("GET /api/conflicts?page=1&limit=50", api::encode(open));
  FakeScreen screen{desk.clock};
  screen.keys = "psc";
  CHECK(run_top_on(&screen, {.count = 1}, desk.context) == ExitCode::done);
  CHECK(screen.text.contains("OPEN CONFLICTS"));
  CHECK(screen.text.contains("c9"));
  CHECK(screen.text.contains("started run r7"));
  CHECK(desk.daemon.requests[4].target == "/api/queue/pause");
  screen.keys = "q";
  CHECK(run_top_on(&screen, {}, desk.context) == ExitCode::done);
}

TEST_CASE("top keeps what it saw while the daemon is away, and fits any size") {
  Desk desk;
  answer_looks(desk.daemon);
  Dashboard board;
  board.add({.at = test_now, .status = idle_status()});
  board.lost("no daemon answers");
  for (const std::size_t rows : {1U, 5U, 24U, 60U}) {
    CHECK(board.lines({.rows = rows, .columns = 10}, true).size() == rows);
  }
  CHECK(plain_text(board.lines({}, true)[1]) == "no daemon answers");
}

TEST_CASE("a sparkline scales to its largest value and shows the newest") {
  CHECK(sparkline({0, 1, 2, 4, 8}, 4) == "▁▂▄█");
  CHECK(sparkline({}, 10).empty());
  CHECK(sparkline({0, 0}, 10) == "  ");
}

}  // namespace hubsync::cli
