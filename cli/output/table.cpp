#include "cli/output/table.hpp"

#include <algorithm>
#include <utility>

#include "common/text.hpp"

namespace hubsync::cli {
namespace {

constexpr std::string_view gap = "  ";
/// What a column is cut to before another one is left out, and at the very least.
constexpr std::size_t readable = 14;
constexpr std::size_t least_width = 6;

std::string shown(const std::string& text, std::size_t max_width) {
  std::string safe = terminal_safe(text);
  return max_width == 0 ? safe : truncate_to_width(safe, max_width);
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) {
    widths_.push_back(std::max(display_width(column.title), column.min_width));
  }
  left_out_.resize(columns_.size(), false);
}

void Table::add(std::vector<Cell> row) {
  row.resize(columns_.size(), Cell{""});
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i].text = shown(row[i].text, columns_[i].max_width);
    widths_[i] = std::max(widths_[i], display_width(row[i].text));
  }
  rows_.push_back(std::move(row));
}

std::size_t Table::width() const {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < widths_.size(); ++i) {
    sum += left_out_[i] ? 0 : widths_[i] + (sum > 0 ? gap.size() : 0);
  }
  return sum;
}

/// Takes from the widest of those that may be cut, down to `least`.
void Table::cut(std::size_t room, std::size_t least) {
  while (width() > room) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const bool wider = widest == columns_.size() || widths_[i] > widths_[widest];
      if (!left_out_[i] && columns_[i].max_width > 0 && widths_[i] > least && wider) {
        widest = i;
      }
    }
    if (widest == columns_.size()) {
      return;
    }
    --widths_[widest];
    columns_[widest].max_width = widths_[widest];
  }
}

void Table::fit(std::size_t room) {
  const std::vector<Column> columns = columns_;
  const std::vector<std::size_t> widths = widths_;
  cut(room, readable);
  while (width() > room) {
    const auto next = std::ranges::max_element(columns_, {}, [this](const Column& column) {
      return left_out_[static_cast<std::size_t>(&column - columns_.data())] ? 0 : column.spare;
    });
    const auto index = static_cast<std::size_t>(next - columns_.begin());
    if (left_out_[index] || next->spare == 0) {
      cut(room, least_width);
      return;
    }
    left_out_[index] = true;
    columns_ = columns;
    widths_ = widths;
    cut(room, readable);
  }
}

std::string Table::take(bool colours, std::size_t room) {
  if (room > 0) {
    fit(room);
  }
  std::string out;
  if (!std::exchange(header_done_, true)) {
    std::vector<Cell> header;
    header.reserve(columns_.size());
    for (const Column& column : columns_) {
      header.emplace_back(column.title, Colour::bold);
    }
    out += line(header, colours);
  }
  for (const auto& row : rows_) {
    out += line(row, colours);
  }
  rows_.clear();
  return out;
}

std::string Table::line(const std::vector<Cell>& row, bool colours) const {
  std::string out;
  std::string pending;  // Spaces that stand only if something follows them.
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (left_out_[i]) {
      continue;
    }
    const std::string text = truncate_to_width(row[i].text, widths_[i]);
    const std::string padding(widths_[i] - display_width(text), ' ');
    if (columns_[i].right) {
      pending += padding;
    }
    if (!text.empty()) {
      out += std::exchange(pending, {}) + coloured(row[i].colour, text, colours);
    }
    if (!columns_[i].right) {
      pending += padding;
    }
    pending += gap;
  }
  return out + "\n";
}

void Details::add(std::string_view name, Cell value) {
  value.text = terminal_safe(value.text);
  lines_.emplace_back(terminal_safe(name), std::move(value));
}

std::string Details::take(bool colours, std::size_t room) {
  std::size_t width = 0;
  for (const auto& [name, value] : lines_) {
    width = std::max(width, display_width(name));
  }
  std::string out;
  for (const auto& [name, value] : lines_) {
    const std::string padding(width - display_width(name) + gap.size(), ' ');
    const std::size_t indent = width + gap.size();
    std::string text = value.text;
    if (room > 0 && indent + display_width(text) > room) {
      text = filled(text, room, indent, indent);
      text.pop_back();
    }
    out += coloured(Colour::dim, name, colours);
    out += text.empty() ? "" : padding + coloured(value.colour, text, colours);
    out += '\n';
  }
  lines_.clear();
  return out;
}

std::string filled(std::string_view text, std::size_t columns, std::size_t indent, std::size_t taken) {
  std::string out;
  std::size_t width = taken;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' ', text.find_first_not_of(' ')), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    if (width > indent && width + display_width(word) > columns) {
      word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
      out += "\n" + std::string(indent, ' ');
      width = indent;
    }
    out += word;
    width += display_width(word);
  }
  return out + "\n";
}

std::string grouped(long long number) {
  std::string digits = std::to_string(number);
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

}  // namespace hubsync::cli
