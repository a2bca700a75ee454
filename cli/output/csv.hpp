// CSV that no spreadsheet mistakes for formulas, and back. Pure but for the stream it reads. RFC 4180; every
// cell quoted.
#pragma once

#include <cstdint>
#include <expected>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace hubsync::cli {

/// The row with its line end. A cell that a spreadsheet would take for a formula gets a ' in front.
[[nodiscard]] std::string csv_row(const std::vector<std::string>& cells);

/// Takes that ' away again.
[[nodiscard]] std::string csv_value(std::string_view cell);

/// Reads rows one by one.
class CsvReader {
 public:
  /// `input` outlives the reader.
  explicit CsvReader(std::istream& input);
  /// Nothing at the end; an Error for a quote that is not closed or a row that is too long.
  Result<std::optional<std::vector<std::string>>> next();
  /// Of the row last read, the first is 1.
  [[nodiscard]] std::int64_t line() const { return row_line_; }

 private:
  std::istream& input_;
  std::int64_t line_ = 1;
  std::int64_t row_line_ = 1;
};

}  // namespace hubsync::cli
