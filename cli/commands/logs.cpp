#include "cli/commands/logs.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "cli/commands/print.hpp"
#include "cli/output/table.hpp"
#include "cli/output/when.hpp"
#include "common/api_codec.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

constexpr Duration follow_every{1'000};

/// How many entries --follow remembers as printed; older ones are beyond the page it asks for.
constexpr std::size_t remembered = 4 * static_cast<std::size_t>(api::max_limit);

Table log_table() {
  return Table{{
      {"ID", true},
      {"WHEN"},
      {"STATUS"},
      {"ACTION", false, 0, 2},
      {"DIRECTION", false, 0, 1},
      {"TYPE", false, 0, 3},
      {"RECORD"},
      {"HUBSPOT", false, 0, 5},
      {"TRIES", true, 0, 4},
      {"ERROR", false, 60},
  }};
}

std::vector<Cell> row_of(const api::SyncLog& log, Instant now) {
  return {
      log.id,
      ago(log.completed_at ? *log.completed_at : log.created_at, now),
      Cell{log.status, colour_of_state(log.status)},
      log.action,
      direction_words(log.direction),
      log.entity_type,
      or_dash(log.entity_id),
      or_dash(log.hubspot_id),
      std::to_string(log.retry_count + 1),
      log.error_message.value_or("")
  };
}

std::string log_details(const api::SyncLog& log, Instant now, const Output& out) {
  Details details;
  details.add("id", log.id);
  details.add("record", log.entity_type + " " + or_dash(log.entity_id));
  details.add("HubSpot id", or_dash(log.hubspot_id));
  details.add("action", log.action + " " + direction_words(log.direction));
  details.add("status", {log.status, colour_of_state(log.status)});
  details.add("retries", std::to_string(log.retry_count) + " of " + std::to_string(log.max_retries));
  if (log.next_retry_at) {
    details.add("next retry", ago(log.next_retry_at, now));
  }
  if (log.error_message) {
    details.add("error", {*log.error_message, Colour::red});
  }
  details.add("correlation id", or_dash(log.correlation_id));
  details.add("took", log.duration_ms ? short_duration(Duration{*log.duration_ms}) : "-");
  details.add("created", ago(log.created_at, now));
  details.add("completed", ago(log.completed_at, now));
  for (const api::Field& field : log.payload.value_or(api::FieldList{})) {
    details.add("sent " + field.name, field.value.value_or(""));
  }
  if (log.response) {
    details.add("response", *log.response);
  }
  return details.take(out.colours(), out.room());
}

Result<LogFilter> filter_of(const LogsArgs& args, Instant now) {
  LogFilter filter = args.filter;
  if (args.since.empty()) {
    return filter;
  }
  const auto back = parse_duration(args.since);
  filter.since = back ? std::optional{now - *back} : parse_instant(args.since);
  if (!filter.since) {
    return fail(
        ErrorCode::invalid, "--since is neither a duration nor a time", "such as 2h or 2026-11-24T08:00:00Z"
    );
  }
  return filter;
}

/// Remembers in which state each entry was printed, so that it is printed again when that changes.
class Followed {
 public:
  bool is_news(const api::SyncLog& log) {
    std::string state = log.status + " " + std::to_string(log.retry_count);
    const auto [place, added] = printed_.try_emplace(log.id, state);
    const bool news = added || place->second != state;
    place->second = std::move(state);
    if (added) {
      order_.push_back(log.id);
    }
    if (order_.size() > remembered) {
      printed_.erase(order_.front());
      order_.erase(order_.begin());
    }
    return news;
  }

 private:
  std::map<std::string, std::string> printed_;
  std::vector<std::string> order_;
};

void print_entry(const api::SyncLog& log, Table& table, Context& context) {
  if (context.out.json()) {
    context.out.json_line(api::encode(log));
  } else if (context.out.quiet()) {
    context.out.line(terminal_safe(log.id));
  } else {
    table.add(row_of(log, context.clock.now()));
  }
}

ExitCode follow_logs(LogFilter filter, Context& context) {
  filter.limit = std::max(filter.limit, api::default_limit);
  Table table = log_table();
  Followed followed;
  while (true) {
    auto answer = context.client.logs(filter);
    if (!answer) {
      return report(context.out, answer.error());
    }
    std::ranges::reverse(answer->value.items);  // The API lists the newest first.
    for (const api::SyncLog& log : answer->value.items) {
      if (followed.is_news(log)) {
        print_entry(log, table, context);
      }
    }
    if (!context.out.json() && !context.out.quiet()) {
      context.out.text(table.take(context.out.colours(), context.out.room()));
    }
    filter.limit =
        api::max_limit;  // Only the first page is the reader's own choice; nothing may be missed after it.
    context.clock.sleep(follow_every);
  }
}

ExitCode show_log(const Reply<api::SyncLog>& answer, Context& context) {
  return print_one(answer, context, [&context](const api::SyncLog& log) {
    return log_details(log, context.clock.now(), context.out);
  });
}

}  // namespace

ExitCode run_logs(const LogsArgs& args, Context& context) {
  if (!args.log_id.empty()) {
    return show_log(context.client.log(args.log_id), context);
  }
  const auto filter = filter_of(args, context.clock.now());
  if (!filter) {
    return report(context.out, {filter.error(), ExitCode::usage});
  }
  if (args.follow) {
    return follow_logs(*filter, context);
  }
  return print_page(
      context.client.logs(*filter),
      log_table(),
      context,
      [](const api::SyncLog& log) { return log.id; },
      [now = context.clock.now()](Table& rows, const api::SyncLog& log) { rows.add(row_of(log, now)); }
  );
}

ExitCode run_retry(const RetryArgs& args, Context& context) {
  if (args.all == !args.log_id.empty()) {
    return report_usage(
        context.out, "retry needs either a log id or --all", "`hubsync logs --status failed` lists them"
    );
  }
  if (!args.all) {
    return show_log(context.client.retry(args.log_id), context);
  }
  const auto answer = context.client.retry_all();
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else if (!context.out.quiet()) {
    context.out.line(counted(answer->value.retried, "record") + " will be tried again");
  }
  return ExitCode::done;
}

}  // namespace hubsync::cli
