// Who may include whom: the table layers.txt, and the checks of every include against it. Any thread.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/lint/source.hpp"

namespace lint {

/// A named group of third-party or system headers; a pattern may begin or end with `*`.
struct HeaderGroup {
  std::string name;
  std::vector<std::string> patterns;
};

/// A folder, or one file, and what it may include beside itself. `<NAME>` in `may` is a header group.
struct Layer {
  std::string path;
  std::vector<std::string> may;
  std::vector<std::pair<std::string, std::string>>
      never;  ///< A forbidden target and why; `*` = all that is not in `may`.
};

/// Headers so dear or so tempting that only few files may reach them, through other headers too.
struct Confined {
  std::string group;
  std::vector<std::string> paths;
  std::string reason;
};

struct Layers {
  std::vector<HeaderGroup> groups;
  std::vector<Layer> layers;
  std::vector<Confined> confined;
  std::vector<Confined> body_only;   ///< No header in these paths may include the group itself.
  std::vector<std::string> unbuilt;  ///< Sources that no target of the dev build compiles.
};

/// Reads layers.txt; throws std::runtime_error that names the line that makes no sense.
[[nodiscard]] Layers parse_layers(std::string_view text);

/// Includes that their file's layer does not allow, with the reason from the table.
void check_layers(const Layers& layers, std::span<const Source> sources, std::vector<Finding>& findings);

/// Files that reach a confined group, and headers that include a body-only one.
void check_confined(const Layers& layers, std::span<const Source> sources, std::vector<Finding>& findings);

/// Headers of ours that include each other in a circle.
void check_cycles(std::span<const Source> sources, std::vector<Finding>& findings);

}  // namespace lint
