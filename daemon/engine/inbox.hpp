// Works off the webhook inbox: collects hints for a moment, reads the records they name, and observes them
// like any other read. Loop thread. An event decides nothing: only what HubSpot shows when asked does (I17).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/engine/context.hpp"

namespace hubsync {

class Inbox {
 public:
  explicit Inbox(EngineContext& context) : context_(context) {}

  /// Works until stop. Call once.
  Task<void> run();

  /// Events were committed to the inbox; with none, only looks again.
  void arrived(std::int64_t events);

 private:
  /// What was found out about a batch.
  struct Findings {
    std::vector<HubspotId> found;        ///< Read, by the id that was asked for.
    std::vector<HubspotId> gone;         ///< In the recycle bin, or nowhere although an event said deleted.
    std::vector<HubspotId> erased;       ///< Gone, and to be erased.
    std::vector<HubspotId> still_there;  ///< To be erased, but HubSpot still has it.
  };

  Task<void> collect();
  Task<bool> drain();
  Task<Reply<Findings>> read_records(const HintBatch& batch, const TypeRules& rules);
  Task<Reply<void>> find_missing(
      const HintBatch& batch, const TypeRules& rules, std::vector<HubspotId> missing, Findings& findings
  );
  Task<Reply<void>> follow(const PendingHint& hint, const TypeRules& rules, Findings& findings);
  Task<Reply<void>> read_references(const HintBatch& batch, const TypeRules& rules, const Findings& findings);
  Task<void> observe(ObservePage page);
  Task<void> settle(const HintBatch& batch, const TypeRules& rules, const Findings& findings);

  EngineContext& context_;
  Signal arrival_;
  std::int64_t waiting_ = 1;  ///< Events since the last look; at the start what a restart left counts as one.
  SteadyInstant first_{};     ///< When the first of them came.
  SteadyInstant last_{};
  SteadyInstant next_look_ = SteadyInstant::max();  ///< When an item that is tried again is due.
  std::map<std::string, SteadyInstant> rests_;      ///< Until when a type is not asked for.
};

}  // namespace hubsync
