#include "cli/output/csv.hpp"

#include <sstream>

#include <doctest/doctest.h>

namespace hubsync::cli {

TEST_CASE("no cell of a CSV is a formula, and every value comes back as it was") {
  for (const std::string value :
       {"=1+1",
        "+49 30 123",
        "-5",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "'=1",
        "''@x",
        "'plain",
        "a \"quoted\" b",
        "two\nlines",
        "",
        "x,y"}) {
    CAPTURE(value);
    const std::string row = csv_row({value, "end"});
    CHECK(std::string_view{"=+-@\t\r\n"}.find(row[1]) == std::string_view::npos);
    std::istringstream input{row};
    CsvReader reader{input};
    const auto read = reader.next();
    REQUIRE(read);
    REQUIRE(*read);
    CHECK((*read)->size() == 2);
    CHECK(csv_value((*read)->front()) == value);
    CHECK_FALSE(*reader.next());
  }
}

TEST_CASE("CSV is read with and without quotes, CR and byte order mark, and a quote left open is told") {
  std::istringstream input{
      "\xEF\xBB\xBF"
      "id,name\r\n1,\"a\nb\"\n2,c\n\"open"
  };
  CsvReader reader{input};
  CHECK(**reader.next() == std::vector<std::string>{"id", "name"});
  CHECK(**reader.next() == std::vector<std::string>{"1", "a\nb"});
  CHECK(**reader.next() == std::vector<std::string>{"2", "c"});
  CHECK(reader.line() == 4);
  CHECK_FALSE(reader.next().has_value());
}

}  // namespace hubsync::cli
