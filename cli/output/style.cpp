#include "cli/output/style.hpp"

#include <array>
#include <utility>

namespace hubsync::cli {
namespace {

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::plain:
      return "";
    case Colour::bold:
      return "\x1b[1m";
    case Colour::dim:
      return "\x1b[2m";
    case Colour::red:
      return "\x1b[31m";
    case Colour::green:
      return "\x1b[32m";
    case Colour::yellow:
      return "\x1b[33m";
    case Colour::cyan:
      return "\x1b[36m";
  }
  return "";
}

constexpr std::array<std::pair<std::string_view, Colour>, 21> states{{
    {"synced", Colour::green},    {"success", Colour::green},   {"succeeded", Colour::green},
    {"idle", Colour::green},      {"current", Colour::green},   {"syncing", Colour::cyan},
    {"running", Colour::cyan},    {"ready", Colour::cyan},      {"pending", Colour::yellow},
    {"retrying", Colour::yellow}, {"waiting", Colour::yellow},  {"paused", Colour::yellow},
    {"partial", Colour::yellow},  {"conflict", Colour::yellow}, {"conflicts", Colour::yellow},
    {"error", Colour::red},       {"failed", Colour::red},      {"stopped", Colour::red},
    {"degraded", Colour::red},    {"stalled", Colour::red},     {"delete", Colour::red},
}};

}  // namespace

std::string coloured(Colour colour, std::string_view text, bool on) {
  if (!on || colour == Colour::plain || text.empty()) {
    return std::string{text};
  }
  return std::string{code_of(colour)}.append(text).append("\x1b[0m");
}

Colour colour_of_state(std::string_view word) {
  for (const auto& [state, colour] : states) {
    if (state == word) {
      return colour;
    }
  }
  return Colour::plain;
}

}  // namespace hubsync::cli
