// A configuration file as a plain tree with line numbers, so that only one source file needs a TOML library.
// Any thread. Knows no key and no meaning.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.hpp"

namespace hubsync {

struct ConfigNode {
  enum class Kind { string, integer, number, boolean, table, array, time };

  Kind kind = Kind::table;
  std::string text;  ///< A scalar's value: the string itself, or the number in decimal.
  int line = 0;
  std::vector<std::pair<std::string, ConfigNode>> children = {};  ///< A table's entries, in file order.
};

/// "a string", "an integer", …
[[nodiscard]] std::string_view kind_name(ConfigNode::Kind kind);

/// Parses TOML; a syntax error says "NAME:LINE: …".
[[nodiscard]] Result<ConfigNode> parse_config(std::string_view text, const std::string& name);

/// Reads and parses a file of at most 1 MiB that nobody but its owner may change; not_found when it is
/// missing.
[[nodiscard]] Result<ConfigNode> read_config_file(const std::string& path);

}  // namespace hubsync
