// The includes between our own files as a graph. Points into the sources it was made from. Any thread.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/lint/source.hpp"

namespace lint {

class IncludeGraph {
 public:
  explicit IncludeGraph(std::span<const Source> sources);

  /// The files from `start` to the first one, in order of includes, that is `wanted`; empty when there is
  /// none.
  [[nodiscard]] std::vector<std::string_view> way_to(
      const Source& start, const std::function<bool(const Source&)>& wanted
  ) const;

  /// The file with this path from the root, or null.
  [[nodiscard]] const Source* find(std::string_view path) const;

 private:
  std::map<std::string_view, const Source*> by_path_;
};

/// " through a.hpp, b.hpp" for a way of more than one file.
[[nodiscard]] std::string describe_way(const std::vector<std::string_view>& way);

}  // namespace lint
