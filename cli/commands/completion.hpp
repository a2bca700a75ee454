// `hubsync completion`: completion scripts, generated from the command tree so that they cannot fall behind
// it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hubsync::cli {

/// One command of the tree; main.cpp makes it from CLI11's.
struct CommandNode {
  std::string name;
  std::string help;
  std::vector<std::string> options;  ///< "--full", "-h".
  std::vector<std::string> words;    ///< Fixed values of positional arguments: "contacts".
  std::vector<CommandNode> commands;
};

/// The script for bash, zsh or fish.
[[nodiscard]] std::string completion_script(const CommandNode& root, std::string_view shell);

}  // namespace hubsync::cli
