// Times and durations as people say them. Pure: `now` is an argument.
#pragma once

#include <optional>
#include <string>

#include "common/time.hpp"

namespace hubsync::cli {

/// "just now", "42s ago", "5m ago", "3h ago", "12d ago", then the date; "in 5m" for what is to come; "never"
/// for none.
[[nodiscard]] std::string ago(std::optional<Instant> instant, Instant now);

/// How long ago, in one unit: "42s", "5m", "12d".
[[nodiscard]] std::string short_age(Instant instant, Instant now);

/// "0.4s", "12s", "3m 20s", "2h 05m", "4d 3h".
[[nodiscard]] std::string short_duration(Duration duration);

}  // namespace hubsync::cli
