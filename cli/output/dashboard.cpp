#include "cli/output/dashboard.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "cli/output/table.hpp"
#include "cli/output/when.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

/// As many samples as a wide terminal shows.
constexpr std::size_t kept_rates = 300;
constexpr std::size_t label_width = 11;
constexpr std::size_t bar_width = 24;

std::string right(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

std::string left(const std::string& text, std::size_t width) {
  const std::string cut = truncate_to_width(text, width);
  const std::size_t taken = display_width(cut);
  return cut + std::string(width > taken ? width - taken : 0, ' ');
}

Span label(const std::string& text) {
  return {left(text, label_width), Colour::dim};
}

Span count(std::int64_t number, std::size_t width, Colour when_some) {
  return {right(grouped(number), width), number > 0 ? when_some : Colour::dim};
}

std::string rate_text(double per_second) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%7.1f/s", per_second);
  return text.data();
}

ScreenLine bar_line(
    const std::string& name, std::int64_t part, std::int64_t whole, Colour colour, const std::string& rest
) {
  const double share =
      whole > 0 ? std::clamp(static_cast<double>(part) / static_cast<double>(whole), 0.0, 1.0) : 0.0;
  const auto full = static_cast<std::size_t>(std::floor(share * bar_width));
  return {
      label(name),
      {"["},
      {std::string(full, '#'), colour},
      {std::string(bar_width - full, '-'), Colour::dim},
      {"]  " + grouped(part) + " of " + grouped(whole) + rest}
  };
}

std::string run_words(const std::optional<api::Run>& run, Instant now) {
  if (!run) {
    return "never";
  }
  return run->state + " " + ago(run->finished_at ? run->finished_at : run->started_at, now);
}

void add_records(std::vector<ScreenLine>& lines, const api::Status& status) {
  lines.push_back({label("RECORDS"), {"     total    synced   pending  conflict     error", Colour::dim}});
  for (const auto& [type, counts] : status.records) {
    lines.push_back(
        {label(terminal_safe(type)),
         {right(grouped(counts.total), 10)},
         count(counts.synced, 10, Colour::green),
         count(counts.pending, 10, Colour::yellow),
         count(counts.conflict, 10, Colour::yellow),
         count(counts.error, 10, Colour::red)}
    );
  }
}

void add_limits(std::vector<ScreenLine>& lines, const api::Status& status) {
  const api::QueueStatus& queue = status.queue;
  lines.push_back(
      {label("QUEUE"),
       count(queue.pending, 1, Colour::yellow),
       {" pending  "},
       count(queue.running, 1, Colour::cyan),
       {" running  "},
       count(queue.retrying, 1, Colour::yellow),
       {" retrying  "},
       count(queue.failed, 1, Colour::red),
       {" failed  " + grouped(queue.completed) + " completed"}}
  );
  const api::RateStatus& rate = status.rate_limit;
  const std::string waiting = rate.waiting > 0 ? ", " + grouped(rate.waiting) + " waiting" : "";
  lines.push_back(bar_line(
      "RATE LIMIT",
      rate.available,
      rate.capacity,
      Colour::green,
      " free per " + format_duration(Duration{rate.interval_ms}) + waiting
  ));
  const bool scarce = rate.daily_used * 5 > rate.daily_limit * 4;
  lines.push_back(
      bar_line("TODAY", rate.daily_used, rate.daily_limit, scarce ? Colour::red : Colour::cyan, " calls used")
  );
}

void add_sources(std::vector<ScreenLine>& lines, const api::Status& status, Instant now) {
  const api::WebhookStatus& hooks = status.webhooks;
  lines.push_back(
      {label("WEBHOOKS"),
       {hooks.listening ? (hooks.last_event_at ? "last " + ago(hooks.last_event_at, now) : "none yet") +
                              ", " + grouped(hooks.received) + " received, " + grouped(hooks.rejected) +
                              " rejected, " + grouped(hooks.backlog) + " in the inbox"
                        : "not listening; polling only",
        hooks.listening ? Colour::plain : Colour::dim}}
  );
  lines.push_back(
      {label("LAST POLL"),
       {left(run_words(status.last_poll, now), 26)},
       {"full sync  ", Colour::dim},
       {run_words(status.last_full_sync, now)}}
  );
  const auto waiting = [](const api::Waiting& what, const std::string& name) {
    const std::string words = grouped(what.pending) + " " + name + (what.pending == 1 ? "" : "s");
    return Span{words, what.pending > 0 ? Colour::yellow : Colour::dim};
  };
  lines.push_back(
      {label("WAITING"), waiting(status.conflicts, "open conflict"), {"  "}, waiting(status.guards, "guard")}
  );
  for (const Error& problem : status.problems) {
    lines.push_back({label("PROBLEM"), {terminal_safe(problem.message), Colour::red}});
  }
}

ScreenLine activity_line(const api::SyncLog& entry, Instant now) {
  const bool out = entry.direction == "to_hubspot";
  const bool failed = entry.status == "failed";
  ScreenLine line{
      {right(short_age(entry.completed_at.value_or(entry.created_at), now), 5) + "  ", Colour::dim},
      {out ? "→ HubSpot  " : "← HubSpot  ", out ? Colour::cyan : Colour::green},
      {left(terminal_safe(entry.action), 7)},
      {left(terminal_safe(entry.entity_type), 10)},
      {left(terminal_safe(entry.status), 9), colour_of_state(entry.status)},
      {terminal_safe(entry.entity_id.value_or("-"))}
  };
  if (failed && entry.error_message) {
    line.push_back({"  " + terminal_safe(*entry.error_message), Colour::red});
  }
  return line;
}

ScreenLine conflict_line(const api::Conflict& conflict, Instant now) {
  std::string fields;
  for (const std::string& field : conflict.conflicting_fields) {
    fields += (fields.empty() ? "" : ", ") + field;
  }
  return {
      {right(terminal_safe(conflict.id), 6) + "  ", Colour::bold},
      {left(terminal_safe(conflict.entity_type), 11)},
      {left(terminal_safe(conflict.entity_id), 38)},
      {left(terminal_safe(fields), 20), Colour::yellow},
      {"  " + ago(conflict.detected_at, now), Colour::dim}
  };
}

}  // namespace

std::string sparkline(const std::deque<double>& values, std::size_t columns) {
  constexpr std::array<const char*, 8> bars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t shown = std::min(values.size(), columns);
  const auto first = values.end() - static_cast<std::ptrdiff_t>(shown);
  const double top = shown == 0 ? 0 : *std::max_element(first, values.end());
  std::string line;
  for (auto value = first; value != values.end(); ++value) {
    if (top <= 0 || *value <= 0) {
      line += ' ';
      continue;
    }
    const auto eighths = static_cast<std::size_t>(std::ceil(*value / top * static_cast<double>(bars.size())));
    line += bars[std::clamp<std::size_t>(eighths, 1, bars.size()) - 1];
  }
  return line;
}

void Dashboard::add(Look look) {
  const double seconds = std::chrono::duration<double>(look.at - look_.at).count();
  if (look_.at != Instant{} && seconds > 0) {
    const auto rate = [seconds](std::int64_t before, std::int64_t now) {
      return now > before ? static_cast<double>(now - before) / seconds : 0.0;
    };
    sent_rates_.push_back(rate(look_.sent, look.sent));
    taken_rates_.push_back(rate(look_.taken, look.taken));
    if (sent_rates_.size() > kept_rates) {
      sent_rates_.pop_front();
      taken_rates_.pop_front();
    }
  }
  look_ = std::move(look);
  lost_.clear();
  if (--remark_looks_ <= 0) {
    remark_.clear();
  }
}

std::vector<ScreenLine> Dashboard::lines(ScreenSize size, bool keys) const {
  const api::Status& status = look_.status;
  const Instant now = look_.at;
  std::vector<ScreenLine> lines;
  lines.push_back(
      {{"hubsyncd " + terminal_safe(status.version) + "  ", Colour::bold},
       {terminal_safe(status.state), colour_of_state(status.state)},
       {"  up " + short_duration(std::chrono::seconds{status.uptime_seconds}) + "  data "},
       {terminal_safe(status.freshness), colour_of_state(status.freshness)},
       {status.portal_id ? "  portal " + terminal_safe(*status.portal_id) : "", Colour::dim}}
  );
  lines.push_back(lost_.empty() ? ScreenLine{} : ScreenLine{{lost_, Colour::red}});
  add_records(lines, status);
  const std::size_t room = size.columns > label_width + 12 ? size.columns - label_width - 12 : 0;
  const auto rate_line = [room](const std::string& name, const std::deque<double>& rates, Colour colour) {
    return ScreenLine{
        label(name), {rate_text(rates.empty() ? 0 : rates.back()) + "  "}, {sparkline(rates, room), colour}
    };
  };
  lines.push_back(rate_line("→ HubSpot", sent_rates_, Colour::cyan));
  lines.push_back(rate_line("← HubSpot", taken_rates_, Colour::green));
  add_limits(lines, status);
  add_sources(lines, status, now);
  lines.emplace_back();
  lines.push_back(
      {{conflicts_ ? "OPEN CONFLICTS   hubsync conflicts resolve ID" : "RECENT ACTIVITY", Colour::dim}}
  );
  const std::size_t last = keys && size.rows > 0 ? size.rows - 1 : size.rows;
  const auto fits = [&] { return lines.size() < last; };
  if (conflicts_) {
    for (std::size_t i = 0; i < conflicts_->size() && fits(); ++i) {
      lines.push_back(conflict_line((*conflicts_)[i], now));
    }
  }
  for (std::size_t i = 0; !conflicts_ && i < look_.recent.size() && fits(); ++i) {
    lines.push_back(activity_line(look_.recent[i], now));
  }
  if (keys) {
    lines.resize(last);
    const std::string help = status.state == "paused" ? "q quit  p resume  s sync  f full sync  c conflicts"
                                                      : "q quit  p pause  s sync  f full sync  c conflicts";
    lines.push_back({{help, Colour::dim}, {remark_.empty() ? "" : "   " + remark_, Colour::bold}});
  }
  return lines;
}

}  // namespace hubsync::cli
