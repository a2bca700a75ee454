// The values a setting can have, as text: each function reads one kind and says what is wrong in one phrase.
// Pure; any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <expected>
#include <functional>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/os/config.hpp"

namespace hubsync {

/// The value, or why the text is none: "is not a duration", "needs https: only loopback may be http".
template <class T>
using Parsed = std::expected<T, std::string>;

[[nodiscard]] Parsed<std::int64_t> parse_count(std::string_view text, std::int64_t min, std::int64_t max);
[[nodiscard]] Parsed<double> parse_number(std::string_view text, double min, double max);
[[nodiscard]] Parsed<Duration> parse_bounded_duration(
    std::string_view text, Duration min, Duration max, bool zero_allowed
);
[[nodiscard]] Parsed<Config::Sync::DeleteLimit> parse_delete_limit(std::string_view text);
[[nodiscard]] Parsed<ListenAddress> parse_listen_address(std::string_view text);

/// An absolute or relative path; `~` is not expanded and therefore refused.
[[nodiscard]] Parsed<std::string> parse_path(std::string_view text, bool empty_allowed);
[[nodiscard]] Parsed<std::string> parse_socket_path(std::string_view text);

/// An http(s) URL without user, query and fragment, its trailing slash removed; http only when
/// `plain_allowed` or to loopback, a path only when `path_allowed`.
[[nodiscard]] Parsed<std::string> parse_base_url(
    std::string_view text, bool plain_allowed, bool path_allowed
);
[[nodiscard]] Parsed<std::string> parse_url_path(std::string_view text);

/// Of an OAuth app; may be empty.
[[nodiscard]] Parsed<std::string> parse_client_id(std::string_view text);

/// std::ranges::contains, which this standard library does not have yet.
template <class Range, class T, class Projection = std::identity>
[[nodiscard]] bool contains(const Range& range, const T& value, Projection projection = {}) {
  return std::ranges::find(range, value, projection) != std::ranges::end(range);
}

[[nodiscard]] bool is_loopback(std::string_view host);

/// The nearest of the words when it is near enough to be a slip of the hand.
[[nodiscard]] std::optional<std::string_view> did_you_mean(
    std::string_view word, std::span<const std::string_view> words
);

/// The text in double quotes, escaped as TOML, for the file and for messages.
[[nodiscard]] std::string quoted(std::string_view text);

/// `quoted` for a message: shortened, and without anything that looks like a token.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace hubsync
