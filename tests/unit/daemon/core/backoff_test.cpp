#include "daemon/core/backoff.hpp"

#include <doctest/doctest.h>

using namespace hubsync;

TEST_CASE(
    "retry n waits between half and the whole of base times multiplier to the n, up to the longest delay"
) {
  const RetryPolicy policy{};
  const std::int64_t whole[] = {1'000, 2'000, 4'000, 8'000, 16'000, 32'000, 32'000};
  for (int n = 0; n < 7; ++n) {
    CAPTURE(n);
    CHECK(retry_delay(policy, n, 0.0) == Duration{whole[n] / 2});
    CHECK(retry_delay(policy, n, 0.5) == Duration{whole[n] * 3 / 4});
    CHECK(retry_delay(policy, n, 0.999'999'9) <= Duration{whole[n]});
  }
  CHECK(retry_delay(policy, 100'000, 0.0) == Duration{16'000});
}

TEST_CASE("a call that keeps failing is tried five times more and then given up") {
  const RetryPolicy policy{};
  int retries = 0;
  for (int i = 1; i <= 5; ++i) {
    const auto decision = after_failure(policy, Outcome::unavailable, retries, {}, 0.5);
    CHECK(decision.verdict == Verdict::retry);
    CHECK(decision.retries == i);
    retries = decision.retries;
  }
  CHECK(after_failure(policy, Outcome::unavailable, retries, {}, 0.5).verdict == Verdict::gave_up);
  CHECK(after_failure(policy, Outcome::throttled, retries, Duration{1'000}, 0.5).verdict == Verdict::gave_up);
  CHECK(after_failure(policy, Outcome::unknown, 4, {}, 0.5).verdict == Verdict::retry);
}

TEST_CASE("a refused call is given up at once, a denied one needs a person") {
  CHECK(after_failure({}, Outcome::refused, 0, {}, 0.5).verdict == Verdict::gave_up);
  CHECK(after_failure({}, Outcome::denied, 0, {}, 0.5).verdict == Verdict::needs_person);
}

TEST_CASE("a postponed call uses up no retry") {
  const auto decision = after_failure({}, Outcome::postponed, 5, Duration{3'600'000}, 0.5);
  CHECK(decision.verdict == Verdict::retry);
  CHECK(decision.wait == Duration{3'600'000});
  CHECK(decision.retries == 5);
}

TEST_CASE("Retry-After overrides the schedule") {
  CHECK(after_failure({}, Outcome::throttled, 3, Duration{61'000}, 0.5).wait == Duration{61'000});
}

TEST_CASE("Retry-After is read as seconds or a date and clamped") {
  const Instant now = parse_instant("2026-10-14T12:00:00Z").value();
  CHECK(parse_retry_after("7", 429, now) == Duration{7'000});
  CHECK(parse_retry_after("0", 429, now) == Duration{1'000});
  CHECK(parse_retry_after("-5", 429, now) == Duration{1'000});
  CHECK(parse_retry_after("86400", 429, now) == Duration{900'000});
  CHECK(parse_retry_after("86400", 477, now) == Duration{86'400'000});
  CHECK(parse_retry_after("99999999999999999999", 477, now) == Duration{86'400'000});
  CHECK(parse_retry_after("Wed, 14 Oct 2026 12:01:30 GMT", 503, now) == Duration{90'000});
  CHECK(parse_retry_after("Wed, 14 Oct 2026 11:00:00 GMT", 503, now) == Duration{1'000});
  CHECK_FALSE(parse_retry_after("", 429, now));
  CHECK_FALSE(parse_retry_after("soon", 429, now));
  CHECK_FALSE(parse_retry_after("5s", 429, now));
}
