// A throttle before a server that counts each rolling window exactly, with delays both ways, in virtual time.
// Test thread.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "daemon/engine/throttle.hpp"
#include "tests/support/virtual_clock.hpp"

namespace hubsync::test {

using Answer = std::expected<HttpReply, TransportFailure>;

/// Counts exactly what arrives in each rolling window, after a delay that it draws for each way.
class RollingServer : public Transport {
 public:
  explicit RollingServer(VirtualClock& clock) : clock_(clock) {}

  int limit = 100;
  Duration interval{10'000};
  bool tells_limits = true;
  std::function<Duration()> there = [] { return Duration{0}; };
  std::function<Duration()> back = [] { return Duration{0}; };
  Duration timeout{60'000};
  std::function<std::optional<HttpReply>(const HttpRequest&)>
      script;  ///< Answers instead, when it returns one.

  int largest_window = 0;
  int refused = 0;
  std::vector<SteadyInstant> arrivals;
  std::vector<std::string> targets;  ///< In the order in which the calls were sent.

  /// One call of somebody else at this moment.
  void rival() { (void)count(); }

  Task<Answer> send(HttpRequest request) override {
    targets.push_back(request.target);
    const Duration out = there();
    if (out > timeout) {
      // It arrives although nobody waits for the answer any more.
      clock_.at(clock_.steady() + out, [this] { largest_window = std::max(largest_window, count()); });
      co_await clock_.sleep_for(timeout);
      co_return std::unexpected(TransportFailure{.surely_not_sent = false, .message = "timed out"});
    }
    co_await clock_.sleep_for(out);
    const int used = count();
    largest_window = std::max(largest_window, used);
    arrivals.push_back(clock_.steady());
    HttpReply reply = answer(request, used);
    const SteadyInstant done = clock_.steady() + back();
    co_await clock_.sleep_until(done);
    if (clock_.steady() < done) {
      co_return std::unexpected(TransportFailure{.surely_not_sent = false, .message = "cancelled"});
    }
    co_return reply;
  }

 private:
  int count() {
    window_.push_back(clock_.steady());
    while (window_.front() + interval <= clock_.steady()) {
      window_.pop_front();
    }
    return static_cast<int>(window_.size());
  }

  HttpReply answer(const HttpRequest& request, int used) {
    if (script) {
      if (auto reply = script(request)) {
        return *reply;
      }
    }
    HttpReply reply{.status = 200};
    if (tells_limits) {
      reply.headers = {
          {"x-hubspot-ratelimit-max", std::to_string(limit)},
          {"x-hubspot-ratelimit-remaining", std::to_string(std::max(0, limit - used))},
          {"x-hubspot-ratelimit-interval-milliseconds", std::to_string(interval.count())}
      };
    }
    if (used > limit) {
      ++refused;
      reply.status = 429;
      reply.body = R"({"policyName":"TEN_SECONDLY_ROLLING"})";
    }
    return reply;
  }

  VirtualClock& clock_;
  std::deque<SteadyInstant> window_;
};

struct World {
  explicit World(std::uint64_t seed = 1, Throttle::Options options = {})
      : random(seed),
        clock(loop, seed),
        server(clock),
        throttle(std::make_unique<Throttle>(server, clock, options)) {}

  SeededRandom random;
  boost::asio::io_context loop{1};
  VirtualClock clock;
  RollingServer server;
  std::unique_ptr<Throttle> throttle;
  std::vector<Answer> answers = {};
  int process = 1;

  Duration up_to(Duration longest) {
    return Duration{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(longest.count()) + 1))};
  }
};

/// Calls again and again until its process ends.
inline Task<void> worker(World& world, bool search) {
  const int process = world.process;
  while (process == world.process) {
    (void)co_await world.throttle->send({.method = "GET", .target = "/", .search = search});
  }
}

inline Task<void> call(World& world, HttpRequest request) {
  world.answers.push_back(co_await world.throttle->send(std::move(request)));
}

inline void start_workers(World& world, int count, bool search = false) {
  for (int i = 0; i < count; ++i) {
    world.clock.start(worker(world, search));
  }
}

inline HttpRequest get(std::string target, CallClass call_class = CallClass::change, bool search = false) {
  return {.method = "GET", .target = std::move(target), .call_class = call_class, .search = search};
}

/// Share of the server's limit that was used from `after` on.
inline double utilisation(const World& world, SteadyInstant after) {
  const auto used =
      std::ranges::count_if(world.server.arrivals, [after](SteadyInstant when) { return when > after; });
  const auto windows = static_cast<double>((world.clock.steady() - after).count()) /
                       static_cast<double>(world.server.interval.count());
  return static_cast<double>(used) / (windows * world.server.limit);
}

}  // namespace hubsync::test
