// What a person's decision makes of a record. A decided field gets HubSpot's present value as its base on
// both sides, as if they had agreed on that one and the decision were an edit made after it: the planner then
// sends it, or sees that there is nothing to do, and a newer edit in HubSpot is a new dispute. So no decision
// can write an old value back. Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "daemon/core/conflict.hpp"
#include "daemon/core/record.hpp"
#include "daemon/core/rules.hpp"

namespace hubsync {

/// Which value a field is to have on both sides.
struct Choice {
  enum class Take : std::uint8_t { local, hubspot, value } take = Take::local;
  std::string value = {};  ///< In local form; "" clears.
  bool operator==(const Choice&) const = default;
};
using Choices = std::map<std::string, Choice, std::less<>>;

/// What somebody asks to be done with one conflict.
struct ConflictWish {
  std::int64_t id = 0;
  std::optional<std::int64_t> if_version = {};     ///< Only if the conflict still looks like that.
  Resolution resolution = Resolution::keep_local;  ///< keep_local, keep_hubspot or merged.
  Choices fields = {};                             ///< Of merged.
  bool undo = false;                               ///< Not a decision: takes back the one that was made.
  bool partial = false;                            ///< merged may leave fields open.
};

/// The choice for each field that the wish decides; Error::field names the one that is wrong.
[[nodiscard]] Result<Choices> choices_of(const ConflictWish& wish, const Conflict& conflict);

/// `before` is the conflict as it was known when the wish was made, `now` after HubSpot was read again.
/// Refused when more is disputed than before, or when HubSpot's value moved and the choice would overwrite
/// it.
[[nodiscard]] Result<void> check_unmoved(const Choices& choices, const Conflict& before, const Conflict& now);

/// A person's decision can be taken back while nobody has edited since: the record has the version it had
/// after it, and HubSpot the value of before or the decided one.
[[nodiscard]] Result<void> check_undoable(const Conflict& conflict, const Record& record);

/// Puts the decided fields back into dispute. What HubSpot has is left alone: a value of its that the
/// decision has replaced is disputed as lost.
void undo_decision(Record& record, const TypeRules& rules, const Conflict& conflict, Instant now);

/// What decide() did.
struct Decision {
  DecidedFields fields;
  bool pulled = false;    ///< A local value gave way to HubSpot's.
  bool recreate = false;  ///< The record lives on here and has to be made again in HubSpot.
};

/// Carries the choices out on the record's views. What is to be sent, deleted or agreed on follows from
/// reconcile() afterwards; `recreate` is for the caller to prepare.
[[nodiscard]] Decision decide(Record& record, const TypeRules& rules, const Choices& choices, Instant now);

/// Whether the choice for "deleted" leaves the record alive.
[[nodiscard]] bool stays_alive(const Choice& choice, bool deleted_here);

/// A record deleted here comes back: restored before HubSpot heard of it, or restored there. What the
/// deletion gave up of HubSpot's edits counts again: fields that were settled with two values are open, as if
/// HubSpot had just edited them.
void reclaim_edits(Record& record, const TypeRules& rules);

}  // namespace hubsync
