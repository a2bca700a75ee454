#include "cli/commands/top.hpp"

#include <utility>

#include "cli/output/dashboard.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

constexpr std::int64_t shown_entries = 50;
/// Shorter looks would keep the daemon busy with being looked at.
constexpr Duration shortest_interval{100};

std::expected<std::int64_t, CallError> count_logs(const std::string& direction, Context& context) {
  const auto page = context.client.logs({.status = "success", .direction = direction, .limit = 1});
  return page ? std::expected<std::int64_t, CallError>{page->value.total} : std::unexpected(page.error());
}

struct Seen {
  Look look;
  std::string json;  ///< The status as it came.
};

std::expected<Seen, CallError> look_at(Context& context) {
  auto status = context.client.status();
  if (!status) {
    return std::unexpected(std::move(status.error()));
  }
  Seen seen{.look = {.at = context.clock.now()}, .json = std::move(status->json)};
  seen.look.status = std::move(status->value);
  const auto sent = count_logs("to_hubspot", context);
  const auto taken = count_logs("from_hubspot", context);
  auto recent = context.client.logs({.limit = shown_entries});
  if (!sent || !taken || !recent) {
    return std::unexpected(!sent ? sent.error() : !taken ? taken.error() : recent.error());
  }
  seen.look.sent = *sent;
  seen.look.taken = *taken;
  seen.look.recent = std::move(recent->value.items);
  return seen;
}

std::string trigger(bool full, Context& context) {
  const auto triggered = context.client.trigger({.full = full});
  if (!triggered) {
    return terminal_safe(triggered.error().error.message);
  }
  return (triggered->value.joined ? "joined run " : "started run ") + terminal_safe(triggered->value.run_id);
}

std::string toggle_pause(const Dashboard& board, Context& context) {
  const auto answer = context.client.pause_queue(board.last().status.state != "paused");
  if (!answer) {
    return terminal_safe(answer.error().error.message);
  }
  return answer->value.paused ? "paused: nothing is written to HubSpot" : "resumed";
}

void toggle_conflicts(Dashboard& board, Context& context) {
  if (board.shows_conflicts()) {
    board.show_conflicts(std::nullopt);
    return;
  }
  auto page = context.client.conflicts({.limit = shown_entries});
  if (page) {
    board.show_conflicts(std::move(page->value.items));
  } else {
    board.remark(terminal_safe(page.error().error.message));
  }
}

/// False: the person is done.
bool press(char key, Dashboard& board, Context& context) {
  constexpr char escape = 27;
  switch (key) {
    case 'q':
      return false;
    case 'p':
      board.remark(toggle_pause(board, context));
      break;
    case 's':
    case 'f':
      board.remark(trigger(key == 'f', context));
      break;
    case 'c':
      toggle_conflicts(board, context);
      break;
    case escape:
      board.show_conflicts(std::nullopt);
      break;
    default:
      break;
  }
  return true;
}

void print(const Dashboard& board, const std::string& json, Context& context) {
  if (context.out.json()) {
    context.out.json_line(json);
    context.out.flush();
    return;
  }
  std::string text;
  for (const ScreenLine& line : board.lines({.rows = 24, .columns = context.out.columns()}, false)) {
    text += plain_text(line) + "\n";
  }
  context.out.text(text + "\n");
}

/// Keys until the next look is due; false when the person is done.
bool serve_keys(Screen& screen, Duration interval, Dashboard& board, Context& context) {
  const Instant due = context.clock.now() + interval;
  while (true) {
    screen.draw(board.lines(screen.size(), true));
    const Duration left = due - context.clock.now();
    if (left <= Duration{0}) {
      return true;
    }
    const auto key = screen.key(left);
    if (key && !press(*key, board, context)) {
      return false;
    }
  }
}

}  // namespace

ExitCode run_top(const TopArgs& args, Context& context) {
  // A daemon that is not there is told before the screen is taken over.
  if (const auto there = context.client.status(); !there) {
    return report(context.out, there.error());
  }
  const auto screen = context.out.json() ? nullptr : open_screen(context.out.colours());
  return run_top_on(screen.get(), args, context);
}

ExitCode run_top_on(Screen* screen, const TopArgs& args, Context& context) {
  const auto interval = parse_duration(args.interval);
  if (!interval || *interval < shortest_interval) {
    return report_usage(
        context.out, "--interval needs a duration of at least 100ms", "such as 1s", "--interval"
    );
  }
  Dashboard board;
  for (std::int64_t looks = 1;; ++looks) {
    auto seen = look_at(context);
    if (seen) {
      board.add(std::move(seen->look));
    } else if (screen == nullptr) {
      return report(context.out, seen.error());
    } else {
      board.lost(terminal_safe(seen.error().error.message));
    }
    if (screen == nullptr) {
      print(board, seen->json, context);
    } else if (!serve_keys(*screen, *interval, board, context)) {
      return ExitCode::done;
    }
    if (looks == args.count) {
      return ExitCode::done;
    }
    if (screen == nullptr) {
      context.clock.sleep(*interval);
    }
  }
}

}  // namespace hubsync::cli
