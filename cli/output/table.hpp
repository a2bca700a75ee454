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

  /// The rows added since the last call, each ending in a line feed.
  [[nodiscard]] std::string take(bool colours);

 private:
  [[nodiscard]] std::string line(const std::vector<Cell>& row, bool colours) const;

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<Cell>> rows_;
  bool header_done_ = false;
};

/// "name  value" lines with the values in one column.
class Details {
 public:
  void add(std::string_view name, Cell value);
  [[nodiscard]] std::string take(bool colours);

 private:
  std::vector<std::pair<std::string, Cell>> lines_;
};

/// The words of a safe text in lines of at most `columns`, all but the first indented; a word that is longer
/// stands alone. Ends in a line feed.
[[nodiscard]] std::string filled(std::string_view text, std::size_t columns, std::size_t indent = 0);

/// 1234567 → "1,234,567".
[[nodiscard]] std::string grouped(long long number);

}  // namespace hubsync::cli
