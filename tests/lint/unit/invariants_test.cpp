#include <doctest/doctest.h>

#include "tests/lint/rules.hpp"
#include "tests/lint/unit/found.hpp"

TEST_CASE("an invariant that names a test which is not there is found, in the table only") {
  const std::vector<lint::Source> sources{lint::read_source(
      "tests/unit/a_test.cpp",
      "TEST_CASE(\"one\") {}\n// TEST_CASE(\"three\")\nTEST_CASE(\n\"two \"\n\"halves\") {}\n"
  )};
  std::vector<lint::Finding> findings;
  lint::check_invariants(
      sources, "says \"anything\"\n| I1 | \"one\", \"two halves\" |\n| I2 | \"one\", \"three\" |", findings
  );
  CHECK(names_of(findings) == Names{"invariants:3"});
}
