// `hubsync queue`: the records that wait to be sent.
#pragma once

#include <cstdint>
#include <string>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct QueueListArgs {
  std::int64_t page = 1;
  std::int64_t limit = api::default_limit;
};

struct QueuePauseArgs {
  bool paused = true;
};

struct QueueCancelArgs {
  std::string record_id;
};

ExitCode run_queue_list(const QueueListArgs& args, Context& context);
ExitCode run_queue_pause(const QueuePauseArgs& args, Context& context);
ExitCode run_queue_cancel(const QueueCancelArgs& args, Context& context);

}  // namespace hubsync::cli
