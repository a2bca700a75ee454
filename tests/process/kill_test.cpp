// SIGKILL at random moments under creates, edits and polling. The oracle: nothing doubled in HubSpot, nothing
// that was acknowledged is lost, both sides equal, the database whole. `process_tests --kills 1000` makes it
// long.
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>

#include <doctest/doctest.h>
#include <sqlite3.h>

#include "tests/process/workload.hpp"

using namespace hubsync;
using namespace hubsync::rig;

namespace {

using Steady = std::chrono::steady_clock;

constexpr int default_kills = 8;
/// Daemons that live and die side by side: each waits out HubSpot's window after a kill.
constexpr int side_by_side = 4;

int wanted_kills() {
  const char* const text = std::getenv("HUBSYNC_TEST_KILLS");
  return text == nullptr ? default_kills : std::stoi(text);
}

std::uint64_t wanted_seed() {
  const char* const text = std::getenv("HUBSYNC_TEST_SEED");
  return text == nullptr ? 1 : std::stoull(text);
}

std::string integrity(const std::string& database) {
  sqlite3* db = nullptr;
  std::string verdict = "cannot be opened";
  if (sqlite3_open_v2(database.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK) {
    const auto take = [](void* into, int, char** values, char**) {
      *static_cast<std::string*>(into) = values[0];
      return 0;
    };
    sqlite3_exec(db, "PRAGMA integrity_check", take, &verdict, nullptr);
  }
  sqlite3_close(db);
  return verdict;
}

/// A daemon under load that is to be killed at a moment of its own.
class Victim {
 public:
  explicit Victim(std::uint64_t seed)
      : rig_({.settings = {{"sync", {{"poll_interval", "\"300ms\""}}}}}), work_(rig_, seed) {
    rig_.start();
    rig_.full_sync();
    choose_moment();
  }

  /// One thing that somebody does; true when the daemon was killed and started again.
  bool step() {
    if (is_time()) {
      die();
      rig_.start();
      choose_moment();
      return true;
    }
    work_.below(4) == 0 ? work_.act_in_hubspot() : work_.act_here();
    // A pause, and a look whether it died by itself.
    REQUIRE_MESSAGE(!rig_.daemon().wait(Duration{4}), rig_.daemon().errors());
    return false;
  }

  void check() {
    rig_.settle();
    rig_.full_sync();
    CHECK(joined(work_.losses()) == "");
    CHECK(joined(work_.doubles()) == "");
    INFO(rig_.get("/api/conflicts").dump());
    CHECK(joined(rig_.differences()) == "");
    CHECK(rig_.sim().throttled() == 0);
    CHECK(rig_.stop() == 0);
    CHECK(integrity(rig_.database()) == "ok");
  }

 private:
  /// Some kills hit a daemon that waits or starts, most one that talks to HubSpot.
  void choose_moment() {
    seen_calls_ = rig_.sim().calls();
    talks_ = work_.below(4) == 0;
    moment_ = Steady::now() + Duration{work_.below(talks_ ? 4'000 : 2'000)};
  }

  bool is_time() {
    if (!talks_) {
      if (rig_.sim().calls() == seen_calls_) {
        return false;
      }
      talks_ = true;
      moment_ = Steady::now() + Duration{work_.below(2'000)};
    }
    return Steady::now() >= moment_;
  }

  /// In the middle of a request, whose answer may or may not have been sent.
  void die() {
    const Workload::Intention intention = work_.next();
    Pending request{{rig_.socket()}, intention.request};
    rig_.daemon().wait(Duration{work_.below(8)});
    rig_.daemon().kill();
    work_.answered(intention, request.finish());
  }

  Rig rig_;
  Workload work_;
  std::int64_t seen_calls_ = 0;
  bool talks_ = false;  ///< It has called HubSpot since its start, or need not.
  Steady::time_point moment_;
};

}  // namespace

TEST_CASE(
    "SIGKILL at any moment doubles nothing in HubSpot, loses nothing acknowledged, and both sides end equal"
) {
  std::vector<std::unique_ptr<Victim>> victims;
  for (int i = 0; i < side_by_side; ++i) {
    victims.push_back(std::make_unique<Victim>(wanted_seed() * 1'000 + static_cast<std::uint64_t>(i)));
  }
  int kills = 0;
  const int wanted = wanted_kills();
  while (kills < wanted) {
    for (const auto& victim : victims) {
      kills += victim->step() ? 1 : 0;
    }
  }
  for (const auto& victim : victims) {
    victim->check();
  }
}
