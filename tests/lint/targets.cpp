#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "tests/lint/rules.hpp"

namespace lint {

void check_targets(
    std::span<const Source> sources,
    std::string_view root,
    std::string_view compile_commands,
    std::span<const std::string> unbuilt,
    std::vector<Finding>& findings
) {
  std::set<std::string> compiled;
  for (const auto& command : nlohmann::json::parse(compile_commands)) {
    const auto file = command.at("file").get<std::string>();
    if (file.starts_with(root)) {
      compiled.insert(file.substr(root.size() + 1));
    }
  }
  for (const auto& source : sources) {
    const auto excepted = [&](const std::string& path) { return source.path.starts_with(path); };
    if (!std::ranges::any_of(unbuilt, excepted) && !source.is_header() && !compiled.contains(source.path)) {
      findings.push_back({source.path, 1, "no-target", "no target compiles this file"});
    }
  }
}

}  // namespace lint
