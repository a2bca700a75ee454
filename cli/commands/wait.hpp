// `hubsync wait`: returns when nothing is being done, or when everything is carried over.
#pragma once

#include <string>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct WaitArgs {
  bool for_synced = false;  ///< Otherwise: until idle.
  std::string timeout = {};
};

ExitCode run_wait(const WaitArgs& args, Context& context);

/// No run goes and nothing is being sent; what is held back or failed may wait.
[[nodiscard]] bool is_idle(const api::Status& status);

/// Nothing at all waits to be carried over, in either direction, and HubSpot has been read recently.
[[nodiscard]] bool is_synced(const api::Status& status);

}  // namespace hubsync::cli
