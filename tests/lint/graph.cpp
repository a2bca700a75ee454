#include "tests/lint/graph.hpp"

#include <algorithm>
#include <set>

#include "tests/lint/layers.hpp"

namespace lint {

IncludeGraph::IncludeGraph(std::span<const Source> sources) {
  for (const auto& source : sources) {
    by_path_.emplace(source.path, &source);
  }
}

const Source* IncludeGraph::find(std::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

namespace {

class Search {
 public:
  Search(const IncludeGraph& graph, const std::function<bool(const Source&)>& wanted)
      : graph_{graph}, wanted_{wanted} {}

  bool visit(const Source& source) {
    if (!seen_.insert(source.path).second) {
      return false;
    }
    way.emplace_back(source.path);
    if (wanted_(source)) {
      return true;
    }
    for (const auto& include : source.includes) {
      const auto* target = include.quoted ? graph_.find(include.target) : nullptr;
      if (target != nullptr && visit(*target)) {
        return true;
      }
    }
    way.pop_back();
    return false;
  }

  std::vector<std::string_view> way;

 private:
  const IncludeGraph& graph_;
  const std::function<bool(const Source&)>& wanted_;
  std::set<std::string_view> seen_;
};

class CycleSearch {
 public:
  CycleSearch(const IncludeGraph& graph, std::vector<Finding>& findings)
      : graph_{graph}, findings_{findings} {}

  void visit(const Source& source) {
    if (done_.contains(source.path)) {
      return;
    }
    way_.emplace_back(source.path);
    for (const auto& include : source.includes) {
      const auto* target = include.quoted ? graph_.find(include.target) : nullptr;
      if (target == nullptr) {
        continue;
      }
      const auto open = std::ranges::find(way_, target->path);
      if (open == way_.end()) {
        visit(*target);
      } else {
        const std::vector<std::string_view> circle{open, way_.end()};
        findings_.push_back({source.path, include.line, "cycle", "includes itself" + describe_way(circle)});
      }
    }
    way_.pop_back();
    done_.insert(source.path);
  }

 private:
  const IncludeGraph& graph_;
  std::vector<Finding>& findings_;
  std::vector<std::string_view> way_;
  std::set<std::string_view> done_;
};

}  // namespace

std::vector<std::string_view> IncludeGraph::way_to(
    const Source& start, const std::function<bool(const Source&)>& wanted
) const {
  Search search{*this, wanted};
  search.visit(start);
  return search.way;
}

std::string describe_way(const std::vector<std::string_view>& way) {
  std::string text;
  for (std::size_t at = 1; at < way.size(); ++at) {
    text += (at == 1 ? " through " : ", ") + std::string{way[at]};
  }
  return text;
}

void check_cycles(std::span<const Source> sources, std::vector<Finding>& findings) {
  const IncludeGraph graph{sources};
  CycleSearch search{graph, findings};
  for (const auto& source : sources) {
    search.visit(source);
  }
}

}  // namespace lint
