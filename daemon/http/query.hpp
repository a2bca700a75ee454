// Percent-decoding and splitting of request targets. Pure functions, any thread. Does not route.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.hpp"

namespace hubsync::http {

struct Target {
  std::string path;                                        ///< Decoded.
  std::vector<std::pair<std::string, std::string>> query;  ///< Decoded, in order of arrival.
};

/// Replaces each %XX; with plus_is_space also "+" (query strings). Nothing on a broken escape, NUL or invalid
/// UTF-8.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

/// Escapes everything but unreserved characters: fits a path segment and a query value.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// Splits an origin-form target ("/a/b?c=d"). Refuses broken escapes, "." and ".." segments however written,
/// escaped slashes, control characters in the path, fragments and more than 64 parameters.
[[nodiscard]] Result<Target> parse_target(std::string_view target);

}  // namespace hubsync::http
