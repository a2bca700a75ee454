#include "daemon/core/history.hpp"

#include <algorithm>

namespace hubsync {

std::vector<PropertyVersion> overwritten(
    const std::vector<PropertyVersion>& history, const std::vector<std::string>& known
) {
  if (known.size() < 2) {
    return {};
  }
  auto version = std::ranges::find(history, known.back(), &PropertyVersion::value);
  if (version == history.end()) {
    return {};
  }
  std::vector<PropertyVersion> foreign;
  for (++version; version != history.end(); ++version) {
    if (version->value == known.front()) {
      return foreign;
    }
    if (std::ranges::find(known, version->value) == known.end()) {
      foreign.push_back(*version);
    }
  }
  // A property that never had a value begins with somebody's first one.
  const bool whole = known.front().empty() && history.size() < max_versions;
  return whole ? foreign : std::vector<PropertyVersion>{};
}

}  // namespace hubsync
