// `hubsync top`: the daemon live on one screen.
#pragma once

#include <cstdint>
#include <string>

#include "cli/commands/context.hpp"
#include "cli/output/screen.hpp"

namespace hubsync::cli {

struct TopArgs {
  std::string interval = "1s";
  std::int64_t count = 0;  ///< Stop after so many looks; 0 = never.
};

/// On a terminal with keys; elsewhere, and with --json, as text that repeats.
ExitCode run_top(const TopArgs& args, Context& context);

/// The same on this screen, or as text without one.
ExitCode run_top_on(Screen* screen, const TopArgs& args, Context& context);

}  // namespace hubsync::cli
