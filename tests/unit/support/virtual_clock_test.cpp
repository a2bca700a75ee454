#include "tests/support/virtual_clock.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace hubsync;

namespace {

Task<void> note_after(VirtualClock& clock, Duration delay, std::string& trace, char name) {
  co_await clock.sleep_for(delay);
  trace.push_back(name);
}

std::string order_of_ties(std::uint64_t seed) {
  boost::asio::io_context loop{1};
  VirtualClock clock{loop, seed};
  std::string trace;
  for (char name = 'a'; name <= 'h'; ++name) {
    clock.start(note_after(clock, Duration{10}, trace, name));
  }
  clock.run_for(Duration{10});
  return trace;
}

Task<int> never(Signal& signal) {
  co_await signal.wait();
  co_return 1;
}

Task<int> failing(VirtualClock& clock) {
  co_await clock.sleep_for(Duration{1});
  throw std::runtime_error("expected");
}

}  // namespace

TEST_CASE("virtual time goes from timer to timer and ends where it was told") {
  boost::asio::io_context loop{1};
  VirtualClock clock{loop};
  const SteadyInstant start = clock.steady();
  const Instant wall = clock.now();
  std::string trace;
  clock.start(note_after(clock, Duration{2'000}, trace, 'b'));
  clock.start(note_after(clock, Duration{1'000}, trace, 'a'));
  clock.start(note_after(clock, Duration{3'001}, trace, 'c'));
  clock.run_until(start + Duration{3'000});
  CHECK(trace == "ab");
  CHECK(clock.steady() == start + Duration{3'000});
  CHECK(clock.now() == wall + Duration{3'000});
  clock.set_wall(wall);
  CHECK(clock.now() == wall);
  clock.run_for(Duration{1});
  CHECK(trace == "abc");
}

TEST_CASE("the seed decides the order of timers of one instant") {
  CHECK(order_of_ties(1) == order_of_ties(1));
  CHECK((order_of_ties(1) != order_of_ties(2) || order_of_ties(2) != order_of_ties(3)));
}

TEST_CASE("a coroutine that waits for ever and one that throws are both reported") {
  boost::asio::io_context loop{1};
  Signal signal;
  VirtualClock clock{loop};
  CHECK_THROWS_AS(clock.run(never(signal)), std::logic_error);
  CHECK_THROWS_AS(clock.run(failing(clock)), std::runtime_error);
}
