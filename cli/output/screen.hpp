// The whole terminal as a grid of coloured text, and its keys. Owns the terminal's mode from open_screen()
// until it goes. One thread. Knows no daemon; curses stays behind it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/output/style.hpp"
#include "common/time.hpp"

namespace hubsync::cli {

struct Span {
  std::string text;  ///< Safe to show.
  Colour colour = Colour::plain;
};

using ScreenLine = std::vector<Span>;

struct ScreenSize {
  std::size_t rows = 24;
  std::size_t columns = 80;
};

class Screen {
 public:
  virtual ~Screen() = default;
  [[nodiscard]] virtual ScreenSize size() const = 0;
  /// Shows these lines from the top; what does not fit is left out.
  virtual void draw(const std::vector<ScreenLine>& lines) = 0;
  /// The next key, or nothing after `timeout` and when the terminal changed its size.
  virtual std::optional<char> key(Duration timeout) = 0;
};

/// Takes the terminal over; null when standard output is none, or one that cannot be drawn on.
[[nodiscard]] std::unique_ptr<Screen> open_screen(bool colours);

/// The line as text without colours.
[[nodiscard]] std::string plain_text(const ScreenLine& line);

}  // namespace hubsync::cli
