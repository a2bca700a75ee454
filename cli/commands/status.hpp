// `hubsync status`: one screen about the daemon.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct StatusArgs {
  FailOn fail_on;
};

ExitCode run_status(const StatusArgs& args, Context& context);

/// The screen itself.
[[nodiscard]] std::string status_screen(
    const api::Status& status, Instant now, bool colours, std::size_t room = 0
);

}  // namespace hubsync::cli
