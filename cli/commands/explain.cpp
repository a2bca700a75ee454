#include "cli/commands/explain.hpp"

#include <algorithm>

#include "cli/output/table.hpp"
#include "cli/output/when.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

Colour colour_of(const std::string& state) {
  if (state == "conflict") {
    return Colour::red;
  }
  return state == "in step" ? Colour::green : Colour::yellow;
}

std::string value_or_dash(const std::optional<std::string>& value) {
  return value.value_or("-");
}

/// The base as both sides have it; both forms where HubSpot keeps its own.
std::string base_of(const api::ExplainedField& field) {
  if (field.base == field.base_hubspot) {
    return value_or_dash(field.base);
  }
  return value_or_dash(field.base) + " | " + value_or_dash(field.base_hubspot);
}

/// Between two columns of a table.
constexpr std::size_t gap = 2;

/// What each of `columns` gets of the width that `fixed` leaves; never too little to read.
std::size_t room(const Output& out, std::size_t fixed, std::size_t columns) {
  return std::max<std::size_t>(8, (out.columns() > fixed ? out.columns() - fixed : 0) / columns);
}

std::string field_table(const api::Explanation& record, const Output& out) {
  const std::size_t width = room(out, 53, 3);
  Table table{{
      {"FIELD", false, 16},
      {"STATE"},
      {"LOCAL", false, width},
      {"BASE", false, width},
      {"HUBSPOT", false, width},
      {"RULE"},
  }};
  for (const api::ExplainedField& field : record.fields) {
    table.add(
        {field.field,
         Cell{field.state, colour_of(field.state)},
         value_or_dash(field.local),
         base_of(field),
         value_or_dash(field.hubspot),
         or_dash(field.rule)}
    );
  }
  return table.take(out.colours());
}

std::string reasons(const api::Explanation& record, const Output& out) {
  std::string text;
  for (const api::ExplainedField& field : record.fields) {
    if (field.why) {
      const std::string line = "  " + terminal_safe(field.field) + ": " + terminal_safe(*field.why);
      text += filled(line, out.columns(), 4);
    }
  }
  return text;
}

std::string by_whom(const api::LastWriter& writer, Instant now) {
  std::string out = ago(writer.timestamp, now);
  out += writer.user ? " by " + *writer.user : "";
  return out + (writer.source ? " (" + *writer.source + ")" : "");
}

std::string writers(const api::Explanation& record, Instant now, const Output& out) {
  const std::size_t width = room(out, 16 + 2 * gap, 2);
  Table table{
      {{"FIELD", false, 16}, {"LAST WRITTEN HERE", false, width}, {"LAST WRITTEN IN HUBSPOT", false, width}}
  };
  bool any = false;
  for (const api::ExplainedField& field : record.fields) {
    if (!field.last_local && !field.last_hubspot) {
      continue;
    }
    any = true;
    table.add(
        {field.field,
         field.last_local ? by_whom(*field.last_local, now) : std::string{"-"},
         field.last_hubspot ? by_whom(*field.last_hubspot, now) : std::string{"-"}}
    );
  }
  return any ? "\n" + table.take(out.colours()) : "";
}

std::string pending_of(const api::Explanation& record, Instant now) {
  if (!record.pending) {
    return "nothing";
  }
  const api::DueItem& due = *record.pending;
  std::string text = due.state + " since " + ago(due.since, now);
  text += due.attempts > 0 ? ", " + counted(due.attempts, "failed attempt") : "";
  text += due.next_at ? ", next " + ago(due.next_at, now) : "";
  text += record.waiting_on ? ", waits for " + *record.waiting_on : "";
  return text;
}

std::string logs(const api::Explanation& record, Instant now, const Output& out) {
  if (record.recent_logs.empty()) {
    return {};
  }
  Table table{{{"LOG"}, {"WHEN"}, {"ACTION"}, {"DIRECTION"}, {"STATUS"}, {"ERROR", false, room(out, 56, 1)}}};
  for (const api::SyncLog& log : record.recent_logs) {
    table.add(
        {log.id,
         ago(log.completed_at ? log.completed_at : std::optional{log.created_at}, now),
         log.action,
         direction_words(log.direction),
         Cell{log.status, colour_of_state(log.status)},
         or_dash(log.error_message)}
    );
  }
  return "\n" + table.take(out.colours());
}

std::string explanation_report(const api::Explanation& record, Instant now, const Output& out) {
  Details details;
  details.add("record", record.type + " " + record.id + ", version " + std::to_string(record.version));
  std::string link = or_dash(record.hubspot_id);
  for (const std::string& former : record.former_hubspot_ids) {
    link += ", formerly " + former;
  }
  details.add("HubSpot id", link);
  details.add(
      "presence",
      "here " + record.local_presence + ", in HubSpot " + record.hubspot_presence + ", agreed " +
          record.base_presence
  );
  details.add("status", {record.sync_status, colour_of_state(record.sync_status)});
  details.add("agreed", ago(record.last_synced_at, now));
  details.add("pending", pending_of(record, now));
  if (record.conflict) {
    details.add("conflict", {record.conflict->id + ", `hubsync conflicts show` tells more", Colour::red});
  }
  const auto& pending_error = record.pending ? record.pending->error_message : std::nullopt;
  if (const auto& error = record.error_message ? record.error_message : pending_error) {
    details.add("error", {*error, Colour::red});
  }
  std::string text = filled(terminal_safe(record.summary), out.columns()) + "\n";
  text += details.take(out.colours(), out.room()) + "\n";
  text += field_table(record, out) + reasons(record, out);
  return text + writers(record, now, out) + logs(record, now, out);
}

}  // namespace

ExitCode run_explain(const ExplainArgs& args, Context& context) {
  const auto answer = context.client.explain(args.type, args.id);
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else if (context.out.quiet()) {
    context.out.line(terminal_safe(answer->value.sync_status));
  } else {
    context.out.text(explanation_report(answer->value, context.clock.now(), context.out));
  }
  return ExitCode::done;
}

}  // namespace hubsync::cli
