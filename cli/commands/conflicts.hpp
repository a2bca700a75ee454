// `hubsync conflicts`: what both sides changed, differently.
#pragma once

#include <cstdint>
#include <string>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct ConflictsArgs {
  bool history = false;  ///< The resolved ones.
  std::int64_t page = 1;
  std::int64_t limit = api::default_limit;
};

struct ConflictArgs {
  std::string id;
};

ExitCode run_conflicts(const ConflictsArgs& args, Context& context);
ExitCode run_conflict_show(const ConflictArgs& args, Context& context);

/// One conflict side by side: field, base, local, HubSpot.
[[nodiscard]] std::string conflict_report(const api::Conflict& conflict, Instant now, bool colours);

}  // namespace hubsync::cli
