// HubSpot's side of webhooks: change events become numbered events, batches of at most a hundred, and retries
// (HUBSPOT.md §9.3). Single-threaded; time is an argument, chance is the portal's. Sends nothing itself.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/time.hpp"
#include "tests/hubspot_sim/portal.hpp"

namespace hubspot_sim {

/// HubSpot puts no more events into one request, and tries one that fails ten times more.
inline constexpr std::size_t webhook_batch = 100;
inline constexpr int webhook_retries = 10;

class WebhookQueue {
 public:
  /// A request to send; tell how it ended with answered().
  struct Delivery {
    std::int64_t id = 0;
    std::string body;
  };

  /// The portal outlives the queue.
  explicit WebhookQueue(Portal& portal) : portal_(portal) {}

  /// Takes over the change events recorded so far, if there is an address to send them to.
  void collect(hubsync::Instant now);
  /// The next request that is due; nothing when there is none or enough are under way.
  std::optional<Delivery> next(hubsync::Instant now);
  void answered(std::int64_t id, bool accepted, hubsync::Instant now);

 private:
  struct Waiting {
    std::string event;  ///< JSON without attemptNumber and the closing brace.
    int attempt = 0;
  };

  void add(const ChangeEvent& event, hubsync::Instant now);

  Portal& portal_;
  std::multimap<hubsync::Instant, Waiting> waiting_;
  std::map<std::int64_t, std::vector<Waiting>> under_way_;
  std::vector<std::int64_t> used_ids_;  ///< Some eventIds given before.
  std::int64_t last_delivery_ = 0;
};

}  // namespace hubspot_sim
