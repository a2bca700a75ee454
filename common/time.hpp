// Instants and durations as hubsync stores and prints them. Pure; any thread. Reads no clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubsync {

using Duration = std::chrono::milliseconds;

/// A point in wall-clock time, UTC, millisecond precision (HubSpot's own precision).
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// A point on a clock that never jumps; only differences mean anything (I34).
using SteadyInstant = std::chrono::time_point<std::chrono::steady_clock, Duration>;

[[nodiscard]] constexpr Instant instant_from_ms(std::int64_t epoch_ms) { return Instant{Duration{epoch_ms}}; }
[[nodiscard]] constexpr std::int64_t to_ms(Instant instant) { return instant.time_since_epoch().count(); }

/// "2026-11-24T01:02:03.456Z": RFC 3339, UTC, always three fraction digits.
[[nodiscard]] std::string format_instant(Instant instant);

/// Reads RFC 3339 with 0–9 fraction digits (HubSpot trims trailing zeros) and "Z" or a ±hh:mm offset, a bare
/// "YYYY-MM-DD" (midnight UTC), or epoch milliseconds as digits. Digits below a millisecond are dropped.
[[nodiscard]] std::optional<Instant> parse_instant(std::string_view text);

/// "Sun, 06 Nov 1994 08:49:37 GMT", as an HTTP header has it: whole seconds.
[[nodiscard]] std::string format_http_date(Instant instant);

/// Reads the date of an HTTP header, "Sun, 06 Nov 1994 08:49:37 GMT"; the two obsolete forms are refused.
[[nodiscard]] std::optional<Instant> parse_http_date(std::string_view text);

/// Reads "0", "500ms", "30s", "5m", "24h", "30d": one whole number and one unit. Nothing on anything else or overflow.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

/// The shortest exact form that parse_duration reads back: "90s", "5m", "30d", "0".
[[nodiscard]] std::string format_duration(Duration duration);

}  // namespace hubsync
