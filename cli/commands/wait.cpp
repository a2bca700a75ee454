#include "cli/commands/wait.hpp"

#include <algorithm>

namespace hubsync::cli {
namespace {

/// A daemon that is just being started gets this long to open its socket.
constexpr Duration start_up{1'000};

bool may_be_starting(const CallError& error, Duration waited) {
  return error.exit == ExitCode::unreachable && waited < start_up;
}

ExitCode finish(const WaitArgs& args, const Answer<api::Status>& answer, Context& context) {
  context.out.json() ? context.out.json_line(answer.json)
                     : context.out.note(args.for_synced ? "synced" : "idle");
  const bool errors =
      std::ranges::any_of(answer.value.records, [](const auto& entry) { return entry.second.error > 0; });
  if (args.for_synced && errors) {
    context.out.note("hubsync: some records are in error; see `hubsync logs --status failed`");
    return ExitCode::some_failed;
  }
  return ExitCode::done;
}

}  // namespace

bool is_idle(const api::Status& status) {
  return status.state != "syncing" && status.queue.running == 0;
}

bool is_synced(const api::Status& status) {
  const api::QueueStatus& queue = status.queue;
  const bool none_pending =
      std::ranges::none_of(status.records, [](const auto& entry) { return entry.second.pending > 0; });
  const bool heard_of_hubspot = status.freshness != "unknown" && status.freshness != "stalled";
  return is_idle(status) && heard_of_hubspot && none_pending && queue.pending == 0 && queue.retrying == 0 &&
         status.webhooks.backlog == 0;
}

ExitCode run_wait(const WaitArgs& args, Context& context) {
  const auto parsed = parse_timeout(args.timeout);
  if (!parsed) {
    return report(context.out, {parsed.error(), ExitCode::usage});
  }
  const std::optional<Duration>& timeout = *parsed;
  const Instant start = context.clock.now();
  while (true) {
    const auto answer = context.client.status();
    const Duration waited = context.clock.now() - start;
    if (!answer && !may_be_starting(answer.error(), waited)) {
      return report(context.out, answer.error());
    }
    if (answer && (args.for_synced ? is_synced : is_idle)(answer->value)) {
      return finish(args, *answer, context);
    }
    if (timeout && waited >= *timeout) {
      if (!answer) {
        return report(context.out, answer.error());
      }
      const std::string wanted = args.for_synced ? "synced" : "idle";
      return report(
          context.out,
          {Error{ErrorCode::unavailable, "not " + wanted + " in time", "`hubsync status` shows why", ""},
           ExitCode::timed_out}
      );
    }
    context.clock.sleep(timeout ? std::min(poll_every, *timeout) : poll_every);
  }
}

}  // namespace hubsync::cli
