// The person at the terminal: single keys, questions, the editor. One thread. Owns the terminal's mode only
// while it waits for a key. Prints only what it is given.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hubsync::cli {

class Terminal {
 public:
  virtual ~Terminal() = default;
  /// Whether somebody can be asked: standard input and standard error are a terminal.
  [[nodiscard]] virtual bool interactive() const = 0;
  /// Shows `prompt` and waits for one of `keys`, which it returns; nothing when the input has ended.
  virtual std::optional<char> key(std::string_view prompt, std::string_view keys) = 0;
  /// Shows `prompt` and waits for a line; nothing when the input has ended.
  virtual std::optional<std::string> line(std::string_view prompt) = 0;
  /// Lets the person edit `text` in $EDITOR; nothing when that did not work.
  virtual std::optional<std::string> edit(const std::string& text) = 0;
};

/// The real one, on standard input and standard error.
[[nodiscard]] std::unique_ptr<Terminal> system_terminal();

}  // namespace hubsync::cli
