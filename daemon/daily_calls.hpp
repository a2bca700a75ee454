// The count of the day's calls over restarts: from the store to the throttle and back. Start-up, loop and
// stop; the throttle decides when a count has to be stored.
#pragma once

#include <optional>
#include <string>

#include "daemon/engine/throttle.hpp"
#include "daemon/ports/store.hpp"

namespace hubsync {

/// What one process leaves to the next.
struct DailyCalls {
  DailyBudget::State count;
  Duration utc_offset{0};  ///< Of the portal, whose midnight ends the day.
};

/// What the process before stored; nothing when there was none.
[[nodiscard]] std::optional<DailyCalls> stored_calls(Repository& repository);

/// Has the throttle store its count before it is reached. Both outlive the throttle's calls.
void keep_daily_calls(Throttle& throttle, Store& store);

/// At a clean stop: the count as it is, so that nothing of the reserve is given up.
Task<void> store_daily_calls(const Throttle& throttle, Store& store);

}  // namespace hubsync
