#include "tests/lint/rules.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/lint/unit/found.hpp"

namespace {

std::string lines(int count) {
  std::string text;
  for (int line = 0; line < count; ++line) {
    text += "  f();\n";
  }
  return text;
}

Names found_in_text(std::string_view content) {
  std::vector<lint::Finding> findings;
  lint::check_text("a.md", content, findings);
  return names_of(findings);
}

Names found_in_header(const std::string& path, const std::string& content, bool has_own_header) {
  return found(
      [&](const lint::Source& source, auto& findings) {
        lint::check_headers(source, has_own_header, findings);
      },
      content,
      path
  );
}

}  // namespace

TEST_CASE("a function of 70 lines passes and one of 71 is found at its first line") {
  CHECK(found(lint::check_shape, "void a() {\n" + lines(68) + "}\n") == Names{});
  CHECK(found(lint::check_shape, "\nvoid a() {\n" + lines(69) + "}\n") == Names{"function-length:2"});
}

TEST_CASE("functions are found in classes, after member initialisers, templates and operators") {
  const auto body = " {\n" + lines(70) + "}\n";
  CHECK(
      found(lint::check_shape, "class A : B {\n public:\n  void f()" + body + "};\n") ==
      Names{"function-length:3"}
  );
  CHECK(found(lint::check_shape, "A::A() : b_{1}, c_(2)" + body) == Names{"function-length:1"});
  CHECK(found(lint::check_shape, "template <class T = int>\nvoid f()" + body) == Names{"function-length:1"});
  CHECK(found(lint::check_shape, "bool operator==(A, B)" + body) == Names{"function-length:1"});
  CHECK(
      found(lint::check_shape, "namespace a {\nauto f() -> int" + body + "}\n") == Names{"function-length:2"}
  );
}

TEST_CASE("a long table is no function") {
  CHECK(found(lint::check_shape, "const A table[] = {\n" + lines(100) + "};\n") == Names{});
}

TEST_CASE("a file of more than 500 lines is found") {
  CHECK(found(lint::check_shape, std::string(500, '\n')) == Names{});
  CHECK(found(lint::check_shape, std::string(501, '\n')) == Names{"file-length:501"});
}

TEST_CASE("the fifth level of control flow is found, and initialisers are no level") {
  CHECK(
      found(
          lint::check_shape, "void a() {\nif (b) { for (;;) { while (c) { if (d) { e(F{{{}}}); } } } }\n}\n"
      ) == Names{}
  );
  CHECK(
      found(
          lint::check_shape,
          "void a() {\nif (b) { for (;;) { while (c) { if (d) {\nif (e) { f(); } } } } }\n}\n"
      ) == Names{"nesting:3"}
  );
  CHECK(
      found(
          lint::check_shape,
          "void a() {\nif (b) { do { switch (c) { case 1: {\n[] { f(); }(); } } } while (d); }\n}\n"
      ) == Names{"nesting:3"}
  );
  CHECK(
      found(
          lint::check_shape,
          "void a() {\nif (b) { if (c) { if (d) { if (e) {\n[]() -> std::vector<int> { return {}; }(); } } } "
          "}\n}\n"
      ) == Names{"nesting:3"}
  );
}

TEST_CASE("the list of a range-for is no level, a case's block is one") {
  CHECK(
      found(
          lint::check_shape,
          "void a() {\nfor (b : {1, 2}) { for (c : {3}) { for (d : {4}) { for (e : {5}) { f(); } } } }\n}\n"
      ) == Names{}
  );
  CHECK(
      found(
          lint::check_shape,
          "void a() {\nif (b) { if (c) { if (d) { switch (e) { case 1:\n{ f(); } } } } }\n}\n"
      ) == Names{"nesting:3"}
  );
}

TEST_CASE("blanks at the end of a line, tabs and a missing last newline are found") {
  CHECK(found_in_text("a\nb\n") == Names{});
  CHECK(found_in_text("a \nb\n") == Names{"trailing-space:1"});
  CHECK(found_in_text("a\n\tb\n") == Names{"tab:2"});
  CHECK(found_in_text("a\nb") == Names{"last-newline:2"});
}

TEST_CASE("a header without #pragma once is found") {
  CHECK(found_in_header("common/a.hpp", "#pragma once\n", false) == Names{});
  CHECK(found_in_header("common/a.hpp", "int a;\n", false) == Names{"pragma-once:1"});
}

TEST_CASE("a source that does not include its own header first is found") {
  CHECK(found_in_header("common/a.cpp", "#include \"common/a.hpp\"\n#include <map>\n", true) == Names{});
  CHECK(
      found_in_header("common/a.cpp", "\n#include <map>\n#include \"common/a.hpp\"\n", true) ==
      Names{"own-header:2"}
  );
  CHECK(found_in_header("common/a.cpp", "#include <map>\n", false) == Names{});
}

TEST_CASE("leftover words in comments are found, an issue's number excuses TODO") {
  CHECK(found(lint::check_comments, "// TODO: later\n") == Names{"leftover:1"});
  CHECK(found(lint::check_comments, "int a;  /* FIXME */\n") == Names{"leftover:1"});
  CHECK(found(lint::check_comments, "\n// XXX why\n") == Names{"leftover:2"});
  CHECK(found(lint::check_comments, "// TODO(#12): later\n// TODO #3\n") == Names{});
  CHECK(found(lint::check_comments, "// FIXMES and XXXX are words\nint TODO;\n") == Names{});
}

TEST_CASE("SQL put together at run time is found, one literal and PRAGMA are not") {
  CHECK(found(lint::check_sql, R"x(f("SELECT a FROM b WHERE c = ?");)x") == Names{});
  CHECK(found(lint::check_sql, R"x(f("SELECT a " "FROM b");)x") == Names{});
  CHECK(found(lint::check_sql, R"x(f("SELECT a FROM " + table);)x") == Names{"built-sql:1"});
  CHECK(
      found(lint::check_sql, "f(std::string{\"DELETE FROM b \"\n\"WHERE \"} + where);") ==
      Names{"built-sql:1"}
  );
  CHECK(found(lint::check_sql, R"x(f(prefix + " UPDATE b SET c = 1");)x") == Names{"built-sql:1"});
  CHECK(found(lint::check_sql, R"x(f(fmt::format("INSERT INTO {}", table));)x") == Names{"built-sql:1"});
  CHECK(found(lint::check_sql, R"x(f("PRAGMA user_version = " + number);)x") == Names{});
}

TEST_CASE("a source that no target compiles is found") {
  std::vector<lint::Source> sources;
  for (const auto* path : {"common/a.cpp", "common/b.cpp", "common/b.hpp", "tests/fuzz/c.cpp"}) {
    sources.push_back(lint::read_source(path, ""));
  }
  const std::vector<std::string> unbuilt{"tests/fuzz/"};
  std::vector<lint::Finding> findings;
  lint::check_targets(sources, "/root", R"([{"file": "/root/common/a.cpp"}])", unbuilt, findings);
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().path == "common/b.cpp");
}

TEST_CASE("an exception needs its rule's name and a reason") {
  const auto remaining = [](const std::string& comment) {
    const auto source = lint::read_source("a.cpp", comment + "\nint a;\n");
    std::vector<lint::Finding> findings{{"a.cpp", 2, "ban", ""}, {"b.cpp", 2, "ban", ""}};
    lint::drop_allowed(source, findings);
    return findings.size();
  };
  CHECK(remaining("// lint:allow ban: the clock adapter is here") == 1);
  CHECK(remaining("// lint:allow tab: something else") == 2);
  CHECK(remaining("// lint:allow ban") == 3);
}
