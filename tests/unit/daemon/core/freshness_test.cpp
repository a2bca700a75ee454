#include "daemon/core/freshness.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace hubsync;

namespace {

constexpr Instant now{Duration{1'000'000'000}};

Instant ago(Duration age) {
  return now - age;
}

}  // namespace

TEST_CASE("freshness needs the last run that reached its end, and a failed one takes nothing away") {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  struct Case {
    std::string name;
    std::optional<Duration> seen;
    std::optional<Duration> running;
    bool hampered;
    Duration changed;
    std::string_view expected;
  };
  // Polls are due every five minutes.
  const std::vector<Case> cases{
      {"nothing reached its end yet", {}, {}, false, {}, "unknown"},
      {"nothing reached its end, and HubSpot does not answer", {}, minutes{1}, true, {}, "unknown"},
      {"a run just ended", minutes{1}, {}, false, {}, "current"},
      {"one poll failed since", minutes{9}, {}, true, {}, "current"},
      {"the second one has its time", minutes{10} + seconds{30}, {}, true, {}, "current"},
      {"the second one failed too", minutes{10} + seconds{31}, {}, true, {}, "stalled"},
      {"a long run goes on", hours{2}, hours{2} - minutes{5}, false, {}, "current"},
      {"a long run goes on, but HubSpot does not answer", hours{2}, hours{2} - minutes{5}, true, {}, "stalled"
      },
      {"a run that began too late", hours{2}, minutes{5}, false, {}, "stalled"},
      {"nothing changed for an hour", minutes{1}, {}, false, hours{1} + seconds{1}, "idle"},
      {"nothing changed, and nobody looks", minutes{20}, {}, false, hours{2}, "stalled"},
  };
  for (const Case& given : cases) {
    CAPTURE(given.name);
    const FreshnessFacts facts{
        .seen_at = given.seen ? std::optional{ago(*given.seen)} : std::nullopt,
        .running_since = given.running ? std::optional{ago(*given.running)} : std::nullopt,
        .hampered = given.hampered,
        .last_change = ago(given.changed),
        .poll_interval = minutes{5}
    };
    CHECK(to_string(freshness_of(facts, now)) == given.expected);
  }
}
