// Makes a body from outside safe for the JSON parser: caps its depth before anything is built, and marks text
// that is not valid Unicode instead of letting it spoil the whole answer. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "common/text.hpp"

namespace hubsync {

inline constexpr int max_json_depth = 32;

/// U+FDD0, which is no character: stands in a guarded body for each byte or escape that was not valid.
inline constexpr std::string_view taint_mark = "\xEF\xB7\x90";

enum class JsonGuard : std::uint8_t {
  clean,
  tainted,  ///< Some text was not valid UTF-8 (or a lone surrogate) and now holds taint_mark.
  too_deep  ///< Do not parse.
};

/// Prepares `body` in place. Does not check that it is JSON.
[[nodiscard]] JsonGuard guard_json(std::string& body);

/// A guarded and parsed body; nothing when it is too deep or no JSON.
[[nodiscard]] std::optional<nlohmann::json> parse_json(std::string body);
}  // namespace hubsync
