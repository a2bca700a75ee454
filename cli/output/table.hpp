// Tables for people: columns aligned by what they take on a terminal, every cell made safe to show. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output/style.hpp"

namespace hubsync::cli {

struct Column {
  std::string title;
  bool right = false;         ///< Numbers.
  std::size_t max_width = 0;  ///< Longer text is cut; 0 = never.
  int spare = 0;              ///< On a narrow terminal the greatest is left out first; 0 = never.
  std::size_t min_width = 0;  ///< Of a table in parts: what a later part may need.
};

/// Text from anywhere: the table escapes it.
struct Cell {
  Cell(std::string text_in, Colour colour_in = Colour::plain) : text(std::move(text_in)), colour(colour_in) {}
  Cell(const char* text_in) : text(text_in) {}
  std::string text;
  Colour colour = Colour::plain;
};

/// A table that may come in parts: the header stands above the first one, and columns only grow.
class Table {
 public:
  explicit Table(std::vector<Column> columns);

  void add(std::vector<Cell> row);

  [[nodiscard]] bool empty() const { return rows_.empty(); }

  /// The rows added since the last call, each ending in a line feed. `room` is what a line may take: to fit,
  /// columns with a max_width are cut further, and spare ones left out; 0 = anything.
  [[nodiscard]] std::string take(bool colours, std::size_t room = 0);

 private:
  [[nodiscard]] std::string line(const std::vector<Cell>& row, bool colours) const;
  [[nodiscard]] std::size_t width() const;
  void fit(std::size_t room);
  void cut(std::size_t room, std::size_t least);

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<bool> left_out_;
  std::vector<std::vector<Cell>> rows_;
  bool header_done_ = false;
};

/// "name  value" lines with the values in one column.
class Details {
 public:
  void add(std::string_view name, Cell value);
  /// Values longer than the rest of a line of `room` columns go on below; 0 = anything fits.
  [[nodiscard]] std::string take(bool colours, std::size_t room = 0);

 private:
  std::vector<std::pair<std::string, Cell>> lines_;
};

/// The words of a safe text in lines of at most `columns`, all but the first indented; a word that is longer
/// stands alone. The first line has `taken` columns in front already. Ends in a line feed.
[[nodiscard]] std::string filled(
    std::string_view text, std::size_t columns, std::size_t indent = 0, std::size_t taken = 0
);

/// 1234567 → "1,234,567".
[[nodiscard]] std::string grouped(long long number);

}  // namespace hubsync::cli
