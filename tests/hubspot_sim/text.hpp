// Small text work of the simulator: JSON strings and times appended to a buffer, URLs, case, lists. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/time.hpp"

namespace hubspot_sim {

/// Appends `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

/// How the fraction of a second is written.
enum class Fraction {
  millis,   ///< Three digits, or none on a whole second, as Java prints an Instant.
  trimmed,  ///< No trailing zeros.
};

/// Appends a time in ISO-8601 UTC, without quotes.
void append_time(std::string& out, hubsync::Instant at, Fraction fraction);
[[nodiscard]] std::string time_text(hubsync::Instant at);

/// ASCII lower case; other bytes stay.
[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string trim(std::string_view text);
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// The whole text as a decimal integer.
[[nodiscard]] std::optional<std::int64_t> to_integer(std::string_view text);

/// Percent-decoding; with `plus`, '+' is a space as in a query.
[[nodiscard]] std::string url_decode(std::string_view text, bool plus);

/// A query string as pairs, in order.
using Query = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Query parse_query(std::string_view text);

/// Path and query of a request target.
struct Target {
  std::vector<std::string> segments;
  Query query;
};
[[nodiscard]] Target parse_target(std::string_view target);

/// Matches `text` against a pattern in which '*' stands for anything.
[[nodiscard]] bool wildcard_match(std::string_view pattern, std::string_view text);

}  // namespace hubspot_sim
