#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "tests/lint/rules.hpp"

namespace lint {

namespace {

constexpr int max_file_lines = 500;
constexpr int max_function_lines = 70;
constexpr int max_nesting = 4;

bool is_one_of(const Token& token, std::initializer_list<std::string_view> words) {
  return token.kind != TokenKind::text && std::ranges::find(words, token.text) != words.end();
}

class Walker {
 public:
  Walker(const Source& source, std::vector<Finding>& findings)
      : source_{source}, tokens_{source.tokens}, findings_{findings} {}

  // Walks the declarations of namespaces and classes; function bodies are measured and stepped over.
  void walk() {
    std::size_t at = 0;
    while (at < tokens_.size()) {
      at = declaration_token(at);
    }
  }

 private:
  struct Statement {
    std::optional<std::size_t> start;
    bool parentheses = false;
    bool assigned = false;
    bool member_initialisers = false;
    bool container = false;
  };

  std::size_t declaration_token(std::size_t at) {
    const auto& token = tokens_[at];
    if (is_one_of(token, {";", "}"}) || (at > 0 && is_access_label(at))) {
      statement_ = {};
      return at + 1;
    }
    if (!statement_.start) {
      statement_.start = at;
    }
    if (is_one_of(token, {"("})) {
      statement_.parentheses = true;
      return closing(at, "(", ")");
    }
    if (is_one_of(token, {"template"}) && at + 1 < tokens_.size() && is_one_of(tokens_[at + 1], {"<"})) {
      return closing(at + 1, "<", ">");
    }
    if (is_one_of(token, {"{"})) {
      return open_brace(at);
    }
    note(at);
    return at + 1;
  }

  bool is_access_label(std::size_t at) const {
    return is_one_of(tokens_[at], {":"}) && is_one_of(tokens_[at - 1], {"public", "private", "protected"});
  }

  void note(std::size_t at) {
    const auto& token = tokens_[at];
    const bool names_operator = (at > 0 && is_one_of(tokens_[at - 1], {"operator"})) ||
                                (at > 1 && is_one_of(tokens_[at - 2], {"operator"}));
    if (is_one_of(token, {"="}) && !names_operator) {
      statement_.assigned = true;
    } else if (is_one_of(token, {":"}) && statement_.parentheses) {
      statement_.member_initialisers = true;
    } else if (is_one_of(token, {"namespace", "class", "struct", "union", "enum", "extern"})) {
      statement_.container = true;
    }
  }

  std::size_t open_brace(std::size_t at) {
    const auto end = closing(at, "{", "}");
    const bool initialises_member = statement_.member_initialisers &&
                                    (tokens_[at - 1].kind == TokenKind::word || tokens_[at - 1].text == ">");
    if (statement_.parentheses && !statement_.assigned && !initialises_member) {
      measure(*statement_.start, at, end);
      statement_ = {};
      return end;
    }
    if (statement_.container && !statement_.assigned && !statement_.parentheses) {
      statement_ = {};
      return at + 1;
    }
    return end;
  }

  // The position after the bracket that closes the one at `at`.
  std::size_t closing(std::size_t at, std::string_view open, std::string_view close) const {
    int depth = 0;
    for (; at < tokens_.size(); ++at) {
      if (is_one_of(tokens_[at], {open})) {
        ++depth;
      } else if (is_one_of(tokens_[at], {close}) && --depth == 0) {
        return at + 1;
      }
    }
    return at;
  }

  void measure(std::size_t start, std::size_t open, std::size_t end) {
    const int first = tokens_[start].line;
    const int lines = tokens_[end - 1].line - first + 1;
    if (lines > max_function_lines) {
      report(
          first, "function-length", "this function has " + std::to_string(lines) + " lines, of at most 70"
      );
    }
    check_nesting(open + 1, end - 1);
  }

  enum class Bracket { parenthesis, block, initialiser };

  void check_nesting(std::size_t at, std::size_t end) {
    std::vector<Bracket> open;
    for (; at < end; ++at) {
      if (is_one_of(tokens_[at], {"(", "["})) {
        open.push_back(Bracket::parenthesis);
      } else if (is_one_of(tokens_[at], {"{"})) {
        const bool in_block = open.empty() || open.back() == Bracket::block;
        open.push_back(opens_block(at, in_block) ? Bracket::block : Bracket::initialiser);
        if (open.back() == Bracket::block && std::ranges::count(open, Bracket::block) == max_nesting + 1) {
          report(tokens_[at].line, "nesting", "nested more than 4 deep; what is the missing function?");
        }
      } else if (is_one_of(tokens_[at], {")", "]", "}"}) && !open.empty()) {
        open.pop_back();
      }
    }
  }

  // A brace in a function opens a block, not an initialiser, after a condition, a keyword, a lambda's head or
  // a statement.
  bool opens_block(std::size_t at, bool in_block) const {
    const auto& before = tokens_[at - 1];
    if (is_one_of(before, {")", "else", "do", "try", "mutable", "noexcept", "]"})) {
      return true;
    }
    if (is_one_of(before, {";", "}", "{", ":"})) {
      return in_block;
    }
    return ends_return_type(at);
  }

  bool ends_return_type(std::size_t at) const {
    while (at-- > 0) {
      const auto& token = tokens_[at];
      if (is_one_of(token, {"->"})) {
        return at > 0 && is_one_of(tokens_[at - 1], {")", "mutable", "noexcept"});
      }
      if (token.kind != TokenKind::word && !is_one_of(token, {"::", "<", ">", ",", "&", "*"})) {
        return false;
      }
    }
    return false;
  }

  void report(int line, std::string rule, std::string text) {
    findings_.push_back({source_.path, line, std::move(rule), std::move(text)});
  }

  const Source& source_;
  const std::vector<Token>& tokens_;
  std::vector<Finding>& findings_;
  Statement statement_;
};

}  // namespace

void check_shape(const Source& source, std::vector<Finding>& findings) {
  const auto lines = static_cast<int>(std::ranges::count(*source.content, '\n'));
  if (lines > max_file_lines) {
    findings.push_back(
        {source.path,
         max_file_lines + 1,
         "file-length",
         "this file has " + std::to_string(lines) + " lines, of at most 500"}
    );
  }
  Walker{source, findings}.walk();
}

}  // namespace lint
