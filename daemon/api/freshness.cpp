#include "daemon/api/freshness.hpp"

#include <algorithm>

namespace hubsync::api {

Freshness freshness(const Services& services, const StoreStatus& status) {
  Instant last_change = services.started_at;
  for (const std::optional<Instant>& change : {status.last_work, status.inbox.last_event_at}) {
    last_change = std::max(last_change, change.value_or(last_change));
  }
  // A run that goes on reads, whatever HubSpot does not let us write.
  const bool hampered = std::ranges::any_of(services.engine.problems(), [](const Error& problem) {
    return problem.field.empty();
  });
  const FreshnessFacts facts{
      .seen_at = status.seen_at,
      .running_since = status.running_since,
      .hampered = hampered,
      .last_change = last_change,
      .poll_interval = services.poll_interval
  };
  return freshness_of(facts, services.clock.now());
}

}  // namespace hubsync::api
