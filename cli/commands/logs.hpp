// `hubsync logs` and `hubsync retry`: what was sent or taken, how it ended, and another try.
#pragma once

#include <string>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct LogsArgs {
  LogFilter filter;
  std::string since = {};   ///< A duration back from now, or a time.
  bool follow = false;      ///< Until interrupted.
  std::string log_id = {};  ///< Not empty: that entry alone, with what travelled.
};

struct RetryArgs {
  std::string log_id = {};
  bool all = false;
};

ExitCode run_logs(const LogsArgs& args, Context& context);
ExitCode run_retry(const RetryArgs& args, Context& context);

}  // namespace hubsync::cli
