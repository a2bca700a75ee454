#include "daemon/engine/signal.hpp"

#include <memory>
#include <vector>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <doctest/doctest.h>

#include "tests/support/virtual_clock.hpp"

using namespace hubsync;
using namespace boost::asio::experimental::awaitable_operators;

namespace {

struct Fixture {
  boost::asio::io_context loop{1};
  VirtualClock clock{loop};
  std::unique_ptr<Signal> signal = std::make_unique<Signal>();
  std::vector<int> woken;
};

Task<void> wait_and_note(Fixture& f, int name) {
  co_await f.signal->wait();
  f.woken.push_back(name);
}

Task<bool> wait_briefly(Fixture& f, Duration patience) {
  co_return co_await wait_until(*f.signal, f.clock, f.clock.steady() + patience);
}

/// Says when its coroutine frame dies.
struct Guard {
  int& count;
  explicit Guard(int& alive) : count(alive) { ++count; }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() { --count; }
};

Task<void> wait_guarded(Signal& signal, int& alive) {
  const Guard guard{alive};
  co_await signal.wait();
}

}  // namespace

TEST_CASE("a notification wakes all who wait, in the order they came, and nobody later") {
  Fixture f;
  f.clock.start(wait_and_note(f, 1));
  f.clock.start(wait_and_note(f, 2));
  f.clock.run_for(Duration{0});
  CHECK(f.woken.empty());
  f.signal->notify_all();
  CHECK(f.woken.empty());
  f.clock.start(wait_and_note(f, 3));
  f.clock.run_for(Duration{1'000});
  CHECK(f.woken == std::vector{1, 2});
  f.signal->notify_all();
  f.clock.run_for(Duration{0});
  CHECK(f.woken == std::vector{1, 2, 3});
}

TEST_CASE("a notification between asking to wait and waiting is not lost") {
  Fixture f;
  Task<void> waiting = f.signal->wait();
  f.signal->notify_all();
  CHECK_NOTHROW(f.clock.run(std::move(waiting)));
}

TEST_CASE("a wait with a deadline says which came first") {
  Fixture f;
  const SteadyInstant start = f.clock.steady();
  CHECK_FALSE(f.clock.run(wait_briefly(f, Duration{5'000})));
  CHECK(f.clock.steady() == start + Duration{5'000});
  f.clock.at(start + Duration{6'000}, [&] { f.signal->notify_all(); });
  CHECK(f.clock.run(wait_briefly(f, Duration{5'000})));
  CHECK(f.clock.steady() == start + Duration{6'000});
  CHECK(f.clock.timers() == 0);
}

TEST_CASE("a cancelled wait returns and leaves nothing behind") {
  Fixture f;
  Signal other;
  f.clock.at(f.clock.steady() + Duration{10}, [&] { other.notify_all(); });
  const auto both = [](Signal& never, Signal& soon) -> Task<std::size_t> {
    const auto first = co_await (never.wait() || soon.wait());
    co_return first.index();
  };
  CHECK(f.clock.run(both(*f.signal, other)) == 1);
  f.signal->notify_all();
  f.clock.run_for(Duration{1'000});
}

TEST_CASE("coroutines that wait die with the signal") {
  Fixture f;
  int alive = 0;
  f.clock.start(wait_guarded(*f.signal, alive));
  f.clock.start(wait_guarded(*f.signal, alive));
  f.clock.run_for(Duration{0});
  CHECK(alive == 2);
  f.signal.reset();
  f.clock.run_for(Duration{0});
  CHECK(alive == 0);
}
