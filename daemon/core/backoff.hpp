// When a failed call is tried again, and when no more (I27, HUBSPOT.md §3.2). Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "common/time.hpp"
#include "daemon/core/outcome.hpp"

namespace hubsync {

/// The [retry] section of the configuration.
struct RetryPolicy {
  Duration base{1'000};
  double multiplier = 2.0;
  Duration max_delay{32'000};
  int max_retries = 5;
};

/// How long after we gave up waiting for its answer a write may still be carried out: what is sent before
/// then could be undone by it, as if somebody in HubSpot had written the older value (I3, I23).
inline constexpr Duration latest_arrival{10'000};

/// How long after it was decided a write may be carried out, when nobody waits for its answer any more: the
/// time-out of a request (hubsync.toml(5)), then latest_arrival.
inline constexpr Duration longest_flight = Duration{30'000} + latest_arrival;

/// The wait before retry n (0 is the first): from half to the whole of min(max_delay, base × multiplierⁿ),
/// spread by `unit`, a random number in [0, 1).
[[nodiscard]] Duration retry_delay(const RetryPolicy& policy, int n, double unit);

enum class Verdict : std::uint8_t {
  retry,        ///< After `wait`.
  gave_up,      ///< It failed for good, or too often; a person may revive it.
  needs_person  ///< Every call would fail like this one until somebody changes the token or its scopes.
};

struct RetryDecision {
  Verdict verdict = Verdict::retry;
  Duration wait{0};
  int retries = 0;  ///< To be kept with the work: how many retries it has used up after this decision.
};

/// What becomes of work that failed after `retries` retries. Retry-After (already clamped) overrides the
/// schedule; a postponed call never was an attempt.
[[nodiscard]] RetryDecision after_failure(
    const RetryPolicy& policy, Outcome outcome, int retries, std::optional<Duration> retry_after, double unit
);

/// Reads a Retry-After header, seconds or a date, and clamps it to 1 s – 15 min; for status 477 up to 24 h.
[[nodiscard]] std::optional<Duration> parse_retry_after(std::string_view header, int status, Instant now);

}  // namespace hubsync
