// From the configuration's words to the rules the core works with. Start-up and reload.
#pragma once

#include "daemon/core/rules.hpp"
#include "daemon/os/config.hpp"

namespace hubsync {

/// The rules of a checked configuration: referenced types first, the contact's company as a field like any other.
[[nodiscard]] Rules rules_of(const Config& config);

}  // namespace hubsync
