#include "tests/lint/source.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <utility>

namespace lint {

namespace {

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class Cutter {
 public:
  explicit Cutter(Source& source) : source_{source}, text_{*source.content} {}

  void cut() {
    while (at_ < text_.size()) {
      step();
    }
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '\n') {
      ++line_;
      ++at_;
      line_is_empty_ = true;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++at_;
    } else if (starts_with("//")) {
      comment(text_.find('\n', at_));
    } else if (starts_with("/*")) {
      const auto end = text_.find("*/", at_ + 2);
      comment(end == text_.npos ? end : end + 2);
    } else if (c == '#' && line_is_empty_) {
      directive();
    } else {
      line_is_empty_ = false;
      token(c);
    }
  }

  bool starts_with(std::string_view start) const { return text_.substr(at_).starts_with(start); }

  void comment(std::size_t end) {
    end = std::min(end, text_.size());
    source_.comments.push_back({.text = text_.substr(at_, end - at_), .line = line_});
    skip_to(end);
  }

  void skip_to(std::size_t end) {
    end = std::min(end, text_.size());
    line_ += static_cast<int>(std::count(
        text_.begin() + static_cast<std::ptrdiff_t>(at_),
        text_.begin() + static_cast<std::ptrdiff_t>(end),
        '\n'
    ));
    at_ = end;
  }

  // A preprocessor line is not code: only includes and `#pragma once` are kept of it.
  void directive() {
    auto end = text_.find('\n', at_);
    while (end != text_.npos && text_[end - 1] == '\\') {
      end = text_.find('\n', end + 1);
    }
    end = std::min(end, text_.size());
    const auto words = trim(text_.substr(at_ + 1, end - at_ - 1));
    if (words.starts_with("include")) {
      include(trim(words.substr(7)));
    }
    source_.pragma_once = source_.pragma_once || words == "pragma once";
    skip_to(end);
  }

  void include(std::string_view target) {
    const bool quoted = target.starts_with('"');
    const auto end = target.find(quoted ? '"' : '>', 1);
    if (end != target.npos) {
      source_.includes.push_back(
          {.target = std::string{target.substr(1, end - 1)}, .quoted = quoted, .line = line_}
      );
    }
  }

  void token(char c) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      take(TokenKind::number, number_end());
    } else if (is_word_character(c)) {
      word();
    } else if (c == '"') {
      take(TokenKind::text, literal_end(at_));
    } else if (c == '\'') {
      take(TokenKind::number, literal_end(at_));
    } else {
      take(TokenKind::symbol, at_ + (starts_with("::") || starts_with("->") ? 2 : 1));
    }
  }

  std::size_t number_end() const {
    auto end = at_;
    while (end < text_.size() && (is_word_character(text_[end]) || text_[end] == '.' || text_[end] == '\'')) {
      ++end;
    }
    return end;
  }

  void word() {
    auto end = at_;
    while (end < text_.size() && is_word_character(text_[end])) {
      ++end;
    }
    const bool raw = end < text_.size() && text_[end] == '"' && text_[end - 1] == 'R';
    take(raw ? TokenKind::text : TokenKind::word, raw ? raw_end(end) : end);
  }

  std::size_t raw_end(std::size_t quote) const {
    const auto open = text_.find('(', quote);
    if (open == text_.npos) {
      return text_.size();
    }
    const auto closing = ")" + std::string{text_.substr(quote + 1, open - quote - 1)} + "\"";
    const auto end = text_.find(closing, open);
    return end == text_.npos ? text_.size() : end + closing.size();
  }

  std::size_t literal_end(std::size_t start) const {
    auto end = start + 1;
    while (end < text_.size() && text_[end] != text_[start] && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2U : 1U;
    }
    return std::min(end + 1, text_.size());
  }

  void take(TokenKind kind, std::size_t end) {
    source_.tokens.push_back({.kind = kind, .text = text_.substr(at_, end - at_), .line = line_});
    skip_to(end);
  }

  Source& source_;
  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool line_is_empty_ = true;
};

}  // namespace

Source read_source(std::string path, std::string content) {
  Source source;
  source.path = std::move(path);
  source.content = std::make_shared<const std::string>(std::move(content));
  Cutter{source}.cut();
  return source;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (const auto piece = trim(text.substr(0, end)); !piece.empty()) {
      pieces.push_back(piece);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return pieces;
}

}  // namespace lint
