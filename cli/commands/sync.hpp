// `hubsync sync`: asks for a run, or for one record; can wait for its end and show a dry run's plan.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct SyncArgs {
  std::string type = {};  ///< Empty: all types.
  std::string id = {};    ///< One record of that type; always waits.
  bool full = false;
  bool dry_run = false;  ///< Always waits.
  bool wait = false;
  std::string timeout = {};
  FailOn fail_on = {};         ///< Not empty: waits.
  std::string plan_file = {};  ///< Where a dry run's plan is saved.
};

ExitCode run_sync(const SyncArgs& args, Context& context);

/// Shows the run's progress until it has finished.
Reply<api::Run> wait_for_run(const std::string& id, std::optional<Duration> timeout, Context& context);

/// What the program exits with for a finished run.
[[nodiscard]] ExitCode exit_code_of(const api::Run& run);

}  // namespace hubsync::cli
