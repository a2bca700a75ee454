// SIGKILL at random moments while HubSpot sends webhooks. Searches show nothing new, so that an edit comes
// here by its event or not at all. The oracle: once every event was acknowledged, every record is as it is in
// HubSpot. HUBSYNC_TEST_WEBHOOK_KILLS=1000 makes it long.
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"
#include "tests/support/seeded_random.hpp"

using namespace hubsync;
using namespace hubsync::rig;

namespace {

using Steady = std::chrono::steady_clock;

constexpr int default_kills = 6;
constexpr int side_by_side = 2;
/// Enough for a stretch between two checks to edit few of them twice, which would hide a loss.
constexpr int records = 2'000;
constexpr int kills_between_checks = 10;

int wanted_kills() {
  const char* const text = std::getenv("HUBSYNC_TEST_WEBHOOK_KILLS");
  return text == nullptr ? default_kills : std::stoi(text);
}

std::uint64_t wanted_seed() {
  const char* const text = std::getenv("HUBSYNC_TEST_SEED");
  return text == nullptr ? 1 : std::stoull(text);
}

std::vector<std::string> sim_options(std::uint64_t seed) {
  return {
      "--seed",
      std::to_string(seed),
      "--contacts",
      std::to_string(records),
      "--companies",
      "5",
      "--no-limits",
      "--search-lag",
      "1d",
      "--webhook-secret",
      "a-secret-for-webhooks",
      // Ten more attempts, two seconds apart: a daemon that dies often gets every event in the end.
      "--webhook-retry-spread",
      "20s"
  };
}

class Victim {
 public:
  explicit Victim(std::uint64_t seed) : rig_({.sim = sim_options(seed)}), random_(seed) {
    const std::string secret = rig_.directory() / "webhook-secret";
    write_file(secret, "a-secret-for-webhooks\n");
    rig_.configure(
        {{"webhooks", {{"listen", "\"127.0.0.1:0\""}, {"secret_file", "\"" + secret + "\""}}},
         {"sync", {{"full_interval", "\"0\""}}}}
    );
    start();
    rig_.full_sync();
    check();
  }

  /// A few edits in HubSpot; true when the daemon was killed and started again.
  bool step() {
    const auto count = static_cast<int>(1 + random_.below(4));
    const Json edited = rig_.sim().admin(
        "POST",
        "/_sim/objects/contacts/bulk-edit",
        {{"count", count},
         {"skip", at_},
         {"properties", {{"firstname", "Edit " + std::to_string(++edits_) + " of {n}"}}}}
    );
    edited_ += edited.at("edited").get<std::int64_t>();
    at_ = at_ + count < records - 4 ? at_ + count : 0;
    if (Steady::now() < moment_) {
      // A pause, and a look whether it died by itself.
      REQUIRE_MESSAGE(!rig_.daemon().wait(Duration{4}), rig_.daemon().errors());
      return false;
    }
    rig_.daemon().kill();
    start();
    if (++kills_ % kills_between_checks == 0) {
      check();
    }
    return true;
  }

  /// Waits until every event was acknowledged and worked off, and compares.
  void check() {
    CHECK(rig_.daemon().wait_until([this] { return all_acknowledged() && is_worked_off(); }));
    const Json counters = webhooks();
    CHECK(counters.at("givenUp") == 0);
    CHECK(joined(rig_.differences()) == "");
    moment_ = Steady::now() + Duration{random_.below(1'500)};
  }

  /// Requests that no live daemon answered; without them nothing was tried.
  [[nodiscard]] std::int64_t failed() { return webhooks().at("failed"); }
  [[nodiscard]] std::int64_t accepted() { return webhooks().at("accepted"); }

 private:
  Json webhooks() { return rig_.sim().admin("GET", "/_sim/counters").at("webhooks"); }

  /// The port is another one each time.
  void start() {
    Process& daemon = rig_.start();
    std::string url;
    const auto listens = [&] {
      constexpr std::string_view label = "address=127.0.0.1:";
      const std::string log = daemon.errors();
      const std::size_t line = log.find("webhooks are taken");
      const std::size_t port = line == std::string::npos ? line : log.find(label, line);
      if (port == std::string::npos) {
        return false;
      }
      const std::size_t begin = port + label.size();
      url = "http://127.0.0.1:" + log.substr(begin, log.find_first_not_of("0123456789", begin) - begin) +
            "/api/webhooks/hubspot";
      return true;
    };
    REQUIRE_MESSAGE(daemon.wait_until(listens), daemon.errors());
    rig_.sim().admin("PATCH", "/_sim/options", {{"webhook_url", url}});
    moment_ = Steady::now() + Duration{random_.below(1'500)};
  }

  bool all_acknowledged() {
    const Json counters = webhooks();
    return counters.at("events").get<std::int64_t>() >= edited_ && counters.at("waiting") == 0 &&
           counters.at("requests").get<std::int64_t>() ==
               counters.at("accepted").get<std::int64_t>() + counters.at("failed").get<std::int64_t>();
  }

  bool is_worked_off() { return rig_.get("/api/sync/status").at("webhooks").at("backlog") == 0; }

  Rig rig_;
  SeededRandom random_;
  Steady::time_point moment_;
  int at_ = 0;
  int edits_ = 0;
  std::int64_t edited_ = 0;  ///< Records, each time they were: as many events come.
  int kills_ = 0;
};

}  // namespace

TEST_CASE("SIGKILL at any moment under webhooks: every acknowledged event has its effect") {
  std::vector<std::unique_ptr<Victim>> victims;
  for (int i = 0; i < side_by_side; ++i) {
    victims.push_back(std::make_unique<Victim>(wanted_seed() * 1'000 + static_cast<std::uint64_t>(i)));
  }
  int kills = 0;
  while (kills < wanted_kills()) {
    for (const auto& victim : victims) {
      kills += victim->step() ? 1 : 0;
    }
  }
  for (const auto& victim : victims) {
    victim->check();
    CHECK(victim->accepted() > 0);
    MESSAGE(victim->accepted(), " requests acknowledged, ", victim->failed(), " broken off or refused");
  }
}
