// Colours for people at a terminal. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hubsync::cli {

enum class Colour : std::uint8_t { plain, bold, dim, red, green, yellow, cyan };

/// `text` in a colour, or as it is when `on` is false.
[[nodiscard]] std::string coloured(Colour colour, std::string_view text, bool on);

/// Green for what is well, yellow for what waits, red for what failed; plain for a word it does not know.
[[nodiscard]] Colour colour_of_state(std::string_view word);

}  // namespace hubsync::cli
