#include "cli/commands/conflicts.hpp"

#include <algorithm>
#include <utility>

#include "cli/commands/conflict_view.hpp"
#include "cli/commands/print.hpp"
#include "cli/output/when.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

/// Columns for values: a share of what the fixed columns leave, never too few to read.
std::size_t share(std::size_t columns, std::size_t fixed, std::size_t parts) {
  constexpr std::size_t least = 10;
  return std::max(least, (columns > fixed ? columns - fixed : 0) / parts);
}

Table open_table(std::size_t columns) {
  const std::size_t width = share(columns, 42, 2);
  return Table{{
      {"ID"},
      {"AGE"},
      {"TYPE"},
      {"RECORD", false, width},
      {"FIELDS", false, width},
      {"PRIORITY"},
  }};
}

void add_open(Table& table, const api::Conflict& conflict, Instant now) {
  table.add(
      {conflict.id,
       short_age(conflict.detected_at, now),
       conflict.entity_type,
       label_of(conflict),
       joined(conflict.conflicting_fields),
       priority_cell(conflict.priority)}
  );
}

Table history_table(std::size_t columns) {
  const std::size_t width = share(columns, 48, 4);
  return Table{{
      {"ID"},
      {"AGE"},
      {"RECORD", false, width},
      {"FIELD", false, 12},
      {"KEPT", false, width},
      {"LOST", false, 2 * width},
      {"HOW"},
      {"BY", false, 12},
  }};
}

/// The values that a decision gave up; both when another value was given.
std::string lost_values(const api::DecidedField& field) {
  std::string lost;
  const auto add = [&](const std::optional<std::string>& value) {
    if (value != field.kept) {
      lost += (lost.empty() ? "" : " / ") + (value ? *value : std::string{"(empty)"});
    }
  };
  add(field.local);
  if (field.hubspot != field.local) {
    add(field.hubspot);
  }
  return lost;
}

/// One row for each decided field; one for a conflict that closed itself.
void add_resolved(Table& table, const api::Conflict& conflict, Instant now) {
  const std::string when = conflict.resolved_at ? short_age(*conflict.resolved_at, now) : "-";
  const Cell how{conflict.resolution_type};
  const std::string by = or_dash(conflict.resolved_by);
  if (conflict.decisions.empty()) {
    table.add({conflict.id, when, label_of(conflict), joined(conflict.conflicting_fields), "-", "-", how, by}
    );
  }
  for (const api::DecidedField& field : conflict.decisions) {
    table.add(
        {conflict.id,
         when,
         label_of(conflict),
         field.field,
         field.kept.value_or("(empty)"),
         lost_values(field),
         how,
         by}
    );
  }
}

}  // namespace

ExitCode run_conflicts(const ConflictsArgs& args, Context& context) {
  const auto answer = context.client.conflicts(
      {.open = !args.history, .type = args.type, .field = args.field, .page = args.page, .limit = args.limit}
  );
  return print_page(
      answer,
      args.history ? history_table(context.out.columns()) : open_table(context.out.columns()),
      context,
      [](const api::Conflict& conflict) { return conflict.id; },
      [&args, now = context.clock.now()](Table& rows, const api::Conflict& conflict) {
        args.history ? add_resolved(rows, conflict, now) : add_open(rows, conflict, now);
      }
  );
}

ExitCode run_conflict_show(const ConflictArgs& args, Context& context) {
  const auto answer = context.client.conflict(args.id);
  const ExitCode code = print_one(answer, context, [&context](const api::Conflict& conflict) {
    const View view{.columns = context.out.columns(), .colours = context.out.colours()};
    return conflict_report(conflict, context.clock.now(), view);
  });
  if (answer && answer->value.resolution_type == "pending") {
    context.out.note("`hubsync conflicts resolve " + terminal_safe(answer->value.id) + "` decides it");
  }
  return code;
}

}  // namespace hubsync::cli
