// Text from outside, made fit to be shown: UTF-8 checking, nothing that acts on a terminal, and width in
// columns. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hubsync {

/// One step of decoding: the code point and how many bytes it took. Invalid bytes come one at a time.
struct CodePoint {
  char32_t value = 0;  ///< The byte itself when not valid.
  std::size_t bytes = 1;
  bool valid = false;
};

/// The code point at the start of `text`, which must not be empty. Strict: no overlong forms, no surrogates.
[[nodiscard]] CodePoint first_code_point(std::string_view text);

[[nodiscard]] bool is_valid_utf8(std::string_view text);

/// True for what can act on a terminal or hide text: C0, DEL, C1, bidi controls, zero-width and
/// line-separating characters.
[[nodiscard]] bool is_unsafe(char32_t code_point);

/// Every unsafe character and every invalid byte as \u{…}; the result is valid UTF-8 and stays on one line.
[[nodiscard]] std::string terminal_safe(std::string_view text);

/// A JSON string with its quotes. Unsafe characters become \uXXXX, invalid bytes U+FFFD.
[[nodiscard]] std::string json_quote(std::string_view text);

/// JSON text made safe to print without changing its meaning: unsafe characters become \uXXXX, but for layout
/// (tab, line feed, carriage return).
[[nodiscard]] std::string json_safe(std::string_view json);

/// Columns that `text` takes on a terminal; East Asian wide characters and emoji take two.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// As much of `text` as fits into `columns`, with "…" at the end when something was cut.
[[nodiscard]] std::string truncate_to_width(std::string_view text, std::size_t columns);

}  // namespace hubsync
