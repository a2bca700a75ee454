// A configuration while it is being read: the values so far and every problem met, so that one run shows them
// all. Used by the config_*.cpp files only.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/os/config.hpp"
#include "daemon/os/config_file.hpp"

namespace hubsync {

struct ConfigReading {
  Config config;
  std::vector<std::string> problems;
  std::string first_key;  ///< The key of the first problem.

  /// "WHERE: KEY: WHAT"; `where` may be empty.
  void problem(std::string_view where, std::string_view key, std::string_view what);

  /// "FILE:LINE" of a node of the file being read.
  [[nodiscard]] std::string place(const ConfigNode& node) const;

  /// Where the current value of a key came from; empty for a default.
  [[nodiscard]] std::string origin(const std::string& key) const;
};

/// "; did you mean "x"?" or nothing.
[[nodiscard]] std::string suggestion(std::string_view word, std::span<const std::string_view> words);

/// Reads the [objects] table of a file.
void read_objects(const ConfigNode& objects, ConfigReading& reading);

/// "FILE" for a table key of `name`, "[objects.contacts.fields]" etc.: reports a node that had to be a table.
[[nodiscard]] bool require_table(const ConfigNode& node, std::string_view key, ConfigReading& reading);

/// Checks what concerns several settings at once, and the files they name.
void check_combinations(ConfigReading& reading);

}  // namespace hubsync
