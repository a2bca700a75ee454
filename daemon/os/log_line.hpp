// One log line as bytes: levels, formats, escaping and the length limit. Pure; any thread. Writes nothing.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "common/time.hpp"

namespace hubsync {

enum class LogLevel { trace, debug, info, warn, error };

enum class LogFormat {
  text,     ///< `2026-11-24T01:02:03.456Z info  message key=value`
  json,     ///< One JSON object a line.
  journald  ///< The journal's native protocol: MESSAGE, PRIORITY, HUBSYNC_<KEY>; MESSAGE_ID by the field
            ///< `event`.
};

/// A structured field. Keys are literals of ours; values may come from anywhere.
struct LogField {
  std::string_view key;
  std::string value;
};

/// The longest line written, its newline included.
inline constexpr std::size_t max_log_line = 8 * 1024;

/// "trace", "debug", "info", "warn", "error".
[[nodiscard]] std::string_view log_level_name(LogLevel level);

/// The line with its final newline (journald: one datagram). Nothing in `message` or a value can start a
/// second line, a second field, or a terminal sequence; what does not fit is cut and marked.
[[nodiscard]] std::string encode_log_line(
    LogFormat format, LogLevel level, Instant now, std::string_view message, std::span<const LogField> fields
);

}  // namespace hubsync
