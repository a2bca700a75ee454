// Why a call to HubSpot did not do what it should: the kinds that the engine treats differently. Plain data;
// any thread.
#pragma once

#include <cstdint>

namespace hubsync {

/// Why a call did not do what it should. `unknown` is never folded into failure (I23).
enum class Outcome : std::uint8_t {
  refused,      ///< HubSpot read it and said no; the same call will fail again (4xx).
  denied,       ///< The token is refused or lacks a scope (401, 403): stop, a person must act.
  throttled,    ///< 429, 477: not done, wait.
  postponed,    ///< Not sent on purpose: the daily budget is spent. Not an attempt; wait for retry_after.
  unavailable,  ///< Surely not done (connection refused, 423) or only a read: try again.
  unknown       ///< A write that may or may not have been applied: read, then plan again.
};

}  // namespace hubsync
