// The table of scalar settings: one row per key, from which reading, checking, messages and `config show` all
// follow. Immutable after first use; any thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/os/config.hpp"
#include "daemon/os/config_file.hpp"

namespace hubsync {

struct Setting {
  std::string key;       ///< "sync.poll_interval"
  std::string variable;  ///< The environment variable that overrides the file; may be empty.
  std::vector<ConfigNode::Kind> kinds;
  std::string allowed;  ///< "a duration from 1s to 10m, like …"

  /// Stores the value; returns what is wrong with it, or nothing.
  std::function<std::string(Config&, std::string_view)> set;

  /// The value as TOML.
  std::function<std::string(const Config&)> show;

  [[nodiscard]] std::string_view table() const { return std::string_view{key}.substr(0, key.find('.')); }
  [[nodiscard]] std::string_view name() const { return std::string_view{key}.substr(key.find('.') + 1); }
};

/// All of them, in the order of the documentation.
[[nodiscard]] std::span<const Setting> all_settings();

/// Null when there is no such key.
[[nodiscard]] const Setting* find_setting(std::string_view key);

/// `"a", "b" or "c"`.
[[nodiscard]] std::string one_of(std::span<const std::string_view> words);

}  // namespace hubsync
