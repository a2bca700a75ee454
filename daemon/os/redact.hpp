// Keeps secrets out of text that people see. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "daemon/os/secrets.hpp"

namespace hubsync {

/// The text with HubSpot tokens (`pat-…`), bearer tokens and every occurrence of the given secrets replaced.
[[nodiscard]] std::string redact(std::string_view text, std::span<const Secret> secrets = {});

}  // namespace hubsync
