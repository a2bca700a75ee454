// Three clocks: ours, which anybody may set; the monotonic one, which timers follow; and HubSpot's. Tells the
// store when they part (I34). Loop thread.
#pragma once

#include <optional>

#include "daemon/engine/context.hpp"

namespace hubsync {

class Clocks {
 public:
  explicit Clocks(EngineContext& context) : context_(context) {}

  /// Whether our clock was set, or HubSpot's found to differ, since the last call. To be called before
  /// anything is asked of the store that depends on either; costs nothing when neither happened.
  Task<void> follow();

 private:
  Task<void> follow_ours();
  Task<void> follow_hubspots();

  EngineContext& context_;
  std::optional<Duration> offset_;  ///< Our clock minus the monotonic one.
  SteadyInstant mend_at_{};         ///< When the times in the store are looked over.
  Duration skew_{0};                ///< HubSpot's clock minus ours, as the store knows it.
};

}  // namespace hubsync
