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
  return std::min(*summary.newest_since + burst_quiet, *summary.oldest_since + burst_patience);
}

}  // namespace hubsync
