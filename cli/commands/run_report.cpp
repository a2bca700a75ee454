#include "cli/commands/run_report.hpp"

#include <map>
#include <utility>
#include <vector>

#include "cli/commands/context.hpp"
#include "cli/output/style.hpp"
#include "cli/output/table.hpp"
#include "cli/output/when.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

std::string types_words(const std::vector<std::string>& types) {
  std::string words;
  for (const std::string& type : types) {
    words += (words.empty() ? "" : ", ") + terminal_safe(type);
  }
  return words;
}

std::string title(const api::Run& run) {
  const std::string kind = run.kind == "entity" ? "single sync" : terminal_safe(run.kind) + " sync";
  return kind + (run.types.empty() ? "" : " of " + types_words(run.types));
}

void add_counts(Table& table, const std::string& direction, const api::EffectCounts& counts) {
  table.add(
      {direction,
       grouped(counts.created),
       grouped(counts.updated),
       grouped(counts.deleted),
       grouped(counts.unchanged),
       Cell{grouped(counts.conflicts), counts.conflicts > 0 ? Colour::yellow : Colour::plain},
       Cell{grouped(counts.failed), counts.failed > 0 ? Colour::red : Colour::plain}}
  );
}

std::string quoted(const std::optional<std::string>& value) {
  return value && !value->empty() ? "\"" + terminal_safe(*value) + "\"" : "(empty)";
}

/// "update in HubSpot", "create here", "conflict".
std::string heading(const api::PlannedChange& change) {
  if (change.action == "conflict") {
    return "conflict";
  }
  return terminal_safe(change.action) + (change.direction == "to_hubspot" ? " in HubSpot" : " here");
}

Colour colour_of_action(const std::string& action) {
  if (action == "create") {
    return Colour::green;
  }
  if (action == "delete") {
    return Colour::red;
  }
  return action == "conflict" ? Colour::yellow : Colour::cyan;
}

std::string change_report(const api::PlannedChange& change, bool colours) {
  std::string out = coloured(colour_of_action(change.action), heading(change), colours) + "  " +
                    terminal_safe(change.type) + (change.id ? " " + terminal_safe(*change.id) : "");
  out += change.hubspot_id ? " (HubSpot " + terminal_safe(*change.hubspot_id) + ")\n" : "\n";
  for (const api::PlannedField& field : change.fields) {
    out += "    " + terminal_safe(field.field) + ": ";
    out += change.action == "create" ? "" : quoted(field.before) + " → ";
    out += quoted(field.after) + "\n";
  }
  for (const api::PlannedConflict& conflict : change.conflicts) {
    out += "    " + terminal_safe(conflict.field) + ": base " + quoted(conflict.base) + ", local " +
           quoted(conflict.local) + ", HubSpot " + quoted(conflict.hubspot) + "\n";
  }
  return out;
}

std::string plan_summary(const std::vector<api::PlannedChange>& plan) {
  std::map<std::string, std::int64_t> counts;
  for (const api::PlannedChange& change : plan) {
    ++counts[heading(change)];
  }
  std::string out;
  for (const auto& [what, count] : counts) {
    out += (out.empty() ? "" : ", ") + grouped(count) + " × " + what;
  }
  return out.empty() ? "nothing to do" : out;
}

}  // namespace

std::string run_report(const api::Run& run, bool colours) {
  std::string out =
      title(run) + ": " + coloured(colour_of_state(run.state), terminal_safe(run.state), colours);
  if (run.finished_at) {
    out += " in " + short_duration(*run.finished_at - run.started_at);
  }
  out += ", " + counted(run.api_calls, "call") + " to HubSpot\n";
  Table table{{
      {""},
      {"CREATED", true},
      {"UPDATED", true},
      {"DELETED", true},
      {"UNCHANGED", true},
      {"CONFLICTS", true},
      {"FAILED", true},
  }};
  add_counts(table, "to HubSpot", run.counts.to_hubspot);
  add_counts(table, "from HubSpot", run.counts.from_hubspot);
  out += table.take(colours);
  for (const api::Guard& guard : run.guards) {
    out += coloured(Colour::red, "guard ", colours) + terminal_safe(guard.id) + ": " +
           terminal_safe(guard.message) + "\n";
  }
  return out;
}

std::string plan_report(const api::Run& run, bool colours, std::size_t room) {
  const std::vector<api::PlannedChange> plan = run.plan.value_or(std::vector<api::PlannedChange>{});
  std::string out;
  for (const api::PlannedChange& change : plan) {
    out += change_report(change, colours);
  }
  out += out.empty() ? "" : "\n";
  const std::string summary = "Plan of " + title(run) + ": " + plan_summary(plan) + ". Nothing was written.";
  return out + (room > 0 ? filled(summary, room) : summary + "\n");
}

}  // namespace hubsync::cli
