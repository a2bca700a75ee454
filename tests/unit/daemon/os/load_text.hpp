// A configuration from a text, as a file of its own, for the tests of what is read.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "daemon/os/config.hpp"
#include "tests/unit/daemon/os/temp_dir.hpp"

namespace hubsync::test {

struct Loaded {
  Result<Config> result;
  std::string path;
};

inline Loaded load(
    std::string_view text,
    std::map<std::string, std::string> environment = {},
    std::vector<ConfigOverride> overrides = {}
) {
  const TempDir directory;
  const std::string path = directory.write("hubsync.toml", text, 0644);
  return {
      load_config({.file = path, .environment = std::move(environment), .overrides = std::move(overrides)}),
      path
  };
}

inline Config good(
    std::string_view text,
    std::map<std::string, std::string> environment = {},
    std::vector<ConfigOverride> overrides = {}
) {
  Loaded loaded = load(text, std::move(environment), std::move(overrides));
  INFO((loaded.result ? std::string{} : loaded.result.error().message));
  REQUIRE(loaded.result);
  return *std::move(loaded.result);
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A text that is refused, and what its error says.
struct WrongText {
  const char* text;
  const char* place;  ///< After the file's name: ":2: objects.deals.key: ".
  const char* says;
};

inline void check_refused(const WrongText& wrong) {
  CAPTURE(wrong.text);
  const Loaded loaded = load(wrong.text);
  REQUIRE_FALSE(loaded.result);
  const std::string& message = loaded.result.error().message;
  CAPTURE(message);
  CHECK(message.starts_with(loaded.path + wrong.place));
  CHECK(has(message, wrong.says));
  CHECK(has(message, "allowed"));
}

}  // namespace hubsync::test
