#include "cli/output/diff.hpp"

#include <algorithm>

#include "common/text.hpp"

namespace hubsync::cli {
namespace {

/// Where each character of `text` begins, and the end.
std::vector<std::size_t> boundaries(std::string_view text) {
  std::vector<std::size_t> result{0};
  std::size_t at = 0;
  while (at < text.size()) {
    at += first_code_point(text.substr(at)).bytes;
    result.push_back(at);
  }
  return result;
}

std::string_view character(std::string_view text, const std::vector<std::size_t>& bounds, std::size_t index) {
  return text.substr(bounds[index], bounds[index + 1] - bounds[index]);
}

}  // namespace

Marked marked(std::string_view base, std::string_view value) {
  Marked result{.text = terminal_safe(value)};
  const std::string other = terminal_safe(base);
  const std::vector<std::size_t> ours = boundaries(result.text);
  const std::vector<std::size_t> theirs = boundaries(other);
  const std::size_t common = std::min(ours.size(), theirs.size()) - 1;
  std::size_t front = 0;
  while (front < common && character(result.text, ours, front) == character(other, theirs, front)) {
    ++front;
  }
  std::size_t back = 0;
  while (back < common - front && character(result.text, ours, ours.size() - 2 - back) ==
                                      character(other, theirs, theirs.size() - 2 - back)) {
    ++back;
  }
  result.begin = ours[front];
  result.end = ours[ours.size() - 1 - back];
  return result;
}

std::vector<Marked> wrapped(const Marked& whole, std::size_t columns) {
  std::vector<Marked> lines;
  std::size_t begin = 0;
  std::size_t at = 0;
  std::size_t width = 0;
  const auto finish = [&](std::size_t end) {
    const auto within = [&](std::size_t place) { return std::clamp(place, begin, end) - begin; };
    lines.push_back({whole.text.substr(begin, end - begin), within(whole.begin), within(whole.end)});
    begin = end;
    width = 0;
  };
  while (at < whole.text.size()) {
    const std::size_t bytes = first_code_point(std::string_view{whole.text}.substr(at)).bytes;
    const std::size_t more = display_width(std::string_view{whole.text}.substr(at, bytes));
    if (width + more > columns && at > begin) {
      finish(at);
    }
    width += more;
    at += bytes;
  }
  finish(whole.text.size());
  return lines;
}

std::string shown(const Marked& line, Colour colour, bool colours) {
  const std::string_view text = line.text;
  if (!colours || line.begin == line.end) {
    return coloured(colour, text, colours);
  }
  const std::string_view differing = text.substr(line.begin, line.end - line.begin);
  return coloured(colour, text.substr(0, line.begin), colours) + "\x1b[4m" +
         coloured(colour == Colour::plain ? Colour::bold : colour, differing, colours) +
         coloured(colour, text.substr(line.end), colours);
}

std::string markers(const Marked& line) {
  if (line.begin == line.end) {
    return {};
  }
  const std::string_view text = line.text;
  return std::string(display_width(text.substr(0, line.begin)), ' ') +
         std::string(display_width(text.substr(line.begin, line.end - line.begin)), '^');
}

}  // namespace hubsync::cli
