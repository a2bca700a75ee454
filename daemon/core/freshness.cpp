#include "daemon/core/freshness.hpp"

#include <algorithm>

namespace hubsync {
namespace {

/// How long a poll may take, its retries not counted.
constexpr Duration longest_poll{30'000};

/// Without a change for this long, nothing goes on.
constexpr Duration quiet{60 * 60'000};

}  // namespace

Freshness freshness_of(const FreshnessFacts& facts, Instant now) {
  if (!facts.seen_at) {
    return Freshness::unknown;
  }
  const Instant until = facts.running_since && !facts.hampered ? std::min(now, *facts.running_since) : now;
  const Duration patience = 2 * facts.poll_interval + std::min(facts.poll_interval, longest_poll);
  if (until - *facts.seen_at > patience) {
    return Freshness::stalled;
  }
  return now - facts.last_change > quiet ? Freshness::idle : Freshness::current;
}

std::string_view to_string(Freshness freshness) {
  switch (freshness) {
    case Freshness::current:
      return "current";
    case Freshness::idle:
      return "idle";
    case Freshness::stalled:
      return "stalled";
    case Freshness::unknown:
      break;
  }
  return "unknown";
}

}  // namespace hubsync
