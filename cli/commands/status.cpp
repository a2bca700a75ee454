#include "cli/commands/status.hpp"

#include "cli/output/table.hpp"
#include "cli/output/when.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

Cell count_cell(std::int64_t number, Colour colour) {
  return {grouped(number), number > 0 ? colour : Colour::dim};
}

std::string headline(const api::Status& status, bool colours) {
  const auto word = [colours](const std::string& text) {
    return coloured(colour_of_state(text), terminal_safe(text), colours);
  };
  return coloured(Colour::bold, "hubsyncd " + terminal_safe(status.version), colours) + "  " +
         word(status.state) + "  up " + short_duration(std::chrono::seconds{status.uptime_seconds}) +
         "  data " + word(status.freshness) + "\n";
}

std::string records_table(const api::Status& status, bool colours) {
  Table table{{
      {"RECORDS"},
      {"TOTAL", true},
      {"SYNCED", true},
      {"PENDING", true},
      {"CONFLICT", true},
      {"ERROR", true},
  }};
  for (const auto& [type, counts] : status.records) {
    table.add(
        {type,
         grouped(counts.total),
         count_cell(counts.synced, Colour::green),
         count_cell(counts.pending, Colour::yellow),
         count_cell(counts.conflict, Colour::yellow),
         count_cell(counts.error, Colour::red)}
    );
  }
  return table.take(colours);
}

std::string rate_words(const api::RateStatus& rate) {
  return grouped(rate.available) + " of " + grouped(rate.capacity) + " calls free per " +
         format_duration(Duration{rate.interval_ms}) + ", " + grouped(rate.waiting) + " waiting, " +
         grouped(rate.daily_used) + " of " + grouped(rate.daily_limit) + " used today";
}

std::string webhook_words(const api::WebhookStatus& hooks, Instant now) {
  if (!hooks.listening) {
    return "not listening; polling only";
  }
  return grouped(hooks.received) + " received, " + grouped(hooks.rejected) + " rejected, " +
         grouped(hooks.backlog) + " in the inbox, " +
         (hooks.last_event_at ? "last " + ago(hooks.last_event_at, now) : "none yet");
}

Cell run_cell(const std::optional<api::Run>& run, Instant now) {
  if (!run) {
    return {"never", Colour::dim};
  }
  std::string words = run->state + " " + ago(run->finished_at ? run->finished_at : run->started_at, now);
  if (run->finished_at) {
    words += ", took " + short_duration(*run->finished_at - run->started_at);
  }
  if (run->error) {
    words += ": " + truncate_to_width(terminal_safe(run->error->message), 60);
  }
  return {words, run->state == "succeeded" ? Colour::plain : colour_of_state(run->state)};
}

Cell waiting_cell(const api::Waiting& waiting, const std::string& words, const std::string& command) {
  if (waiting.pending == 0) {
    return {"none", Colour::dim};
  }
  return {grouped(waiting.pending) + words + (command.empty() ? "" : ": " + command), Colour::yellow};
}

}  // namespace

std::string status_screen(const api::Status& status, Instant now, bool colours, std::size_t room) {
  const api::QueueStatus& queue = status.queue;
  Details details;
  details.add(
      "Queue",
      grouped(queue.pending) + " pending, " + grouped(queue.running) + " running, " +
          grouped(queue.retrying) + " retrying, " + grouped(queue.failed) + " failed, " +
          grouped(queue.completed) + " completed"
  );
  if (status.state == "paused") {
    details.add("Paused", {"nothing is sent until hubsync queue resume", Colour::yellow});
  }
  if (queue.failed > 0) {
    details.add("Failed", {grouped(queue.failed) + ": hubsync logs --status failed", Colour::red});
  }
  details.add("Rate limit", rate_words(status.rate_limit));
  details.add("Webhooks", webhook_words(status.webhooks, now));
  details.add("Conflicts", waiting_cell(status.conflicts, " open", "hubsync conflicts list"));
  details.add("Guards", waiting_cell(status.guards, " waiting for a person", "hubsync guard list"));
  details.add("Full sync", run_cell(status.last_full_sync, now));
  details.add("Last poll", run_cell(status.last_poll, now));
  for (const Error& problem : status.problems) {
    const std::string hint = problem.hint.empty() ? "" : " (" + problem.hint + ")";
    details.add("Problem", {problem.message + hint, Colour::red});
  }
  return headline(status, colours) + "\n" + records_table(status, colours) + "\n" +
         details.take(colours, room);
}

ExitCode run_status(const StatusArgs& args, Context& context) {
  const auto answer = context.client.status();
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else if (!context.out.quiet()) {
    context.out.text(
        status_screen(answer->value, context.clock.now(), context.out.colours(), context.out.room())
    );
  }
  const auto found = failing(args.fail_on, answer->value);
  for (const std::string& what : found) {
    context.out.note("hubsync: " + what);
  }
  return found.empty() ? ExitCode::done : ExitCode::failed;
}

}  // namespace hubsync::cli
