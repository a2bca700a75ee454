// plan(record, rules) → Plan: the decision table of hubsync, whole and pure. No I/O, no clock.
//
// Per field: the same on both sides → agreed; changed on one side → taken by the other; changed on both,
// differently → the field's policy. Presence (does a side have the record?) is merged by the same three-way
// rule.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/record.hpp"
#include "daemon/core/rules.hpp"

namespace hubsync {

/// What happens to the record as a whole.
enum class RecordAction : std::uint8_t {
  none,
  merge,             ///< Both sides have it: the field lists say what moves.
  create_local,      ///< HubSpot has it, we do not.
  create_remote,     ///< We have it, HubSpot does not.
  delete_local,      ///< Deleted in HubSpot, unedited here.
  delete_remote,     ///< Deleted here, unedited in HubSpot.
  agree_deleted,     ///< Gone on both sides.
  deletion_conflict  ///< Edited on one side, deleted on the other: the edit survives until a person decides.
};

/// One field that both sides changed, differently.
struct FieldDispute {
  std::string field;
  std::string local;
  std::string remote;
  std::optional<BasePair> base;
  bool operator==(const FieldDispute&) const = default;
};

/// A dispute that a rule decided; the losing value goes to the audit trail.
struct DecidedDispute {
  FieldDispute dispute;
  bool local_won = false;
  bool operator==(const DecidedDispute&) const = default;
};

struct Plan {
  RecordAction action = RecordAction::none;
  Fields pull;  ///< Local fields to overwrite, with HubSpot's values.
  Fields push;  ///< Fields to send, in local form; "" clears. A reference is a LocalId or "".
  Base agree;   ///< Base pairs that both views support now.
  std::vector<FieldDispute> conflicts;
  std::vector<DecidedDispute> decided;
  bool needs_history = false;  ///< A `newest` field is disputed and HubSpot's time for it is not known yet.
  bool operator==(const Plan&) const = default;
};

/// The value of Record::lost that is still to be decided about: HubSpot has what both agreed on since, so
/// that nobody there has replaced it, and the local value is another one. Null when there is none.
[[nodiscard]] const std::string* lost_value(const Record& record, const FieldRule& rule);

/// Decides for one record. `remote_times` holds HubSpot's property history times of disputed `newest` fields.
[[nodiscard]] Plan plan(
    const Record& record,
    const TypeRules& rules,
    Detection detection = Detection::field,
    Duration newest_margin = Duration{2'000},
    const FieldTimes& remote_times = {}
);

}  // namespace hubsync
