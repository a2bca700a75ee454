#include "cli/output/screen.hpp"

#include <curses.h>
#include <langinfo.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <string_view>

#include "common/text.hpp"

namespace hubsync::cli {
namespace {

constexpr short colour_pairs = 4;

int attributes_of(Colour colour, bool colours) {
  switch (colour) {
    case Colour::bold:
      return A_BOLD;
    case Colour::dim:
      return A_DIM;
    case Colour::red:
      return colours ? COLOR_PAIR(1) : A_BOLD;
    case Colour::green:
      return colours ? COLOR_PAIR(2) : A_NORMAL;
    case Colour::yellow:
      return colours ? COLOR_PAIR(3) : A_BOLD;
    case Colour::cyan:
      return colours ? COLOR_PAIR(4) : A_NORMAL;
    case Colour::plain:
      break;
  }
  return A_NORMAL;
}

class CursesScreen final : public Screen {
 public:
  CursesScreen(SCREEN* terminal, bool colours) : terminal_(terminal) {
    cbreak();
    noecho();
    curs_set(0);
    keypad(stdscr, true);
    colours_ = colours && has_colors() && start_color() == OK;
    if (colours_) {
      use_default_colors();
      const short order[colour_pairs] = {COLOR_RED, COLOR_GREEN, COLOR_YELLOW, COLOR_CYAN};
      for (short i = 0; i < colour_pairs; ++i) {
        init_pair(static_cast<short>(i + 1), order[i], -1);
      }
    }
  }

  CursesScreen(const CursesScreen&) = delete;
  CursesScreen& operator=(const CursesScreen&) = delete;

  ~CursesScreen() override {
    endwin();
    delscreen(terminal_);
  }

  [[nodiscard]] ScreenSize size() const override {
    return {
        static_cast<std::size_t>(std::max(getmaxy(stdscr), 1)),
        static_cast<std::size_t>(std::max(getmaxx(stdscr), 1))
    };
  }

  void draw(const std::vector<ScreenLine>& lines) override {
    erase();
    const ScreenSize room = size();
    for (std::size_t row = 0; row < std::min(lines.size(), room.rows); ++row) {
      move(static_cast<int>(row), 0);
      std::size_t left = room.columns;
      for (const Span& span : lines[row]) {
        const std::string text = truncate_to_width(span.text, left);
        left -= std::min(display_width(text), left);
        attrset(static_cast<attr_t>(attributes_of(span.colour, colours_)));
        addstr(text.c_str());
      }
    }
    refresh();
  }

  std::optional<char> key(Duration timeout) override {
    ::timeout(static_cast<int>(std::clamp<std::int64_t>(timeout.count(), 0, 60'000)));
    const int pressed = getch();
    constexpr int escape = 27;
    if (pressed == escape || (pressed >= ' ' && pressed < 127)) {
      return static_cast<char>(pressed);
    }
    return std::nullopt;
  }

 private:
  SCREEN* terminal_;
  bool colours_ = false;
};

/// Line graphics need a UTF-8 locale, which a bare session may not have.
void use_utf8() {
  std::setlocale(LC_ALL, "");
  if (std::string_view{::nl_langinfo(CODESET)} != "UTF-8") {
    std::setlocale(LC_CTYPE, "C.UTF-8");
  }
}

}  // namespace

std::unique_ptr<Screen> open_screen(bool colours) {
  if (::isatty(STDOUT_FILENO) != 1 || ::isatty(STDIN_FILENO) != 1) {
    return nullptr;
  }
  use_utf8();
  SCREEN* const terminal = newterm(nullptr, stdout, stdin);
  return terminal == nullptr ? nullptr : std::make_unique<CursesScreen>(terminal, colours);
}

std::string plain_text(const ScreenLine& line) {
  std::string text;
  for (const Span& span : line) {
    text += span.text;
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace hubsync::cli
