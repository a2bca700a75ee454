// Plans in files: `hubsync sync --dry-run -o FILE` saves one, `hubsync apply FILE` carries it out.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct ApplyArgs {
  std::string file;
};

/// Everything is checked before anything is done; exit 9 when the world has moved.
ExitCode run_apply(const ApplyArgs& args, Context& context);

/// Writes a finished dry run's plan; readable by its owner only, since it holds people's data.
std::expected<void, CallError> save_plan(const api::Run& run, const std::string& file, Context& context);

/// The plan in parts that one request may carry: one type each, types in the plan's order, a record never
/// torn apart.
[[nodiscard]] std::vector<api::ApplyRequest> parts_of(const api::SavedPlan& plan);

}  // namespace hubsync::cli
