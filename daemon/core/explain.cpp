#include "daemon/core/explain.hpp"

#include <algorithm>

#include "daemon/core/canonical.hpp"

namespace hubsync {
namespace {

std::string summary_of(const Record& record, const Plan& plan) {
  switch (plan.action) {
    case RecordAction::create_local:
      return "HubSpot has it and this side does not: it is to be created here.";
    case RecordAction::create_remote:
      return "This side has it and HubSpot does not: it is to be created there.";
    case RecordAction::delete_local:
      return "It was deleted in HubSpot and not edited here: it is to be deleted here.";
    case RecordAction::delete_remote:
      return "It was deleted here and not edited in HubSpot: it is to be deleted there.";
    case RecordAction::agree_deleted:
      return "It is gone on both sides.";
    case RecordAction::deletion_conflict:
      return record.local_presence == Presence::live
                 ? "It was edited here and deleted in HubSpot: a person decides whether it lives on."
                 : "It was deleted here and edited in HubSpot: a person decides whether it lives on.";
    case RecordAction::none:
      return record.local_presence == Presence::live ? "HubSpot has lost sight of it: nothing is done."
                                                     : "It is gone on both sides.";
    case RecordAction::merge:
      break;
  }
  if (!plan.conflicts.empty()) {
    return "Both sides changed it, differently: a person decides about the fields in conflict.";
  }
  if (!plan.push.empty() && !plan.pull.empty()) {
    return "Both sides changed different fields: each takes over the other's.";
  }
  if (!plan.push.empty()) {
    return "It was edited here: the edit is to be sent to HubSpot.";
  }
  return plan.pull.empty() ? "Both sides agree." : "It was edited in HubSpot: the edit is to be taken over.";
}

const DecidedDispute* decision_on(const Plan& plan, const std::string& field) {
  const auto found = std::ranges::find_if(plan.decided, [&field](const DecidedDispute& decided) {
    return decided.dispute.field == field;
  });
  return found == plan.decided.end() ? nullptr : &*found;
}

void explain_conflict(
    const Record& record, const FieldRule& rule, const Plan& plan, FieldExplanation& field
) {
  field.state = "conflict";
  if (const std::string* const lost = lost_value(record, rule)) {
    field.remote = *lost;
    field.why = "HubSpot had another value that was overwritten before it was seen here.";
  } else if (!field.base) {
    field.why = "Both sides came with a value of their own when they were first matched.";
  } else if (rule.policy == Policy::newest) {
    field.why = plan.needs_history ? "Both sides changed it; when HubSpot did is not known yet."
                                   : "Both sides changed it at nearly the same time: no clock decides.";
  } else {
    field.why = "Both sides changed it since they agreed, differently.";
  }
}

void explain_travel(const Plan& plan, bool to_hubspot, FieldExplanation& field) {
  field.state = to_hubspot ? "to HubSpot" : "from HubSpot";
  if (decision_on(plan, field.field) != nullptr) {
    field.why = "Both sides changed it; the rule keeps " +
                std::string{to_hubspot ? "the local value." : "HubSpot's value."};
  } else if (!field.base) {
    field.why = to_hubspot ? "HubSpot has no value." : "This side has no value.";
  } else {
    field.why = to_hubspot ? "Edited here, unchanged in HubSpot." : "Edited in HubSpot, unchanged here.";
  }
}

void explain_rest(const FieldRule& rule, FieldExplanation& field) {
  if (!field.remote) {
    field.state = "unknown";
    field.why = "HubSpot has not shown this property.";
    return;
  }
  if (parse_unresolved_reference(*field.remote)) {
    field.state = "unknown";
    field.why = "It points to a record of HubSpot's that is not here yet.";
    return;
  }
  field.state = "in step";
  const bool equal = same_value(field.local, *field.remote, rule.kind);
  field.why = equal ? "" : "HubSpot keeps it in a form of its own.";
}

FieldExplanation explain_field(const Record& record, const FieldRule& rule, const Plan& plan) {
  FieldExplanation field{.field = rule.name, .property = rule.property, .rule = rule_name(rule)};
  field.local = value_or_empty(record.local, rule.name);
  if (const auto remote = record.remote.find(rule.name); remote != record.remote.end()) {
    field.remote = remote->second;
  }
  if (const auto base = record.base.find(rule.name); base != record.base.end()) {
    field.base = base->second;
  }
  const bool disputed =
      std::ranges::find(plan.conflicts, rule.name, &FieldDispute::field) != plan.conflicts.end();
  if (disputed) {
    explain_conflict(record, rule, plan, field);
  } else if (plan.push.contains(rule.name)) {
    explain_travel(plan, true, field);
  } else if (plan.pull.contains(rule.name)) {
    explain_travel(plan, false, field);
  } else {
    explain_rest(rule, field);
  }
  return field;
}

}  // namespace

RecordExplanation explain(
    const Record& record, const TypeRules& rules, Detection detection, Duration newest_margin
) {
  const Plan plan = hubsync::plan(record, rules, detection, newest_margin);
  RecordExplanation result;
  result.summary = summary_of(record, plan);
  if (record.status == SyncStatus::error) {
    result.summary += " The last try failed: it waits for an edit or a retry.";
  }
  for (const FieldRule& rule : rules.fields) {
    result.fields.push_back(explain_field(record, rule, plan));
  }
  for (const auto& [name, value] : record.local) {
    if (rules.find(name) == nullptr) {
      FieldExplanation field{.field = name, .local = value, .state = "only here"};
      field.why = "No rule maps it: it never leaves.";
      result.fields.push_back(std::move(field));
    }
  }
  return result;
}

std::string_view to_string(Presence presence) {
  switch (presence) {
    case Presence::live:
      return "live";
    case Presence::deleted:
      return "deleted";
    case Presence::absent:
      break;
  }
  return "absent";
}

}  // namespace hubsync
