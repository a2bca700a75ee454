// Runs one rule over one small bad example. Plain functions; any thread.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/lint/source.hpp"

/// "rule:line" of each finding.
inline std::vector<std::string> names_of(const std::vector<lint::Finding>& findings) {
  std::vector<std::string> names;
  for (const auto& finding : findings) {
    names.push_back(finding.rule + ":" + std::to_string(finding.line));
  }
  return names;
}

/// What `rule` finds in `content`, as "rule:line".
template <typename Rule>
std::vector<std::string> found(Rule rule, std::string content, std::string path = "daemon/core/a.cpp") {
  std::vector<lint::Finding> findings;
  rule(lint::read_source(std::move(path), std::move(content)), findings);
  return names_of(findings);
}

using Names = std::vector<std::string>;
