// HubSpot's webhooks on their way to the daemon: late, in any order, more than once, or never. What is
// delivered goes into the inbox as the receiver puts it there. One thread.
#pragma once

#include <set>
#include <string>

#include "daemon/ports/inbox.hpp"
#include "tests/sim/world.hpp"

namespace hubsync::sim {

class Webhooks {
 public:
  explicit Webhooks(World& world) : world_(world), draw_(world.setup.post_seed, 12) {}

  /// Takes what happened in HubSpot since the last time and sends it on its way.
  void collect();
  /// Every event that was acknowledged is in the inbox, once, and worked off (I19).
  void check();

 private:
  void send(const InboxEvent& event);
  void deliver(InboxEvent event, int attempt);
  Task<void> receive(Process& process, InboxEvent event);

  World& world_;
  Draw draw_;
  std::size_t taken_ = 0;
  std::set<std::string> acknowledged_;  ///< By key.
};

}  // namespace hubsync::sim
