#include "tests/lint/layers.hpp"

#include <algorithm>
#include <stdexcept>

#include "tests/lint/graph.hpp"

namespace lint {

namespace {

std::vector<std::string> words_of(std::string_view text) {
  const auto pieces = split(text, ' ');
  return {pieces.begin(), pieces.end()};
}

class Parser {
 public:
  void line(std::string_view text) {
    const auto colon = text.find(" : ");
    const auto words = words_of(text.substr(0, colon));
    const auto reason = colon == text.npos ? std::string{} : std::string{trim(text.substr(colon + 3))};
    const std::vector<std::string> rest{words.begin() + 1, words.end()};
    const auto& keyword = words.front();
    if (rest.empty()) {
      throw std::runtime_error{"nothing after the keyword"};
    }
    if (keyword == "header") {
      result.groups.push_back({.name = rest.front(), .patterns = {rest.begin() + 1, rest.end()}});
    } else if (keyword == "layer") {
      result.layers.push_back({.path = rest.front(), .may = {}, .never = {}});
    } else if (keyword == "may") {
      current().may.insert(current().may.end(), rest.begin(), rest.end());
    } else if (keyword == "never") {
      never(rest, reason);
    } else if (keyword == "only" || keyword == "bodies") {
      require(reason);
      auto& rows = keyword == "only" ? result.confined : result.body_only;
      rows.push_back({.group = rest.front(), .paths = {rest.begin() + 1, rest.end()}, .reason = reason});
    } else if (keyword == "unbuilt") {
      require(reason);
      result.unbuilt.insert(result.unbuilt.end(), rest.begin(), rest.end());
    } else {
      throw std::runtime_error{"unknown keyword " + keyword};
    }
  }

  // Every forbidden edge has a reason, so each layer needs one for all that it does not name.
  void finish() const {
    for (const auto& layer : result.layers) {
      if (std::ranges::none_of(layer.never, [](const auto& edge) { return edge.first == "*"; })) {
        throw std::runtime_error{"layer " + layer.path + " has no `never * : reason`"};
      }
    }
  }

  Layers result;

 private:
  Layer& current() {
    if (result.layers.empty()) {
      throw std::runtime_error{"a row before the first layer"};
    }
    return result.layers.back();
  }

  static void require(const std::string& reason) {
    if (reason.empty()) {
      throw std::runtime_error{"a forbidden edge needs ` : reason`"};
    }
  }

  void never(const std::vector<std::string>& targets, const std::string& reason) {
    require(reason);
    for (const auto& target : targets) {
      current().never.emplace_back(target, reason);
    }
  }
};

bool matches(std::string_view pattern, std::string_view header) {
  if (pattern.starts_with('*')) {
    return header.ends_with(pattern.substr(1));
  }
  const auto start = pattern.substr(0, pattern.size() - 1);
  return pattern.ends_with('*') ? header.starts_with(start) : header == pattern;
}

const HeaderGroup* group_of(const Layers& layers, std::string_view header) {
  for (const auto& group : layers.groups) {
    if (std::ranges::any_of(group.patterns, [&](const auto& pattern) { return matches(pattern, header); })) {
      return &group;
    }
  }
  return nullptr;
}

const Layer* layer_of(const Layers& layers, std::string_view path) {
  const Layer* best = nullptr;
  for (const auto& layer : layers.layers) {
    if (path.starts_with(layer.path) && (best == nullptr || layer.path.size() > best->path.size())) {
      best = &layer;
    }
  }
  return best;
}

// The target of an include as the table names it; empty for the standard library, which all may use.
std::string target_of(const Layers& layers, const Include& include) {
  if (include.quoted) {
    return include.target;
  }
  const auto* group = group_of(layers, include.target);
  if (group != nullptr) {
    return "<" + group->name + ">";
  }
  const bool standard = include.target.find_first_of("/.") == std::string::npos;
  return standard ? std::string{} : "<" + include.target + ">";
}

bool is_within(std::string_view target, std::string_view row) {
  return row == target || (row.ends_with('/') && target.starts_with(row));
}

std::string reason_for(const Layer& layer, std::string_view target) {
  std::string reason;
  for (const auto& [row, text] : layer.never) {
    if (is_within(target, row)) {
      return text;
    }
    if (row == "*") {
      reason = text;
    }
  }
  return reason;
}

bool is_allowed(const Layer& layer, std::string_view target) {
  if (target.empty() || target.starts_with(layer.path)) {
    return true;
  }
  const auto within = [&](const auto& row) { return is_within(target, row); };
  const auto forbidden = [&](const auto& edge) { return is_within(target, edge.first); };
  return std::ranges::any_of(layer.may, within) && std::ranges::none_of(layer.never, forbidden);
}

bool is_within_any(std::string_view path, const std::vector<std::string>& rows) {
  return std::ranges::any_of(rows, [&](const auto& row) { return is_within(path, row); });
}

// The source's own include of a header of this group, or null.
const Include* include_of(const Layers& layers, const Source& source, std::string_view name) {
  for (const auto& include : source.includes) {
    const auto* group = include.quoted ? nullptr : group_of(layers, include.target);
    if (group != nullptr && group->name == name) {
      return &include;
    }
  }
  return nullptr;
}

void check_reach(
    const Layers& layers,
    const Confined& confined,
    std::span<const Source> sources,
    std::vector<Finding>& findings
) {
  const IncludeGraph graph{sources};
  for (const auto& source : sources) {
    if (is_within_any(source.path, confined.paths)) {
      continue;
    }
    const auto way = graph.way_to(source, [&](const Source& reached) {
      return include_of(layers, reached, confined.group) != nullptr;
    });
    if (!way.empty()) {
      const auto text =
          "<" + confined.group + "> reaches this file" + describe_way(way) + ": " + confined.reason;
      findings.push_back({source.path, 1, "confined", text});
    }
  }
}

}  // namespace

Layers parse_layers(std::string_view text) {
  Parser parser;
  int number = 0;
  while (!text.empty()) {
    ++number;
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    try {
      parser.line(line);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error{"layers.txt:" + std::to_string(number) + ": " + error.what()};
    }
  }
  parser.finish();
  return std::move(parser.result);
}

void check_layers(const Layers& layers, std::span<const Source> sources, std::vector<Finding>& findings) {
  for (const auto& source : sources) {
    const auto* layer = layer_of(layers, source.path);
    if (layer == nullptr) {
      findings.push_back({source.path, 1, "layer", "no row of layers.txt covers this file"});
      continue;
    }
    for (const auto& include : source.includes) {
      const auto target = target_of(layers, include);
      if (!is_allowed(*layer, target)) {
        findings.push_back(
            {source.path,
             include.line,
             "layer",
             layer->path + " may not include " + target + ": " + reason_for(*layer, target)}
        );
      }
    }
  }
}

void check_confined(const Layers& layers, std::span<const Source> sources, std::vector<Finding>& findings) {
  for (const auto& confined : layers.confined) {
    check_reach(layers, confined, sources, findings);
  }
  for (const auto& row : layers.body_only) {
    for (const auto& source : sources) {
      const auto* include = include_of(layers, source, row.group);
      if (source.is_header() && include != nullptr && is_within_any(source.path, row.paths)) {
        const auto text = "<" + row.group + "> is for .cpp files: " + row.reason;
        findings.push_back({source.path, include->line, "header-cost", text});
      }
    }
  }
}

}  // namespace lint
