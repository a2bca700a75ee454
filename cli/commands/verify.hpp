// `hubsync verify`: reads both sides and prints every difference.
#pragma once

#include <string>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct VerifyArgs {
  std::string type = {};  ///< Empty: all types.
};

/// Any difference exits 1.
ExitCode run_verify(const VerifyArgs& args, Context& context);

}  // namespace hubsync::cli
