#include "daemon/engine/throttle.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <doctest/doctest.h>

#include "tests/unit/daemon/engine/throttle_rig.hpp"

using namespace hubsync;
using namespace hubsync::test;

TEST_CASE("the test server sees a window that is too full") {
  World world;
  for (int i = 0; i < 150; ++i) {
    world.clock.start([](World& w) -> Task<void> { (void)co_await w.server.send(get("/")); }(world));
  }
  world.clock.run_for(Duration{1'000});
  CHECK(world.server.largest_window == 150);
  CHECK(world.server.refused == 50);
}

TEST_CASE("no rolling window ever holds more than the limit, with up to 4 s of jitter on both ways") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    World world{seed};
    world.server.there = [&] { return world.up_to(Duration{4'000}); };
    world.server.back = [&] { return world.up_to(Duration{4'000}); };
    start_workers(world, 300);
    world.clock.run_for(Duration{600'000});
    const SteadyInstant warm = world.clock.steady() - Duration{540'000};
    CHECK(world.server.largest_window <= 100);
    CHECK(world.server.refused == 0);
    // A token is away for the call, 4 s in the mean, and the interval: 10 / 14 is what can be had.
    CHECK(utilisation(world, warm) > 0.70);
  }
}

TEST_CASE("at least nine tenths of the limit are used when some calls are slow") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    World world{seed};
    const auto delay = [&] {
      return world.random.below(20) == 0 ? world.up_to(Duration{4'000})
                                         : Duration{50} + world.up_to(Duration{200});
    };
    world.server.there = delay;
    world.server.back = delay;
    start_workers(world, 150);
    world.clock.run_for(Duration{600'000});
    CHECK(world.server.largest_window <= 100);
    CHECK(world.server.refused == 0);
    CHECK(utilisation(world, world.clock.steady() - Duration{540'000}) >= 0.90);
  }
}

TEST_CASE("searches have their own limit of five a second") {
  World world;
  world.server.limit = 5;
  world.server.interval = Duration{1'000};
  world.server.tells_limits = false;
  world.server.there = [&] { return world.up_to(Duration{60}); };
  world.server.back = [&] { return world.up_to(Duration{60}); };
  start_workers(world, 20, true);
  world.clock.run_for(Duration{120'000});
  CHECK(world.server.largest_window == 5);
  CHECK(utilisation(world, world.clock.steady() - Duration{110'000}) >= 0.90);
  CHECK(world.throttle->snapshot().available == 100);
}

TEST_CASE("calls that timed out keep their tokens until they can no longer arrive") {
  World world{3};
  world.server.timeout = Duration{3'000};
  // One call in five arrives after we gave up, up to 5 s later.
  world.server.there = [&] {
    return world.random.below(5) == 0 ? Duration{3'001} + world.up_to(Duration{4'999})
                                      : world.up_to(Duration{300});
  };
  Throttle::Options options;
  options.breaker.min_calls = 1'000'000;
  world.throttle = std::make_unique<Throttle>(world.server, world.clock, options);
  start_workers(world, 200);
  world.clock.run_for(Duration{600'000});
  CHECK(world.server.largest_window <= 100);
  CHECK(world.server.arrivals.size() > 2'000);
}

TEST_CASE("a limit that HubSpot lowers holds from the first answer on") {
  World world{9};
  world.server.limit = 50;
  world.server.there = [&] { return world.up_to(Duration{500}); };
  world.clock.run(call(world, get("/first")));
  CHECK(world.throttle->snapshot().capacity == 50);
  start_workers(world, 120);
  world.clock.run_for(Duration{300'000});
  CHECK(world.server.largest_window == 50);
  CHECK(utilisation(world, world.clock.steady() - Duration{270'000}) >= 0.90);
}

TEST_CASE("beside a rival program we take what it leaves") {
  for (const int workers : {6, 120}) {
    CAPTURE(workers);
    World world{11};
    world.server.there = [&] { return Duration{20} + world.up_to(Duration{100}); };
    std::function<void()> rival = [&] {
      world.server.rival();
      world.clock.at(world.clock.steady() + Duration{150} + world.up_to(Duration{200}), rival);
    };
    rival();  // About 40 calls in each window.
    start_workers(world, workers);
    world.clock.run_for(Duration{1'200'000});
    const auto calls = static_cast<double>(world.server.arrivals.size());
    // One call that was under way is refused at times, and with many at once the others go down with it.
    CHECK(world.server.refused < calls * (workers == 6 ? 0.01 : 0.04));
    CHECK(calls / 120 > 45);
  }
}

TEST_CASE("calls of one class are sent in the order they came") {
  World world{2, {.burst = {.capacity = 3}}};
  for (int i = 0; i < 30; ++i) {
    world.clock.start(call(world, get(std::to_string(i))));
  }
  world.clock.run_for(Duration{200'000});
  REQUIRE(world.server.targets.size() == 30);
  for (int i = 0; i < 30; ++i) {
    CHECK(world.server.targets[static_cast<std::size_t>(i)] == std::to_string(i));
  }
}

TEST_CASE("classes that wait share the tokens 5 : 4 : 1") {
  World world{2, {.burst = {.capacity = 10}}};
  for (int i = 0; i < 100; ++i) {
    world.clock.start(call(world, get("sweep", CallClass::sweep)));
    world.clock.start(call(world, get("change", CallClass::change)));
    world.clock.start(call(world, get("interactive", CallClass::interactive)));
  }
  // The first ten tokens go to whoever asks first; then come ten full windows.
  world.clock.run_for(Duration{101'000});
  REQUIRE(world.server.targets.size() == 110);
  const auto share = [&](const char* name) {
    return std::count(world.server.targets.begin() + 10, world.server.targets.end(), name);
  };
  CHECK(share("interactive") == 50);
  CHECK(share("change") == 40);
  CHECK(share("sweep") == 10);
}

TEST_CASE("Retry-After stops the limit it concerns and no other") {
  World world;
  bool refuse = true;
  world.server.script = [&](const HttpRequest& request) -> std::optional<HttpReply> {
    if (!refuse || request.search) {
      return std::nullopt;
    }
    refuse = false;
    return HttpReply{
        .status = 429, .headers = {{"retry-after", "7"}}, .body = R"({"policyName":"TEN_SECONDLY_ROLLING"})"
    };
  };
  const SteadyInstant start = world.clock.steady();
  world.clock.run(call(world, get("/a")));
  world.clock.run(call(world, get("/search", CallClass::sweep, true)));
  CHECK(world.clock.steady() == start);
  world.clock.run(call(world, get("/b")));
  CHECK(world.clock.steady() == start + Duration{7'000});
  REQUIRE(world.answers.size() == 3);
  CHECK(world.answers[0]->status == 429);
}

TEST_CASE("a 429 without Retry-After waits as its policy says, one that names none stops everything") {
  World world;
  std::string body;
  world.server.script = [&](const HttpRequest& request) -> std::optional<HttpReply> {
    return request.target == "/refuse" ? std::optional{HttpReply{.status = 429, .body = body}} : std::nullopt;
  };
  const auto wait_of = [&](bool refused_search, bool next_search) {
    world.clock.run(call(world, get("/refuse", CallClass::change, refused_search)));
    const SteadyInstant start = world.clock.steady();
    world.clock.run(call(world, get("/next", CallClass::change, next_search)));
    const Duration waited = world.clock.steady() - start;
    world.clock.run_for(Duration{60'000});
    return waited;
  };
  body = R"({"message":"You have reached your secondly limit.","category":"RATE_LIMITS"})";
  CHECK(wait_of(true, true) == Duration{1'000});
  CHECK(wait_of(true, false) == Duration{0});
  body = R"({"policyName":"TEN_SECONDLY_ROLLING"})";
  CHECK(wait_of(false, false) == Duration{10'000});
  CHECK(wait_of(false, true) == Duration{0});
  body = "error code: 1015";
  CHECK(wait_of(false, true) == Duration{10'000});
  CHECK(wait_of(true, false) == Duration{10'000});
}

TEST_CASE("a spent daily budget sends nothing until the portal's midnight") {
  World world{1, {.daily = 30, .utc_offset = std::chrono::hours{2}}};
  for (int i = 0; i < 40; ++i) {
    world.clock.start(call(world, get("/")));
  }
  world.clock.run_for(Duration{1'000});
  CHECK(world.server.arrivals.size() == 30);
  REQUIRE(world.answers.size() == 40);
  const auto snapshot = world.throttle->snapshot();
  CHECK(snapshot.daily_used == 30);
  REQUIRE(snapshot.daily_spent_until);
  int postponed = 0;
  for (const Answer& answer : world.answers) {
    if (!answer) {
      ++postponed;
      CHECK(answer.error().surely_not_sent);
      CHECK(answer.error().postponed == *snapshot.daily_spent_until - (world.clock.now() - Duration{1'000}));
    }
  }
  CHECK(postponed == 10);
  world.clock.run_for(*snapshot.daily_spent_until - world.clock.now());
  world.clock.run(call(world, get("/")));
  CHECK(world.answers.back().has_value());
  CHECK(world.throttle->snapshot().daily_used == 1);
}

TEST_CASE("the daily count is taken over from the process before") {
  World world{1, {.daily = 3}};
  world.clock.run(call(world, get("/")));
  world.clock.run(call(world, get("/")));
  const DailyBudget::State state = world.throttle->daily();
  world.throttle = std::make_unique<Throttle>(world.server, world.clock, Throttle::Options{.daily = 3});
  world.throttle->restore_daily(state);
  world.clock.run(call(world, get("/")));
  world.clock.run(call(world, get("/")));
  CHECK(world.server.arrivals.size() == 3);
  CHECK_FALSE(world.answers.back());
}

TEST_CASE("a budget that is spent while calls wait postpones them, and HubSpot's own word counts") {
  World world{1, {.burst = {.capacity = 1}}};
  world.server.script = [&](const HttpRequest&) {
    return HttpReply{.status = 200, .headers = {{"x-hubspot-ratelimit-daily-remaining", "0"}}};
  };
  world.clock.start(call(world, get("/a")));
  world.clock.start(call(world, get("/b")));
  world.clock.run_for(Duration{11'000});
  REQUIRE(world.answers.size() == 2);
  CHECK(world.answers[0]);
  CHECK_FALSE(world.answers[1]);
  CHECK(world.throttle->snapshot().available == 1);
}

TEST_CASE("a cancelled call leaves the queue and costs no token") {
  using namespace boost::asio::experimental::awaitable_operators;
  World world{1, {.burst = {.capacity = 1}}};
  world.clock.run(call(world, get("/first")));
  world.clock.start([](World& w) -> Task<void> {
    co_await (w.throttle->send(get("/impatient")) || w.clock.sleep_for(Duration{1'000}));
  }(world));
  world.clock.start(call(world, get("/patient")));
  world.clock.run_for(Duration{500});
  CHECK(world.throttle->snapshot().waiting == 2);
  world.clock.run_for(Duration{1'000});
  CHECK(world.throttle->snapshot().waiting == 1);
  world.clock.run_for(Duration{20'000});
  CHECK(world.server.targets == std::vector<std::string>{"/first", "/patient"});
}

TEST_CASE("a call that is cancelled on its way keeps its token as lost") {
  using namespace boost::asio::experimental::awaitable_operators;
  World world{1, {.burst = {.capacity = 1}}};
  world.server.back = [] { return Duration{30'000}; };
  world.clock.start([](World& w) -> Task<void> {
    co_await (w.throttle->send(get("/impatient")) || w.clock.sleep_for(Duration{1'000}));
  }(world));
  world.clock.start(call(world, get("/next")));
  const SteadyInstant start = world.clock.steady();
  world.clock.run_for(Duration{60'000});
  REQUIRE(world.server.arrivals.size() == 2);
  CHECK(world.server.arrivals[1] == start + Duration{1'000 + 15'005});
}

TEST_CASE("while most calls fail only probes are sent, and the first success opens the door") {
  World world{4};
  bool down = true;
  world.server.script = [&](const HttpRequest&) -> std::optional<HttpReply> {
    return down ? std::optional{HttpReply{.status = 503}} : std::nullopt;
  };
  world.server.there = [] { return Duration{100}; };
  start_workers(world, 50);
  world.clock.run_for(Duration{7'200'000});
  CHECK(world.throttle->snapshot().breaker_open);
  // 50 at first, 19 more until twenty had failed; then a probe after 5, 10, 20, 40 s and one a minute.
  CHECK(world.server.arrivals.size() <= 50 + 19 + 4 + 120);
  CHECK(world.server.arrivals.size() >= 100);
  down = false;
  const std::size_t before = world.server.arrivals.size();
  world.clock.run_for(Duration{120'000});
  CHECK_FALSE(world.throttle->snapshot().breaker_open);
  CHECK(world.server.arrivals.size() > before + 500);
  CHECK(world.server.largest_window <= 100);
}

TEST_CASE("a call that surely was not sent gives its token back at once") {
  struct Unreachable : Transport {
    Task<Answer> send(HttpRequest) override {
      co_return std::unexpected(TransportFailure{.surely_not_sent = true, .message = "refused"});
    }
  };
  World world;
  Unreachable unreachable;
  world.throttle = std::make_unique<Throttle>(unreachable, world.clock, Throttle::Options{});
  world.clock.run(call(world, get("/")));
  CHECK(world.throttle->snapshot().available == 100);
}

TEST_CASE("the snapshot tells the clock's skew from the Date header") {
  World world;
  const Instant wall = parse_instant("2026-10-14T12:00:00Z").value();
  world.clock.set_wall(wall);
  world.server.script = [](const HttpRequest&) {
    return HttpReply{.status = 200, .headers = {{"date", "Wed, 14 Oct 2026 12:01:30 GMT"}}};
  };
  CHECK_FALSE(world.throttle->snapshot().clock_skew);
  world.clock.run(call(world, get("/")));
  const auto snapshot = world.throttle->snapshot();
  CHECK(snapshot.clock_skew == Duration{90'000});
  CHECK(snapshot.calls == 1);
  CHECK(snapshot.capacity == 100);
  CHECK(snapshot.available == 99);
  CHECK(snapshot.interval == Duration{10'000});
  CHECK(snapshot.search_available == 5);
  CHECK(snapshot.daily_limit == 250'000);
}

TEST_CASE("once stopped, calls that wait are let go unsent, and those under way are answered") {
  World world{1, {.burst = {.capacity = 1}}};
  world.server.back = [] { return Duration{500}; };
  world.clock.start(call(world, get("/sent")));
  world.clock.start(call(world, get("/waits")));
  world.clock.run_for(Duration{100});
  world.throttle->stop();
  world.clock.run_for(Duration{1'000});
  CHECK(world.server.targets == std::vector<std::string>{"/sent"});
  CHECK(world.answers.size() == 2);
}

namespace {

struct Decision : Standing {
  [[nodiscard]] bool holds() const override { return stands; }
  bool stands = true;
};

}  // namespace

TEST_CASE("what was overturned while it waited for its turn is not sent, and its token serves the next call"
) {
  World world{1, {.burst = {.capacity = 1}}};
  world.server.limit = 1;
  const auto decision = std::make_shared<Decision>();
  const auto start = [&world](const std::string& target, std::vector<StandingPtr> decided) {
    HttpRequest request = get(target);
    request.decided = std::move(decided);
    world.clock.start(call(world, std::move(request)));
  };
  start("/first", {});
  start("/decided", {nullptr, decision});
  start("/next", {std::make_shared<Decision>()});
  world.clock.run_for(Duration{5'000});
  decision->stands = false;
  world.clock.run_for(Duration{10'000});
  CHECK(world.server.targets == std::vector<std::string>{"/first", "/next"});
  REQUIRE(world.answers.size() == 3);
  REQUIRE_FALSE(world.answers[1].has_value());
  CHECK(world.answers[1].error().overturned);
  CHECK(world.answers[1].error().surely_not_sent);
  CHECK(world.throttle->snapshot().calls == 2);
}
