#include "daemon/engine/authorization.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/virtual_clock.hpp"

using namespace hubsync;
using namespace std::chrono_literals;

namespace {

using Answer = std::expected<HttpReply, TransportFailure>;

/// HubSpot as far as tokens go: one is good until it is revoked, each grant takes a second.
class Portal final : public Transport, public TokenEndpoint {
 public:
  explicit Portal(VirtualClock& clock) : clock_(clock) {}

  std::deque<CallFailure> refusals;
  Duration lifetime = 30min;
  int grants = 0;
  int calls = 0;
  int rejected = 0;
  int sent_token = 0;  ///< The number of the token that the transport has.
  int valid_from = 0;  ///< Tokens before this one are refused with 401.
  Duration round_trip{10};

  Task<Reply<Duration>> renew() override {
    co_await clock_.sleep_for(1s);
    if (!refusals.empty()) {
      CallFailure failure = refusals.front();
      refusals.pop_front();
      co_return std::unexpected(std::move(failure));
    }
    sent_token = ++grants;
    co_return lifetime;
  }

  Task<Answer> send(HttpRequest request) override {
    CHECK(request.target == "/call");
    CHECK(request.body == "body");
    ++calls;
    const int token = sent_token;
    co_await clock_.sleep_for(round_trip);
    if (token < valid_from) {
      ++rejected;
      co_return HttpReply{.status = 401};
    }
    co_return HttpReply{.status = 200};
  }

 private:
  VirtualClock& clock_;
};

CallFailure failed(Outcome outcome, std::optional<Duration> retry_after = {}) {
  return {.outcome = outcome, .status = 400, .message = "no", .retry_after = retry_after};
}

struct World {
  explicit World(bool renews = true) : clock(loop), portal(clock) {
    authorization = std::make_unique<Authorization>(portal, portal, clock, random, renews);
  }

  boost::asio::io_context loop{1};
  VirtualClock clock;
  SeededRandom random{1};
  Portal portal;
  std::unique_ptr<Authorization> authorization;
  std::vector<Answer> answers;

  Answer call() {
    return clock.run(authorization->send({.method = "POST", .target = "/call", .body = "body"}));
  }
  void start_call() { clock.start(keep(*this)); }

 private:
  static Task<void> keep(World& world) {
    world.answers.push_back(
        co_await world.authorization->send({.method = "POST", .target = "/call", .body = "body"})
    );
  }
};

int status(const Answer& answer) {
  return answer ? answer->status : 0;
}

Outcome why(const Answer& answer) {
  REQUIRE_FALSE(answer);
  REQUIRE(answer.error().no_token);
  CHECK(answer.error().surely_not_sent);
  return answer.error().no_token->outcome;
}

}  // namespace

TEST_CASE("with a static token calls pass, and a 401 is the answer") {
  World world{false};
  world.portal.valid_from = 1;
  CHECK(status(world.call()) == 401);
  CHECK(world.portal.calls == 1);
  CHECK(world.portal.grants == 0);
}

TEST_CASE("all calls wait for the one that gets a token") {
  World world;
  for (int i = 0; i < 20; ++i) {
    world.start_call();
  }
  world.clock.run_for(500ms);
  CHECK(world.portal.calls == 0);
  world.clock.run_for(1s);
  CHECK(world.answers.size() == 20);
  CHECK(world.portal.grants == 1);
}

TEST_CASE("a token is renewed early, once, and not while nobody calls") {
  World world;
  CHECK(status(world.call()) == 200);
  world.clock.run_for(28min);
  CHECK(status(world.call()) == 200);
  CHECK(world.portal.grants == 1);
  world.clock.run_for(2min);
  world.start_call();
  world.start_call();
  world.clock.run_for(5s);
  CHECK(world.portal.grants == 2);
  world.clock.run_for(24h);
  CHECK(world.portal.grants == 2);
}

TEST_CASE("a call that is refused for its token is repeated once, with a new one") {
  World world;
  CHECK(status(world.call()) == 200);
  world.portal.valid_from = 2;
  for (int i = 0; i < 5; ++i) {
    world.start_call();
  }
  world.clock.run_for(5s);
  REQUIRE(world.answers.size() == 5);
  for (const Answer& answer : world.answers) {
    CHECK(status(answer) == 200);
  }
  CHECK(world.portal.grants == 2);
  CHECK(world.portal.rejected == 5);
  world.portal.valid_from = 100;
  CHECK(status(world.call()) == 401);
  CHECK(world.portal.grants == 3);
  CHECK(world.portal.rejected == 7);
}

TEST_CASE("a revoked refresh token stops all calls until another credential is there") {
  World world;
  world.portal.refusals = {failed(Outcome::denied)};
  for (int i = 0; i < 5; ++i) {
    world.start_call();
  }
  world.clock.run_for(24h);
  REQUIRE(world.answers.size() == 5);
  for (const Answer& answer : world.answers) {
    CHECK(why(answer) == Outcome::denied);
  }
  CHECK(why(world.call()) == Outcome::denied);
  CHECK(world.portal.grants == 0);
  CHECK(world.portal.calls == 0);
  world.authorization->restart(true);
  CHECK(status(world.call()) == 200);
}

TEST_CASE("while the token endpoint is away calls fail at once, and it is asked again later and later") {
  World world;
  world.portal.refusals = {failed(Outcome::throttled, 5min), failed(Outcome::unavailable)};
  CHECK(why(world.call()) == Outcome::throttled);
  world.clock.run_for(4min);
  const Answer early = world.call();
  CHECK(why(early) == Outcome::throttled);
  CHECK(early.error().no_token->retry_after == 1min);
  CHECK(world.portal.refusals.size() == 1);
  world.clock.run_for(1min);
  CHECK(why(world.call()) == Outcome::unavailable);
  world.clock.run_for(2min);
  CHECK(status(world.call()) == 200);
}

TEST_CASE("a token that is still good is used while no new one can be had") {
  World world;
  CHECK(status(world.call()) == 200);
  world.clock.run_for(29min + 10s);
  world.portal.refusals = {failed(Outcome::unavailable)};
  CHECK(status(world.call()) == 200);
  CHECK(status(world.call()) == 200);
  CHECK(world.portal.refusals.empty());
  CHECK(world.portal.grants == 1);
}

TEST_CASE("what the throttle postpones blocks nothing by itself") {
  World world;
  world.portal.refusals = {failed(Outcome::postponed, 6h)};
  CHECK(why(world.call()) == Outcome::postponed);
  CHECK(status(world.call()) == 200);
}

TEST_CASE("a restart in the middle of a renewal gets a token of the new credential") {
  World world;
  world.start_call();
  world.clock.run_for(500ms);
  world.authorization->restart(true);
  world.clock.run_for(5s);
  REQUIRE(world.answers.size() == 1);
  CHECK(status(world.answers.front()) == 200);
  CHECK(world.portal.grants == 2);
  world.authorization->restart(false);
  CHECK(status(world.call()) == 200);
  CHECK(world.portal.grants == 2);
}

TEST_CASE("calls that wait for a token may be left behind at the end") {
  World world;
  world.start_call();
  world.start_call();
  world.clock.run_for(100ms);
  world.authorization.reset();
}
