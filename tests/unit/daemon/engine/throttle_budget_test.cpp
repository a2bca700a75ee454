// The day's budget over restarts: what is stored before a call leaves.
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include "daemon/engine/throttle.hpp"
#include "tests/support/virtual_clock.hpp"

using namespace hubsync;

namespace {

using Answer = std::expected<HttpReply, TransportFailure>;

class CountingServer : public Transport {
 public:
  std::int64_t calls = 0;

  Task<Answer> send(HttpRequest) override {
    ++calls;
    co_return HttpReply{.status = 200};
  }
};

Task<bool> answer_with(bool value) {
  co_return value;
}

/// One machine with one file that holds the count, and a daemon that may be killed.
struct World {
  explicit World(std::int64_t daily) : daily_limit(daily) { start(); }

  void start() {
    throttle = std::make_unique<Throttle>(
        server, clock, Throttle::Options{.burst = {.capacity = 5'000}, .daily = daily_limit}
    );
    if (!stored.empty()) {
      throttle->restore_daily(stored.back());
    }
    throttle->reserve_with([this](DailyBudget::State count) {
      if (!disk_full) {
        stored.push_back(count);
      }
      return answer_with(!disk_full);
    });
  }

  Answer call() { return clock.run(throttle->send({.method = "GET", .target = "/"})); }

  std::int64_t daily_limit;
  boost::asio::io_context loop{1};
  VirtualClock clock{loop};
  CountingServer server;
  std::vector<DailyBudget::State> stored;
  bool disk_full = false;
  std::unique_ptr<Throttle> throttle;
};

}  // namespace

TEST_CASE("no call leaves before a count that covers it is stored, a thousandth of the budget at once") {
  World world{3'000};
  for (std::int64_t i = 1; i <= 10; ++i) {
    REQUIRE(world.call());
    CHECK(world.stored.back().used >= i);
    CHECK(world.stored.back().used < i + 3);
  }
  CHECK(world.stored.size() == 4);
}

TEST_CASE("a daemon that is killed again and again never spends more than the day's budget") {
  World world{50};
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(world.call());
    if (i % 3 == 0) {
      world.start();
    }
  }
  CHECK(world.server.calls == 50);
  CHECK(world.throttle->snapshot().daily_used == 50);
}

TEST_CASE("without a place to store the count nothing is sent") {
  World world{50};
  REQUIRE(world.call());
  world.disk_full = true;
  const Answer refused = world.call();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().surely_not_sent);
  CHECK(world.server.calls == 1);
  world.disk_full = false;
  CHECK(world.call());
}
