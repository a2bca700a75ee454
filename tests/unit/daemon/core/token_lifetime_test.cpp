#include "daemon/core/token_lifetime.hpp"

#include <doctest/doctest.h>

using namespace hubsync;
using namespace std::chrono_literals;

namespace {

constexpr SteadyInstant start{Duration{1'000'000}};

}  // namespace

TEST_CASE("a token is renewed a minute before it expires") {
  TokenLifetime lifetime;
  CHECK(lifetime.need(start) == TokenNeed::renew);
  lifetime.renewed(lifetime.begin(), start, 30min);
  CHECK(lifetime.need(start + 29min - 1ms) == TokenNeed::none);
  CHECK(lifetime.need(start + 29min) == TokenNeed::renew);
  CHECK(lifetime.usable(start + 30min - 1ms));
  CHECK_FALSE(lifetime.usable(start + 30min));
}

TEST_CASE("a token of a few seconds is used for most of them, an absurd lifetime is bounded") {
  TokenLifetime lifetime;
  lifetime.renewed(lifetime.begin(), start, 10s);
  CHECK(lifetime.need(start + 8s) == TokenNeed::none);
  CHECK(lifetime.need(start + 9s) == TokenNeed::renew);
  lifetime.renewed(lifetime.begin(), start, -5s);
  CHECK(lifetime.need(start) == TokenNeed::none);
  lifetime.renewed(lifetime.begin(), start, 10'000h);
  CHECK(lifetime.need(start + 24h) == TokenNeed::renew);
}

TEST_CASE("while one asks the others wait, also when that one goes away") {
  TokenLifetime lifetime;
  const auto attempt = lifetime.begin();
  CHECK(lifetime.need(start) == TokenNeed::wait);
  lifetime.abandoned(attempt);
  CHECK(lifetime.need(start) == TokenNeed::renew);
}

TEST_CASE("after a failure nobody asks before its time, and a token that is still good is used") {
  TokenLifetime lifetime;
  lifetime.renewed(lifetime.begin(), start, 30min);
  lifetime.failed(lifetime.begin(), start + 29min + 90s);
  CHECK(lifetime.failures() == 1);
  CHECK(lifetime.need(start + 29min + 30s) == TokenNeed::none);
  CHECK(lifetime.need(start + 30min) == TokenNeed::refused);
  CHECK(lifetime.need(start + 29min + 90s) == TokenNeed::renew);
  lifetime.failed(lifetime.begin(), SteadyInstant::max());
  CHECK(lifetime.need(start + 1'000h) == TokenNeed::refused);
  lifetime.restart();
  CHECK(lifetime.need(start) == TokenNeed::renew);
}

TEST_CASE("a 401 for an older token takes nothing from the newer one") {
  TokenLifetime lifetime;
  lifetime.renewed(lifetime.begin(), start, 30min);
  const auto old = lifetime.token();
  lifetime.renewed(lifetime.begin(), start, 30min);
  lifetime.rejected(old);
  CHECK(lifetime.need(start) == TokenNeed::none);
  lifetime.rejected(lifetime.token());
  CHECK(lifetime.need(start) == TokenNeed::renew);
}

TEST_CASE("an answer that comes after a restart belongs to another credential") {
  TokenLifetime lifetime;
  const auto before = lifetime.begin();
  lifetime.restart();
  lifetime.renewed(before, start, 30min);
  CHECK(lifetime.need(start) == TokenNeed::renew);
  const auto after = lifetime.begin();
  lifetime.failed(before, SteadyInstant::max());
  CHECK(lifetime.need(start) == TokenNeed::wait);
  lifetime.renewed(after, start, 30min);
  CHECK(lifetime.need(start) == TokenNeed::none);
}
