#include "daemon/core/due.hpp"

#include <algorithm>

namespace hubsync {

std::optional<Instant> send_at(const DueSummary& summary, Instant now) {
  if (summary.ready == 0) {
    return summary.next_at;
  }
  if (summary.ready >= batch_limit || !summary.oldest_since || !summary.newest_since) {
    return now;
  }
  if (*summary.newest_since > now + burst_patience) {
    return now;  // Entered while our clock was wrong: no time to let a burst run out from.
  }
  return std::min(*summary.newest_since + burst_quiet, *summary.oldest_since + burst_patience);
}

int count_death(int deaths, bool alone) {
  return alone ? std::max(deaths, deaths_until_alone) + 1
               : std::max(deaths, std::min(deaths + 1, deaths_until_alone));
}

std::int64_t sent_together(int deaths, std::int64_t limit) {
  if (goes_alone(deaths)) {
    return 1;
  }
  return deaths == 0 ? limit : std::max<std::int64_t>(1, limit / 10);
}

}  // namespace hubsync
