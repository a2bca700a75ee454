// Dates as HTTP headers carry them. Pure; any thread. Reads no clock.
#pragma once

#include <optional>
#include <string_view>

#include "common/time.hpp"

namespace hubsync {

/// "Sun, 06 Nov 1994 08:49:37 GMT"; nothing for any other form.
[[nodiscard]] std::optional<Instant> parse_http_date(std::string_view text);

}  // namespace hubsync
