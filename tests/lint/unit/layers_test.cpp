#include "tests/lint/layers.hpp"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/lint/bans.hpp"
#include "tests/lint/unit/found.hpp"

namespace {

constexpr std::string_view table = R"(
header beast boost/beast/*
header json nlohmann/json.hpp
only beast http/ : ten seconds a file
bodies json engine/ : two seconds for everyone
layer core/
may common/result.hpp
never engine/ : the core calls nobody
never * : the core is pure
layer engine/
may core/ common/ <json>
never * : sequences over ports
layer http/
may common/ <beast>
never * : knows no record
layer main
may core/
never * : only the core
)";

using Files = std::vector<std::pair<std::string, std::string>>;

template <typename Rule>
std::vector<lint::Finding> findings_in(Rule rule, const Files& files) {
  std::vector<lint::Source> sources;
  for (const auto& [path, content] : files) {
    sources.push_back(lint::read_source(path, content));
  }
  std::vector<lint::Finding> findings;
  rule(sources, findings);
  return findings;
}

std::vector<lint::Finding> layer_findings(const Files& files) {
  const auto layers = lint::parse_layers(table);
  return findings_in(
      [&](const auto& sources, auto& findings) { lint::check_layers(layers, sources, findings); }, files
  );
}

std::vector<lint::Finding> confined_findings(const Files& files) {
  const auto layers = lint::parse_layers(table);
  return findings_in(
      [&](const auto& sources, auto& findings) { lint::check_confined(layers, sources, findings); }, files
  );
}

}  // namespace

TEST_CASE("an include that the layer's row allows passes") {
  CHECK(layer_findings({{"core/a.cpp",
                         "#include \"core/a.hpp\"\n#include <map>\n#include \"common/result.hpp\"\n"},
                        {"engine/a.cpp", "#include \"core/a.hpp\"\n#include <nlohmann/json.hpp>\n"}})
            .empty());
}

TEST_CASE("a forbidden include is found with the reason of its row, or of all rows") {
  const auto named = layer_findings({{"core/a.cpp", "\n#include \"engine/b.hpp\"\n"}});
  REQUIRE(named.size() == 1);
  CHECK(named[0].line == 2);
  CHECK(named[0].text == "core/ may not include engine/b.hpp: the core calls nobody");
  const auto other = layer_findings({{"core/a.cpp", "#include \"common/time.hpp\"\n"}});
  REQUIRE(other.size() == 1);
  CHECK(other[0].text == "core/ may not include common/time.hpp: the core is pure");
}

TEST_CASE("a third-party header is found by its group, and one without a group too") {
  CHECK(layer_findings({{"core/a.cpp", "#include <nlohmann/json.hpp>\n"}}).size() == 1);
  CHECK(layer_findings({{"engine/a.cpp", "#include <strange/library.hpp>\n"}}).size() == 1);
}

TEST_CASE("a layer that is one file is its source and its header") {
  CHECK(layer_findings({{"main.cpp", "#include \"main.hpp\"\n#include \"core/a.hpp\"\n"}}).empty());
  CHECK(layer_findings({{"main.cpp", "#include \"engine/a.hpp\"\n"}}).size() == 1);
}

TEST_CASE("a file that no row covers is found") {
  CHECK(layer_findings({{"new/a.cpp", ""}}).size() == 1);
}

TEST_CASE("a table without a reason for each forbidden edge is refused") {
  CHECK_THROWS(static_cast<void>(lint::parse_layers("layer core/\nmay common/\n")));
  CHECK_THROWS(static_cast<void>(lint::parse_layers("layer core/\nnever engine/\nnever * : pure\n")));
  CHECK_THROWS(static_cast<void>(lint::parse_layers("layre core/\n")));
  CHECK_THROWS(static_cast<void>(lint::parse_layers("may core/\n")));
}

TEST_CASE("a confined header is found through another header") {
  const Files files{
      {"http/session.hpp", "#include <boost/beast/http.hpp>\n"},
      {"http/session.cpp", "#include \"http/session.hpp\"\n"},
      {"engine/a.hpp", "#include \"http/session.hpp\"\n"},
      {"engine/b.cpp", "#include \"engine/a.hpp\"\n"},
  };
  const auto findings = confined_findings(files);
  REQUIRE(findings.size() == 2);
  CHECK(findings[1].path == "engine/b.cpp");
  CHECK(
      findings[1].text.find("through engine/a.hpp, http/session.hpp: ten seconds a file") != std::string::npos
  );
}

TEST_CASE("a header that includes a library meant for bodies is found") {
  const Files files{
      {"engine/a.cpp", "#include <nlohmann/json.hpp>\n"}, {"engine/a.hpp", "#include <nlohmann/json.hpp>\n"}
  };
  const auto findings = confined_findings(files);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].path == "engine/a.hpp");
}

TEST_CASE("headers that include each other in a circle are found") {
  const auto rule = [](const auto& sources, auto& findings) { lint::check_cycles(sources, findings); };
  const Files good{
      {"a.hpp", "#include \"b.hpp\"\n#include \"c.hpp\"\n"}, {"b.hpp", "#include \"c.hpp\"\n"}, {"c.hpp", ""}
  };
  CHECK(findings_in(rule, good).empty());
  const Files bad{
      {"a.hpp", "#include \"b.hpp\"\n"}, {"b.hpp", "#include \"c.hpp\"\n"}, {"c.hpp", "#include \"a.hpp\"\n"}
  };
  const auto findings = findings_in(rule, bad);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].path == "c.hpp");
}

TEST_CASE("a banned sequence of tokens is found in its folders, however it is spaced") {
  const auto bans = lint::parse_bans("daemon/ !daemon/os/ | ::now(, getenv | ask the port\n# comment\n");
  const auto rule = [&](const auto& source, auto& findings) { lint::check_bans(bans, source, findings); };
  CHECK(found(rule, "auto a = Clock ::\n now ();\n") == Names{"ban:1"});
  CHECK(found(rule, "auto a = clock.now();\n") == Names{});
  CHECK(found(rule, "// getenv\nauto a = \"getenv\";\n") == Names{});
  CHECK(found(rule, "getenv(a);\ngetenv(b);\n") == Names{"ban:1", "ban:2"});
  CHECK(found(rule, "getenv(a);\n", "daemon/os/a.cpp") == Names{});
  CHECK(found(rule, "getenv(a);\n", "cli/a.cpp") == Names{});
  CHECK_THROWS(static_cast<void>(lint::parse_bans("daemon/ | getenv\n")));
}
