// Words that some folders must not use: the table bans.txt, and the check against it. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/lint/source.hpp"

namespace lint {

/// One row of bans.txt. Paths that begin with `!` are excepted.
struct Ban {
  std::vector<std::string> paths;
  std::vector<std::string> sequences;  ///< Each is code; it matches wherever its tokens follow each other.
  std::string reason;
};

/// Reads bans.txt: `paths | sequence, sequence | reason` in each line; throws std::runtime_error on any other
/// line.
[[nodiscard]] std::vector<Ban> parse_bans(std::string_view text);

/// Uses of what a row bans.
void check_bans(const std::vector<Ban>& bans, const Source& source, std::vector<Finding>& findings);

}  // namespace lint
