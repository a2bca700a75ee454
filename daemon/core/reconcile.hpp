// Carries out on a Record what plan() decides, except sending: pulls into the local view, base moves, status.
// Every observation and every edit ends here, whatever brought it in. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/history.hpp"
#include "daemon/core/plan.hpp"
#include "daemon/core/record.hpp"
#include "daemon/core/rules.hpp"

namespace hubsync {

/// What HubSpot showed of one record, decoded: fields by local name.
struct RemoteRecord {
  HubspotId id;  ///< As answered; differs from the id asked for after a merge (HUBSPOT.md §4.6).
  std::vector<HubspotId> former_ids = {
  };  ///< Other ids that resolve to it now: asked for, or merged into it.
  bool archived = false;
  Fields values;  ///< Only what the answer held; a missing key says nothing. References are not in here.
  std::optional<std::string> uid = {};   ///< The unique property hubsync_id, when asked for and set.
  std::optional<Instant> modified = {};  ///< updatedAt, or the type's modified property.
  Histories histories = {};              ///< From propertiesWithHistory, when asked for.
  FieldTimes times = {};                 ///< From propertiesWithHistory: last change of each field asked for.
  bool references_known = false;         ///< The answer told the associations.
  std::optional<HubspotId> reference = {
  };  ///< The associated record the reference field stands for; none = none.
  std::string trace_id = {};  ///< objectWriteTraceId of a batch write, when echoed.
};

/// What reconcile() did beside changing the record; the store writes it down in the same transaction.
struct Effects {
  bool changed = false;  ///< The record differs from before and must be saved.
  RecordAction action = RecordAction::none;
  Fields pulled;             ///< New local values that came from HubSpot.
  Fields overwritten;        ///< The local values they replaced.
  bool push_needed = false;  ///< Something waits to be sent: the record is due work.
  Fields push;               ///< What would be sent now.
  bool needs_history = false;
  std::vector<FieldDispute> conflicts;  ///< The open conflict after this; with deletion_conflict false and
                                        ///< none here there is none.
  bool deletion_conflict = false;       ///< "deleted" is among the conflicting fields.
  std::vector<DecidedDispute> decided;
  /// Values of Record::lost that nobody has to decide about any more, since the field has moved on: `remote`
  /// is the lost one.
  std::vector<FieldDispute> superseded;
};

/// Puts an observation into the remote view. `reference` is RemoteRecord::reference translated: a LocalId, an
/// unresolved_reference(), "" for none; nothing when the observation did not tell. True when the view
/// changed.
bool absorb(
    Record& record,
    const RemoteRecord& seen,
    const TypeRules& rules,
    const std::optional<std::string>& reference
);

/// The record is gone on both sides, and that was known after this reading was asked for: when it shows the
/// record alive, that is of before, and no restoring (I8). What was known in the future, before the clock was
/// set back, says nothing.
[[nodiscard]] bool shows_before_deletion(const Record& record, Instant asked, Instant now);

/// HubSpot took `sent` (local form) and answered with what now is the remote view: for the fields in `echoed`
/// that pair is the new base. Call after absorb(). Fields not echoed keep their base until they are read
/// (I32).
void agree_on_sent(Record& record, const Fields& sent, const Fields& echoed);

/// `sent` (local form) is on its way or its answer was lost: each field that HubSpot shows as it was sent is
/// agreed, so that our own write never looks like somebody else's (I16, I23). True when the base changed.
bool agree_on_shown(Record& record, const TypeRules& rules, const Fields& sent);

/// HubSpot shows each field of `sent` (local form) as it was sent.
[[nodiscard]] bool shows_all(const Record& record, const TypeRules& rules, const Fields& sent);

/// `seen` is what a create of `sent` (local form) makes: each field shows as it was sent. A reference is left
/// out, since it is no value of the record.
[[nodiscard]] bool shows_created(const RemoteRecord& seen, const TypeRules& rules, const Fields& sent);

/// Plans and applies. Bumps version, times and status as needed. `remote_times`: see plan().
[[nodiscard]] Effects reconcile(
    Record& record,
    const TypeRules& rules,
    Detection detection,
    Duration newest_margin,
    Instant now,
    const FieldTimes& remote_times = {}
);

}  // namespace hubsync
