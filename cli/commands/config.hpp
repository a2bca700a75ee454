// `hubsync config`: checks a file without a daemon, or shows what the running daemon goes by.
#pragma once

#include <string>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct ConfigCheckArgs {
  std::string file = {};    ///< Empty: the daemon's own default.
  std::string daemon = {};  ///< Path of hubsyncd; empty: beside this program, else in PATH.
};

/// Runs `hubsyncd --check-config`, so that there is one reader of the file.
ExitCode run_config_check(const ConfigCheckArgs& args, Output& out);

ExitCode run_config_show(Context& context);

}  // namespace hubsync::cli
