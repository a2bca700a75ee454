#include "tests/lint/source.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

std::vector<std::string> texts(const std::string& content) {
  const auto source = lint::read_source("a.cpp", content);
  std::vector<std::string> result;
  for (const auto& token : source.tokens) {
    result.emplace_back(token.text);
  }
  return result;
}

}  // namespace

TEST_CASE("code is cut into words, numbers, literals and symbols") {
  CHECK(
      texts("a::b->c(1'000, 'x');") ==
      std::vector<std::string>{"a", "::", "b", "->", "c", "(", "1'000", ",", "'x'", ")", ";"}
  );
}

TEST_CASE("a brace or a comment mark in a literal is not code") {
  CHECK(texts(R"x(f("{ // \" }");)x") == std::vector<std::string>{"f", "(", R"x("{ // \" }")x", ")", ";"});
  CHECK(texts("R\"sql(a ) \" { b)sql\" c") == std::vector<std::string>{"R\"sql(a ) \" { b)sql\"", "c"});
}

TEST_CASE("comments and preprocessor lines are kept apart from the code, and lines are counted through them"
) {
  const auto source = lint::read_source(
      "a.hpp",
      "#pragma once\n#include <map>\n#include \"common/time.hpp\"\n/* one\n two */ int a;  // three\n"
  );
  CHECK(source.pragma_once);
  REQUIRE(source.includes.size() == 2);
  CHECK(source.includes[0].target == "map");
  CHECK_FALSE(source.includes[0].quoted);
  CHECK(source.includes[1].target == "common/time.hpp");
  CHECK(source.includes[1].line == 3);
  REQUIRE(source.tokens.size() == 3);
  CHECK(source.tokens[0].line == 5);
  REQUIRE(source.comments.size() == 2);
  CHECK(source.comments[1].text == "// three");
}

TEST_CASE("a macro that goes on in the next line hides no line") {
  const auto source = lint::read_source("a.cpp", "#define A \\\n  b\nint c;\n");
  REQUIRE(source.tokens.size() == 3);
  CHECK(source.tokens[0].line == 3);
}
