#include "daemon/core/backoff.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace hubsync {
namespace {

constexpr Duration shortest_pause{1'000};
constexpr Duration longest_pause{15 * 60'000};
constexpr Duration longest_migration{24 * 3'600'000};  // Status 477: the portal moves to another data centre.

}  // namespace

Duration retry_delay(const RetryPolicy& policy, int n, double unit) {
  const auto limit = static_cast<double>(policy.max_delay.count());
  // pow overflows to infinity for large n, which the minimum takes back.
  const double whole =
      std::min(limit, static_cast<double>(policy.base.count()) * std::pow(policy.multiplier, n));
  return Duration{std::llround(whole / 2 + whole / 2 * unit)};
}

RetryDecision after_failure(
    const RetryPolicy& policy, Outcome outcome, int retries, std::optional<Duration> retry_after, double unit
) {
  const auto wait = [&] { return retry_after.value_or(retry_delay(policy, retries, unit)); };
  switch (outcome) {
    case Outcome::refused:
      return {.verdict = Verdict::gave_up, .retries = retries};
    case Outcome::denied:
      return {.verdict = Verdict::needs_person, .retries = retries};
    case Outcome::postponed:
      return {.verdict = Verdict::retry, .wait = wait(), .retries = retries};
    case Outcome::throttled:
    case Outcome::unavailable:
    case Outcome::unknown:
      break;
  }
  if (retries >= policy.max_retries) {
    return {.verdict = Verdict::gave_up, .retries = retries};
  }
  return {.verdict = Verdict::retry, .wait = wait(), .retries = retries + 1};
}

std::optional<Duration> parse_retry_after(std::string_view header, int status, Instant now) {
  const Duration longest = status == 477 ? longest_migration : longest_pause;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (end == header.data() + header.size() && error == std::errc::result_out_of_range) {
    return longest;
  }
  if (!header.empty() && end == header.data() + header.size() && error == std::errc{}) {
    const std::int64_t bounded = std::clamp<std::int64_t>(seconds, 1, longest.count() / 1'000);
    return Duration{bounded * 1'000};
  }
  if (const auto date = parse_http_date(header)) {
    return std::clamp(*date - now, shortest_pause, longest);
  }
  return std::nullopt;
}

}  // namespace hubsync
