#include "cli/commands/sync.hpp"

#include <algorithm>

#include "cli/commands/plan.hpp"
#include "cli/commands/run_report.hpp"
#include "cli/output/progress.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

/// One record is synced while we wait; HubSpot's rate limit may hold it back this long.
constexpr Duration record_timeout{10 * 60'000};

/// So many looks in a row have to find the daemon locked out.
constexpr int patience = 3;

CallError timed_out(const std::string& run_id) {
  return {
      Error{
          ErrorCode::unavailable,
          "run " + run_id + " has not finished in time",
          "it goes on; `hubsync wait` or `hubsync sync --wait` waits again",
          ""
      },
      ExitCode::timed_out
  };
}

/// What --fail-on finds in a finished run; `status` tells of what a run does not know.
Result<std::vector<std::string>> failing(const SyncArgs& args, const api::Run& run, Context& context) {
  std::vector<std::string> found;
  const auto& [to, from] = run.counts;
  if (args.fail_on.wants("conflicts") && to.conflicts + from.conflicts > 0) {
    found.push_back(counted(to.conflicts + from.conflicts, "conflict"));
  }
  if (args.fail_on.wants("failed") && to.failed + from.failed > 0) {
    found.push_back(counted(to.failed + from.failed, "failed record"));
  }
  if (args.fail_on.wants("guard") && !run.guards.empty()) {
    found.emplace_back("stopped by a guard");
  }
  if (found.empty() && !args.fail_on.conditions.empty()) {
    const auto status = context.client.status();
    return status ? Result<std::vector<std::string>>{cli::failing(args.fail_on, status->value)}
                  : std::unexpected(status.error().error);
  }
  return found;
}

/// With --full, records that are still in error count as failed, whichever run that was in.
bool some_still_in_error(const api::Run& run, Context& context) {
  const auto status = context.client.status();
  return status && std::ranges::any_of(status->value.records, [&run](const auto& entry) {
           return std::ranges::find(run.types, entry.first) != run.types.end() && entry.second.error > 0;
         });
}

ExitCode print_run(const Reply<api::Run>& answer, const SyncArgs& args, Context& context) {
  if (!answer) {
    return report(context.out, answer.error());
  }
  const api::Run& run = answer->value;
  if (!args.plan_file.empty() && !run.error) {
    if (const auto saved = save_plan(run, args.plan_file, context); !saved) {
      return report(context.out, saved.error());
    }
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else if (!context.out.quiet()) {
    const bool colours = context.out.colours();
    context.out.text(run.dry_run ? plan_report(run, colours, context.out.room()) : run_report(run, colours));
  }
  if (run.error) {
    context.out.error(*run.error);
  }
  ExitCode code = exit_code_of(run);
  if (code == ExitCode::done && args.full && !args.dry_run && some_still_in_error(run, context)) {
    context.out.note("hubsync: some records are still in error; see `hubsync logs --status failed`");
    code = ExitCode::some_failed;
  }
  if (code != ExitCode::done) {
    return code;
  }
  const auto found = failing(args, run, context);
  if (!found) {
    return report(context.out, {found.error(), ExitCode::failed});
  }
  for (const std::string& what : *found) {
    context.out.note("hubsync: " + what);
  }
  return found->empty() ? ExitCode::done : ExitCode::failed;
}

/// What a person has to put right before any run can go on. Where HubSpot only takes no writes of a type, a
/// run goes on and tells it at its end.
std::optional<Error> locked_out(Context& context) {
  const auto status = context.client.status();
  if (!status) {
    return std::nullopt;
  }
  const auto found = std::ranges::find_if(status->value.problems, [](const Error& problem) {
    return problem.field.empty() &&
           (problem.code == ErrorCode::refused || problem.code == ErrorCode::guarded);
  });
  return found == status->value.problems.end() ? std::nullopt : std::optional{*found};
}

}  // namespace

Reply<api::Run> wait_for_run(const std::string& id, std::optional<Duration> timeout, Context& context) {
  Progress progress{context.out};
  const Instant start = context.clock.now();
  int locked_out_since = 0;
  while (true) {
    auto answer = context.client.run(id);
    if (!answer) {
      return answer;
    }
    progress.update(answer->value, context.clock.now());
    if (answer->value.state != "running") {
      return answer;
    }
    // A scope that only one call needs is forgotten at the next call that succeeds.
    const auto problem = locked_out(context);
    locked_out_since = problem ? locked_out_since + 1 : 0;
    if (locked_out_since == patience) {
      return std::unexpected(CallError{*problem, exit_code_of(problem->code)});
    }
    if (timeout && context.clock.now() - start >= *timeout) {
      return std::unexpected(timed_out(id));
    }
    context.clock.sleep(timeout ? std::min(poll_every, *timeout) : poll_every);
  }
}

ExitCode exit_code_of(const api::Run& run) {
  if (run.state == "succeeded") {
    return ExitCode::done;
  }
  if (run.state == "partial") {
    return run.error ? exit_code_of(run.error->code) : ExitCode::some_failed;
  }
  if (run.state == "stopped" && (!run.guards.empty() || !run.error)) {
    return ExitCode::guarded;
  }
  return run.error ? exit_code_of(run.error->code) : ExitCode::failed;
}

ExitCode run_sync(const SyncArgs& args, Context& context) {
  const auto timeout = parse_timeout(args.timeout);
  if (!timeout) {
    return report(context.out, {timeout.error(), ExitCode::usage});
  }
  if (!args.plan_file.empty() && !args.dry_run) {
    return report_usage(context.out, "-o saves the plan of a dry run", "add --dry-run");
  }
  if (!args.id.empty() && (args.full || args.dry_run)) {
    return report_usage(context.out, "--full and --dry-run are for whole types, not for one record");
  }
  if (!args.id.empty()) {
    return print_run(
        context.client.sync_record(args.type, args.id, timeout->value_or(record_timeout)), args, context
    );
  }
  api::TriggerRequest request{.full = args.full, .dry_run = args.dry_run};
  if (!args.type.empty()) {
    request.types = {args.type};
  }
  const auto triggered = context.client.trigger(request);
  if (!triggered) {
    return report(context.out, triggered.error());
  }
  if (triggered->value.joined) {
    context.out.note("hubsync: a run was going already; joined it");
  }
  if (!args.wait && !args.dry_run && !*timeout && args.fail_on.conditions.empty()) {
    context.out.json() ? context.out.json_line(triggered->json)
                       : context.out.line(terminal_safe(triggered->value.run_id));
    return ExitCode::done;
  }
  return print_run(wait_for_run(triggered->value.run_id, *timeout, context), args, context);
}

}  // namespace hubsync::cli
