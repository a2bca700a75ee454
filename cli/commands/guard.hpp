// `hubsync guard`: what a guard stopped, and letting it through.
#pragma once

#include <cstdint>
#include <string>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct GuardListArgs {
  bool all = false;  ///< Released ones too.
  std::int64_t page = 1;
  std::int64_t limit = api::default_limit;
};

struct GuardReleaseArgs {
  std::string id;
};

ExitCode run_guard_list(const GuardListArgs& args, Context& context);
ExitCode run_guard_release(const GuardReleaseArgs& args, Context& context);

}  // namespace hubsync::cli
