#include "tests/lint/bans.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

namespace lint {

namespace {

std::vector<std::string> owned(const std::vector<std::string_view>& pieces) {
  return {pieces.begin(), pieces.end()};
}

bool covers(const Ban& ban, std::string_view path) {
  bool covered = false;
  for (const std::string_view row : ban.paths) {
    if (row.starts_with('!')) {
      covered = covered && !path.starts_with(row.substr(1));
    } else {
      covered = covered || path.starts_with(row);
    }
  }
  return covered;
}

void check_sequence(
    const Ban& ban, const std::string& sequence, const Source& source, std::vector<Finding>& findings
) {
  const auto wanted = read_source("", sequence);
  auto rest = std::span{source.tokens};
  while (true) {
    const auto found = std::ranges::search(rest, wanted.tokens, {}, &Token::text, &Token::text);
    if (found.empty()) {
      return;
    }
    findings.push_back({source.path, found.front().line, "ban", "`" + sequence + "`: " + ban.reason});
    rest = {found.end(), rest.end()};
  }
}

}  // namespace

std::vector<Ban> parse_bans(std::string_view text) {
  std::vector<Ban> bans;
  for (const auto line : split(text, '\n')) {
    if (line.starts_with('#')) {
      continue;
    }
    const auto columns = split(line, '|');
    if (columns.size() != 3) {
      throw std::runtime_error{"bans.txt: needs paths | sequences | reason: " + std::string{line}};
    }
    bans.push_back(
        {.paths = owned(split(columns[0], ' ')),
         .sequences = owned(split(columns[1], ',')),
         .reason = std::string{columns[2]}}
    );
  }
  return bans;
}

void check_bans(const std::vector<Ban>& bans, const Source& source, std::vector<Finding>& findings) {
  for (const auto& ban : bans) {
    if (!covers(ban, source.path)) {
      continue;
    }
    for (const auto& sequence : ban.sequences) {
      check_sequence(ban, sequence, source, findings);
    }
  }
}

}  // namespace lint
