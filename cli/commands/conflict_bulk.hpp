// `hubsync conflicts resolve --all`: shows what it would decide, asks, and decides exactly that.
#pragma once

#include "cli/commands/conflict_resolve.hpp"

namespace hubsync::cli {

ExitCode run_bulk(const ResolveArgs& args, Context& context);

}  // namespace hubsync::cli
