#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

#include "tests/lint/rules.hpp"

namespace lint {

void check_text(std::string_view path, std::string_view content, std::vector<Finding>& findings) {
  int line = 0;
  auto rest = content;
  while (!rest.empty()) {
    ++line;
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto text = rest.substr(0, end);
    if (text.ends_with(' ') || text.ends_with('\t') || text.ends_with('\r')) {
      findings.push_back({std::string{path}, line, "trailing-space", "blanks at the end of the line"});
    }
    if (text.find('\t') != text.npos) {
      findings.push_back({std::string{path}, line, "tab", "a tab; indent with spaces"});
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!content.empty() && !content.ends_with('\n')) {
    findings.push_back({std::string{path}, line, "last-newline", "the last line has no newline"});
  }
}

void check_headers(const Source& source, bool has_own_header, std::vector<Finding>& findings) {
  if (source.is_header() && !source.pragma_once) {
    findings.push_back({source.path, 1, "pragma-once", "a header starts with #pragma once"});
  }
  if (!has_own_header) {
    return;
  }
  const auto own = source.path.substr(0, source.path.size() - 4) + ".hpp";
  if (source.includes.empty() || source.includes.front().target != own) {
    const int line = source.includes.empty() ? 1 : source.includes.front().line;
    findings.push_back(
        {source.path,
         line,
         "own-header",
         "include \"" + own + "\" first: it shows that the header stands alone"}
    );
  }
}

namespace {

// TODO(#12) and TODO #12 name an issue.
bool names_issue(std::string_view after) {
  const auto number = after.find_first_not_of("( ");
  return number != after.npos && after[number] == '#' && number + 1 < after.size() &&
         std::isdigit(static_cast<unsigned char>(after[number + 1])) != 0;
}

bool is_whole_word(std::string_view text, std::size_t start, std::size_t size) {
  const auto is_letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  return (start == 0 || !is_letter(text[start - 1])) &&
         (start + size == text.size() || !is_letter(text[start + size]));
}

}  // namespace

void check_comments(const Source& source, std::vector<Finding>& findings) {
  constexpr std::array<std::string_view, 3> words{"FIXME", "XXX", "TODO"};
  for (const auto& comment : source.comments) {
    for (const auto word : words) {
      const auto start = comment.text.find(word);
      if (start == comment.text.npos || !is_whole_word(comment.text, start, word.size())) {
        continue;
      }
      if (word != "TODO" || !names_issue(comment.text.substr(start + word.size()))) {
        findings.push_back(
            {source.path,
             comment.line,
             "leftover",
             std::string{word} + " without the number of an issue, as TODO(#12)"}
        );
      }
    }
  }
}

void drop_allowed(const Source& source, std::vector<Finding>& findings) {
  constexpr std::string_view mark = "lint:allow ";
  for (const auto& comment : source.comments) {
    const auto start = comment.text.find(mark);
    if (start == comment.text.npos) {
      continue;
    }
    const auto words = comment.text.substr(start + mark.size());
    const auto colon = words.find(':');
    if (colon == words.npos || trim(words.substr(colon + 1)).empty()) {
      findings.push_back({source.path, comment.line, "allow", "say why: // lint:allow RULE: reason"});
      continue;
    }
    std::erase_if(findings, [&](const Finding& finding) {
      return finding.path == source.path && finding.rule == trim(words.substr(0, colon)) &&
             (finding.line == comment.line || finding.line == comment.line + 1);
    });
  }
}

}  // namespace lint
