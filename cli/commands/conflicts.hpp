// `hubsync conflicts list`, `show` and `history`: what both sides changed, differently.
#pragma once

#include <cstdint>
#include <string>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct ConflictsArgs {
  bool history = false;  ///< The resolved ones.
  std::string type = {};
  std::string field = {};
  std::int64_t page = 1;
  std::int64_t limit = api::default_limit;
};

struct ConflictArgs {
  std::string id;
};

ExitCode run_conflicts(const ConflictsArgs& args, Context& context);
ExitCode run_conflict_show(const ConflictArgs& args, Context& context);

}  // namespace hubsync::cli
