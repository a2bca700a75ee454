#include "daemon/core/breaker.hpp"

#include <doctest/doctest.h>

using namespace hubsync;

namespace {

SteadyInstant at(std::int64_t ms) {
  return SteadyInstant{Duration{ms}};
}

void call(Breaker& breaker, bool ok, std::int64_t ms) {
  const auto pass = breaker.enter(at(ms));
  REQUIRE(pass);
  ok ? breaker.succeeded(*pass, at(ms)) : breaker.failed(*pass, at(ms));
}

Breaker opened_at(std::int64_t ms) {
  Breaker breaker;
  for (int i = 0; i < 20; ++i) {
    call(breaker, false, ms);
  }
  REQUIRE(breaker.open());
  return breaker;
}

}  // namespace

TEST_CASE("the breaker opens when more than half of at least twenty calls failed") {
  Breaker breaker;
  for (int i = 0; i < 19; ++i) {
    call(breaker, false, i);
  }
  CHECK_FALSE(breaker.open());
  call(breaker, false, 20);
  CHECK(breaker.open());

  Breaker half;
  for (int i = 0; i < 100; ++i) {
    call(half, i % 2 == 0, i);
    CHECK_FALSE(half.open());
  }
  call(half, false, 101);
  CHECK(half.open());
}

TEST_CASE("failures older than the window no longer count") {
  Breaker breaker;
  for (int i = 0; i < 19; ++i) {
    call(breaker, false, i);
  }
  call(breaker, false, 60'018);
  CHECK_FALSE(breaker.open());
}

TEST_CASE("an open breaker lets one probe through after the pause, and its success closes it") {
  Breaker breaker = opened_at(0);
  CHECK_FALSE(breaker.enter(at(4'999)));
  CHECK(breaker.next_entry(at(0)) == at(5'000));
  const auto probe = breaker.enter(at(5'000));
  REQUIRE(probe);
  CHECK_FALSE(breaker.enter(at(5'000)));
  CHECK_FALSE(breaker.next_entry(at(5'000)));
  breaker.succeeded(*probe, at(5'100));
  CHECK_FALSE(breaker.open());
  CHECK(breaker.enter(at(5'100)));
}

TEST_CASE("each failed probe doubles the pause, up to a minute") {
  Breaker breaker = opened_at(0);
  std::int64_t now = 0;
  for (const std::int64_t pause : {5'000, 10'000, 20'000, 40'000, 60'000, 60'000}) {
    CHECK_FALSE(breaker.enter(at(now + pause - 1)));
    now += pause;
    call(breaker, false, now);
  }
}

TEST_CASE("an answer to a call from before the breaker opened says nothing") {
  Breaker breaker;
  const auto slow = breaker.enter(at(0));
  for (int i = 0; i < 20; ++i) {
    call(breaker, false, 1);
  }
  breaker.succeeded(slow.value(), at(2));
  CHECK(breaker.open());
}

TEST_CASE("an abandoned probe makes room for the next") {
  Breaker breaker = opened_at(0);
  const auto probe = breaker.enter(at(5'000));
  REQUIRE(probe);
  breaker.abandoned(*probe);
  CHECK(breaker.enter(at(5'001)));
}
