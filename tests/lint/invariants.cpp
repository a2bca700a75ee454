#include <algorithm>
#include <set>
#include <string>

#include "tests/lint/rules.hpp"

namespace lint {

namespace {

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

/// The names of the test cases; a name may be several literals.
void collect_names(const Source& source, std::set<std::string>& names) {
  const auto& tokens = source.tokens;
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (tokens[i].text != "TEST_CASE" || tokens[i + 1].text != "(") {
      continue;
    }
    std::string name;
    for (std::size_t at = i + 2; at < tokens.size() && tokens[at].kind == TokenKind::text; ++at) {
      name += unquoted(tokens[at].text);
    }
    names.insert(std::move(name));
  }
}

/// What stands in double quotes in one row of the table.
std::vector<std::string_view> quoted_names(std::string_view row) {
  std::vector<std::string_view> names;
  for (auto open = row.find('"'); open != std::string_view::npos;) {
    const auto close = row.find('"', open + 1);
    if (close == std::string_view::npos) {
      break;
    }
    names.push_back(row.substr(open + 1, close - open - 1));
    open = row.find('"', close + 1);
  }
  return names;
}

}  // namespace

void check_invariants(
    std::span<const Source> sources, std::string_view table, std::vector<Finding>& findings
) {
  std::set<std::string> names;
  for (const auto& source : sources) {
    collect_names(source, names);
  }
  int line = 1;
  while (!table.empty()) {
    const auto row = table.substr(0, table.find('\n'));
    if (row.starts_with('|')) {
      for (const auto name : quoted_names(row)) {
        if (!names.contains(std::string{name})) {
          findings.push_back(
              {"tests/INVARIANTS.md", line, "invariants", "there is no test \"" + std::string{name} + "\""}
          );
        }
      }
    }
    table.remove_prefix(std::min(row.size() + 1, table.size()));
    ++line;
  }
}

}  // namespace lint
