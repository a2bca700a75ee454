#include "cli/commands/queue.hpp"

#include "cli/commands/print.hpp"
#include "cli/output/table.hpp"
#include "cli/output/when.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

std::vector<Cell> row_of(const api::DueItem& item, Instant now) {
  const bool now_due = item.state == "ready" && item.next_at && *item.next_at <= now;
  const std::string next = item.next_at && item.state != "failed" ? ago(item.next_at, now) : "-";
  return {
      item.entity_type,
      item.entity_id,
      or_dash(item.hubspot_id),
      Cell{item.state, colour_of_state(item.state)},
      std::to_string(item.attempts),
      ago(item.since, now),
      now_due ? "now" : next,
      item.error_message.value_or("")
  };
}

}  // namespace

ExitCode run_queue_list(const QueueListArgs& args, Context& context) {
  const auto answer = context.client.queue(args.page, args.limit);
  Table table{{
      {"TYPE"},
      {"RECORD"},
      {"HUBSPOT", false, 0, 4},
      {"STATE"},
      {"ATTEMPTS", true, 0, 2},
      {"SINCE", false, 0, 3},
      {"NEXT", false, 0, 1},
      {"ERROR", false, 60},
  }};
  const ExitCode code = print_page(
      answer,
      std::move(table),
      context,
      [](const api::DueItem& item) { return item.entity_id; },
      [now = context.clock.now()](Table& rows, const api::DueItem& item) { rows.add(row_of(item, now)); }
  );
  if (answer && !context.out.json() && !context.out.quiet()) {
    if (const auto status = context.client.status(); status && status->value.state == "paused") {
      context.out.note("paused: nothing is written to HubSpot until `hubsync queue resume`");
    }
  }
  return code;
}

ExitCode run_queue_pause(const QueuePauseArgs& args, Context& context) {
  const auto answer = context.client.pause_queue(args.paused);
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else if (!context.out.quiet()) {
    context.out.line(
        answer->value.paused ? "paused: nothing is written to HubSpot until `hubsync queue resume`"
                             : "resumed: what waits is sent now"
    );
  }
  return ExitCode::done;
}

ExitCode run_queue_cancel(const QueueCancelArgs& args, Context& context) {
  const auto answer = context.client.cancel(args.record_id);
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (!context.out.json() && !context.out.quiet()) {
    context.out.line("cancelled what waited for " + terminal_safe(args.record_id));
  }
  return ExitCode::done;
}

}  // namespace hubsync::cli
