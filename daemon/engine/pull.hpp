// Brings HubSpot's records in: the full walk (list) and the poll (search). Loop thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/run.hpp"
#include "daemon/engine/context.hpp"

namespace hubsync {

/// A run under way: what its flows add to.
struct RunUnderWay {
  Run run;
  LocalId record = {};                      ///< Of a run about one record.
  std::vector<PlannedChange> planned = {};  ///< Of a dry run.

  [[nodiscard]] WhenSpent when_spent() const { return run.dry_run ? WhenSpent::give_up : WhenSpent::wait; }
};

/// How many records a walk will meet, for those who look on: what is known here, or, where that is
/// nothing yet, what HubSpot's search tells. An estimate, and not worth a second try.
Task<std::optional<std::int64_t>> expect_records(
    EngineContext& context, const TypeRules& rules, bool first_time
);

/// Walks every record of a type, pages stored as they come, from where an interrupted walk of this run
/// stopped. Records that are gone are proven to be archived before they are deleted here (I9).
Task<Reply<void>> walk_all(EngineContext& context, RunUnderWay& under_way, const TypeRules& rules);

/// How the names of the cursors of a run's walks begin; they are of use to none but this run.
[[nodiscard]] inline std::string walk_cursors(const Run& run) {
  return "walk:" + run.id + ":";
}

/// Reads what changed since the last poll of the type (HUBSPOT.md §5.2). The cursor moves behind the rows
/// (I33).
Task<Reply<void>> poll_changes(EngineContext& context, RunUnderWay& under_way, const TypeRules& rules);

/// Carries out the deletions here that a person released and that HubSpot still shows as such.
Task<Reply<void>> carry_released(EngineContext& context, RunUnderWay& under_way, const TypeRules& rules);

/// A listing whose URL had no room for the properties told ids only; the values are read.
Task<Reply<void>> widen(EngineContext& context, const TypeRules& rules, ListPage& page, WhenSpent when_spent);

/// Where a type's poll has come to; none before the first full walk.
Task<std::optional<Instant>> poll_cursor(EngineContext& context, const TypeRules& rules);
Task<void> set_poll_cursor(EngineContext& context, const TypeRules& rules, Instant to);

/// When this run's walk of the type began, by HubSpot's clock, also when a restart interrupted it: the polls
/// go on from there.
Task<Instant> walk_began(EngineContext& context, const Run& run, const TypeRules& rules);

}  // namespace hubsync
