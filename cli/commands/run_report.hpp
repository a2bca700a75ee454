// A finished run in words: its counts, and a dry run's plan field by field. Pure.
#pragma once

#include <string>

#include "common/api.hpp"

namespace hubsync::cli {

/// The headline, the counts both ways, the error and the guards.
[[nodiscard]] std::string run_report(const api::Run& run, bool colours);

/// Each planned change with its fields before and after, then a summary.
[[nodiscard]] std::string plan_report(const api::Run& run, bool colours, std::size_t room = 0);

}  // namespace hubsync::cli
