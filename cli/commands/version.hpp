// `hubsync version`: of this program and of the daemon behind the socket.
#pragma once

#include "cli/commands/context.hpp"

namespace hubsync::cli {

/// A daemon that is not there is not a failure here.
ExitCode run_version(Context& context);

}  // namespace hubsync::cli
