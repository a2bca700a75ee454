// The bearer token of the TCP control listener. Pure; any thread. Does not read or store tokens.
#pragma once

#include <optional>
#include <string_view>

namespace hubsync::http {

/// Whether an Authorization value carries exactly this token, compared in constant time. An empty token fits
/// nothing.
[[nodiscard]] bool bearer_matches(std::optional<std::string_view> authorization, std::string_view token);

}  // namespace hubsync::http
