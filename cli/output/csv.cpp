#include "cli/output/csv.hpp"

#include <utility>

namespace hubsync::cli {
namespace {

/// A thousand fields of the largest value would not be a table any more.
constexpr std::size_t longest_row = 16UL * 1024 * 1024;

/// What makes a spreadsheet calculate, after any ' in front.
bool looks_like_formula(std::string_view text) {
  constexpr std::string_view starts = "=+-@\t\r\n";
  const std::size_t first = text.find_first_not_of('\'');
  return first != std::string_view::npos && starts.contains(text[first]);
}

}  // namespace

std::string csv_row(const std::vector<std::string>& cells) {
  std::string row;
  for (const std::string& cell : cells) {
    row += row.empty() ? "\"" : ",\"";
    if (looks_like_formula(cell)) {
      row += '\'';
    }
    for (const char c : cell) {
      row += c == '"' ? "\"\"" : std::string{c};
    }
    row += '"';
  }
  return row + "\r\n";
}

std::string csv_value(std::string_view cell) {
  if (cell.starts_with('\'') && looks_like_formula(cell)) {
    cell.remove_prefix(1);
  }
  return std::string{cell};
}

CsvReader::CsvReader(std::istream& input) : input_(input) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (input_.peek() == static_cast<unsigned char>(mark.front())) {
    input_.ignore(static_cast<std::streamsize>(mark.size()));
  }
}

Result<std::optional<std::vector<std::string>>> CsvReader::next() {
  std::vector<std::string> row(1);
  row_line_ = line_;
  std::size_t bytes = 0;
  bool quoted = false;
  char c = 0;
  while (input_.get(c)) {
    if (++bytes > longest_row) {
      return fail(ErrorCode::too_large, "the row is longer than 16 MiB", "is a quote missing?");
    }
    line_ += c == '\n' ? 1 : 0;
    std::string& cell = row.back();
    if (c == '"' && quoted && input_.peek() == '"') {
      cell += static_cast<char>(input_.get());
    } else if (c == '"' && (quoted || cell.empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      row.emplace_back();
    } else if (c == '\n' && !quoted) {
      return std::optional{std::move(row)};
    } else if (c != '\r' || quoted || input_.peek() != '\n') {
      cell += c;
    }
  }
  if (quoted) {
    return fail(ErrorCode::invalid, "a quote is not closed");
  }
  return bytes == 0 ? std::optional<std::vector<std::string>>{} : std::optional{std::move(row)};
}

}  // namespace hubsync::cli
