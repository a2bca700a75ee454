#include <algorithm>
#include <array>
#include <cstddef>

#include "tests/lint/rules.hpp"

namespace lint {

namespace {

// PRAGMA is left out: SQLite binds no parameters in it.
bool is_sql(std::string_view literal) {
  constexpr std::array<std::string_view, 8> verbs{
      "SELECT ", "INSERT ", "UPDATE ", "DELETE ", "REPLACE ", "CREATE ", "DROP ", "ALTER "
  };
  const auto quote = literal.find_first_of("\"(");
  if (quote == literal.npos) {
    return false;
  }
  const auto start = literal.starts_with('"') ? quote + 1 : literal.find('(') + 1;
  const auto statement = trim(literal.substr(start));
  return std::ranges::any_of(verbs, [&](auto verb) { return statement.starts_with(verb); });
}

bool is_text(const std::vector<Token>& tokens, std::size_t at) {
  return at < tokens.size() && tokens[at].kind == TokenKind::text;
}

bool is_symbol(const std::vector<Token>& tokens, std::size_t at, std::string_view symbol) {
  return at < tokens.size() && tokens[at].kind == TokenKind::symbol && tokens[at].text == symbol;
}

// first..end is a run of adjacent literals, perhaps in std::string{…}.
bool is_joined(const std::vector<Token>& tokens, std::size_t first, std::size_t end) {
  if (is_symbol(tokens, end, "}") || is_symbol(tokens, end, ")")) {
    ++end;
  }
  if (is_symbol(tokens, end, "+") || (first > 0 && is_symbol(tokens, first - 1, "+"))) {
    return true;
  }
  return first > 1 && is_symbol(tokens, first - 1, "(") &&
         (tokens[first - 2].text == "format" || tokens[first - 2].text == "vformat");
}

}  // namespace

void check_sql(const Source& source, std::vector<Finding>& findings) {
  const auto& tokens = source.tokens;
  for (std::size_t first = 0; first < tokens.size(); ++first) {
    if (!is_text(tokens, first) || !is_sql(tokens[first].text)) {
      continue;
    }
    auto end = first;
    while (is_text(tokens, end)) {
      ++end;
    }
    if (is_joined(tokens, first, end)) {
      findings.push_back(
          {source.path,
           tokens[first].line,
           "built-sql",
           "SQL is one literal with bound parameters, never put together"}
      );
    }
    first = end - 1;
  }
}

}  // namespace lint
