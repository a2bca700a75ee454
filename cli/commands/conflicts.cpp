#include "cli/commands/conflicts.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "cli/output/table.hpp"
#include "cli/output/when.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : ", ") + word;
  }
  return out;
}

std::string value_of(const api::FieldList& fields, const std::string& name) {
  const auto found = std::ranges::find(fields, name, &api::Field::name);
  return found == fields.end() ? "" : found->value.value_or("");
}

/// The conflicting fields first, then the others by name.
std::vector<std::string> field_order(const api::Conflict& conflict) {
  std::set<std::string> others;
  for (const auto* version : {&conflict.base_version, &conflict.local_version, &conflict.hubspot_version}) {
    for (const api::Field& field : *version) {
      others.insert(field.name);
    }
  }
  std::vector<std::string> order = conflict.conflicting_fields;
  for (const std::string& name : order) {
    others.erase(name);
  }
  order.insert(order.end(), others.begin(), others.end());
  return order;
}

std::string side_by_side(const api::Conflict& conflict, bool colours) {
  constexpr std::size_t value_width = 40;
  Table table{{
      {""},
      {"FIELD"},
      {"BASE", false, value_width},
      {"LOCAL", false, value_width},
      {"HUBSPOT", false, value_width},
  }};
  for (const std::string& name : field_order(conflict)) {
    const auto& fields = conflict.conflicting_fields;
    const bool disputed = std::ranges::find(fields, name) != fields.end();
    const Colour colour = disputed ? Colour::yellow : Colour::dim;
    table.add(
        {disputed ? "!" : "",
         Cell{name, colour},
         Cell{value_of(conflict.base_version, name), colour},
         Cell{value_of(conflict.local_version, name), colour},
         Cell{value_of(conflict.hubspot_version, name), colour}}
    );
  }
  return table.take(colours);
}

}  // namespace

std::string conflict_report(const api::Conflict& conflict, Instant now, bool colours) {
  Details details;
  details.add("conflict", conflict.id);
  details.add("record", conflict.entity_type + " " + conflict.entity_id);
  details.add("HubSpot id", or_dash(conflict.hubspot_id));
  details.add("detected", ago(conflict.detected_at, now));
  details.add("edited here", ago(conflict.local_timestamp, now));
  details.add("edited in HubSpot", ago(conflict.hubspot_timestamp, now));
  details.add("resolution", {conflict.resolution_type, colour_of_state(conflict.resolution_type)});
  if (conflict.resolved_at) {
    details.add("resolved", ago(conflict.resolved_at, now) + " by " + or_dash(conflict.resolved_by));
  }
  std::string out = details.take(colours) + "\n" + side_by_side(conflict, colours);
  if (!conflict.audit_log.empty()) {
    Table audit{{{"WHEN"}, {"WHAT"}, {"WHO"}, {"DETAILS"}}};
    for (const api::AuditEntry& entry : conflict.audit_log) {
      audit.add({ago(entry.timestamp, now), entry.action, or_dash(entry.user), entry.details.value_or("")});
    }
    out += "\n" + audit.take(colours);
  }
  return out;
}

ExitCode run_conflicts(const ConflictsArgs& args, Context& context) {
  const auto answer = context.client.conflicts(!args.history, args.page, args.limit);
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
    return ExitCode::done;
  }
  Table table{{
      {"ID"},
      {"TYPE"},
      {"RECORD"},
      {"HUBSPOT"},
      {"FIELDS", false, 40},
      {args.history ? "RESOLVED" : "DETECTED"},
      {"RESOLUTION"},
  }};
  const Instant now = context.clock.now();
  for (const api::Conflict& conflict : answer->value.items) {
    if (context.out.quiet()) {
      context.out.line(terminal_safe(conflict.id));
      continue;
    }
    const std::string when =
        ago(args.history ? conflict.resolved_at : std::optional{conflict.detected_at}, now);
    table.add(
        {conflict.id,
         conflict.entity_type,
         conflict.entity_id,
         or_dash(conflict.hubspot_id),
         joined(conflict.conflicting_fields),
         when,
         Cell{conflict.resolution_type, colour_of_state(conflict.resolution_type)}}
    );
  }
  if (!context.out.quiet()) {
    context.out.text(table.take(context.out.colours()));
    if (const auto note = page_note(answer->value.page, answer->value.limit, answer->value.total);
        !note.empty()) {
      context.out.note(note);
    }
  }
  return ExitCode::done;
}

ExitCode run_conflict_show(const ConflictArgs& args, Context& context) {
  const auto answer = context.client.conflict(args.id);
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else if (context.out.quiet()) {
    context.out.line(terminal_safe(answer->value.id));
  } else {
    context.out.text(conflict_report(answer->value, context.clock.now(), context.out.colours()));
  }
  return ExitCode::done;
}

}  // namespace hubsync::cli
