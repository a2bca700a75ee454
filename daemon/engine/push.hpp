// Sends due records: re-read, plan again, write, settle (design: a batch of 100 costs two calls). Loop
// thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/run.hpp"
#include "daemon/engine/context.hpp"

namespace hubsync {

struct PushResult {
  RunCounts counts = {};
  std::optional<CallFailure> failure = {
  };  ///< Work was left undone that HubSpot did not refuse for its own sake.
};

/// Sends one batch of claims of one type, at most batch_limit of them, and settles every one of them whatever
/// happens. With `dry_run` it stops before writing and puts what it would send into `planned`.
Task<PushResult> push_batch(
    EngineContext& context,
    std::string type,
    std::vector<Claim> claims,
    CallClass call_class,
    bool dry_run,
    std::vector<PlannedChange>* planned
);

}  // namespace hubsync
