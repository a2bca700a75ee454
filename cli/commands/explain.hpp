// `hubsync explain`: why a record is as it is.
#pragma once

#include <string>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct ExplainArgs {
  std::string type;
  std::string id;
};

ExitCode run_explain(const ExplainArgs& args, Context& context);

}  // namespace hubsync::cli
