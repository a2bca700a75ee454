// `hubsync watch`: follows the daemon's event stream.
#pragma once

#include <cstdint>
#include <optional>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct WatchArgs {
  std::optional<std::int64_t> since = {};  ///< Begin after this event.
  std::int64_t count = 0;                  ///< Stop after so many; 0 = never.
};

ExitCode run_watch(const WatchArgs& args, Context& context);

}  // namespace hubsync::cli
