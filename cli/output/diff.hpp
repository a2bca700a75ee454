// What differs inside a value, made visible: in colour, or by a line of ^ beneath where there is none. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output/style.hpp"

namespace hubsync::cli {

/// A text that is safe to show, and the part of it (in bytes, whole characters) that differs.
struct Marked {
  std::string text;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// `value` made safe, with what is not at its beginning or end in `base` marked.
[[nodiscard]] Marked marked(std::string_view base, std::string_view value);

/// In lines of at most `columns`; at least one line, and none that is cut.
[[nodiscard]] std::vector<Marked> wrapped(const Marked& marked, std::size_t columns);

/// The text with its marked part in `colour`, underlined; as it is without colours.
[[nodiscard]] std::string shown(const Marked& line, Colour colour, bool colours);

/// A ^ under each column of the marked part; "" when nothing is marked.
[[nodiscard]] std::string markers(const Marked& line);

}  // namespace hubsync::cli
