// A C++ source file as the lint sees it: tokens, comments and includes, cut by a small tokenizer that knows
// comments, literals, raw strings and preprocessor lines, and nothing of types. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lint {

enum class TokenKind { word, number, text, symbol };

/// A piece of code; `text` points into its Source. `::` and `->` are one symbol, every other symbol is one
/// character.
struct Token {
  TokenKind kind;
  std::string_view text;
  int line;
};

struct Comment {
  std::string_view text;
  int line;
};

struct Include {
  std::string target;  ///< Without its quotes or angle brackets.
  bool quoted;
  int line;
};

/// One file; moving it keeps the tokens valid.
struct Source {
  std::string path;  ///< From the root, with forward slashes.
  std::shared_ptr<const std::string> content;
  std::vector<Token> tokens;
  std::vector<Comment> comments;
  std::vector<Include> includes;
  bool pragma_once = false;

  [[nodiscard]] bool is_header() const { return path.ends_with(".hpp"); }
};

/// What a rule found, printed as `path:line: text [rule]`.
struct Finding {
  std::string path;
  int line;
  std::string rule;
  std::string text;
};

/// Cuts `content` into a Source.
[[nodiscard]] Source read_source(std::string path, std::string content);

/// The pieces of `text` between `separator`s, trimmed; empty pieces are left out.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// `text` without blanks at its ends.
[[nodiscard]] std::string_view trim(std::string_view text);

}  // namespace lint
