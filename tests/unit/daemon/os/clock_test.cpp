#include "daemon/os/clock.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "daemon/os/random.hpp"

using namespace hubsync;
namespace asio = boost::asio;

TEST_CASE("a sleep lasts until its deadline") {
  asio::io_context loop;
  SystemClock clock{loop.get_executor()};
  const SteadyInstant deadline = clock.steady() + Duration{5};
  bool done = false;
  asio::co_spawn(loop, clock.sleep_until(deadline), [&](std::exception_ptr error) {
    done = error == nullptr;
  });
  loop.run();
  CHECK(done);
  CHECK(clock.steady() >= deadline);
  CHECK(clock.now() > instant_from_ms(1'600'000'000'000));
}

TEST_CASE("a cancelled sleep ends at once") {
  asio::io_context loop;
  SystemClock clock{loop.get_executor()};
  asio::cancellation_signal signal;
  bool done = false;
  asio::co_spawn(
      loop,
      clock.sleep_for(std::chrono::hours{1}),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) { done = error == nullptr; })
  );
  loop.poll();
  CHECK_FALSE(done);
  signal.emit(asio::cancellation_type::terminal);
  loop.poll();
  CHECK(done);
}

TEST_CASE("the kernel's random numbers differ and stay below one") {
  KernelRandom random;
  CHECK(random.bits() != random.bits());
  const double value = random.unit();
  CHECK(value >= 0);
  CHECK(value < 1);
}
