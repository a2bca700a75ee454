#include "tests/hubspot_sim/faults.hpp"

#include <algorithm>
#include <array>

namespace hubspot_sim {
namespace {

constexpr std::array<std::string_view, 7> action_names{
    "answer", "applied_answer", "delay", "drop_before", "drop_after", "cut_after", "truncate"
};
constexpr std::array<std::string_view, 7> body_names{
    "json", "html", "cloudflare_1015", "empty", "empty_json", "invalid_json", "custom"
};

template <typename Enum, std::size_t N>
std::optional<Enum> from_name(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? std::nullopt : std::optional{static_cast<Enum>(found - names.begin())};
}

}  // namespace

std::int64_t Faults::add(FaultRule rule) {
  rule.id = next_id_++;
  rules_.push_back(std::move(rule));
  return rules_.back().id;
}

bool Faults::remove(std::int64_t id) {
  return std::erase_if(rules_, [id](const FaultRule& rule) { return rule.id == id; }) > 0;
}

std::optional<FaultRule> Faults::take(std::string_view method, std::string_view path, Random& random) {
  for (auto& rule : rules_) {
    const bool matches = rule.remaining != 0 && (rule.method.empty() || rule.method == method) &&
                         path.starts_with(rule.path_prefix);
    if (!matches) {
      continue;
    }
    if (rule.skip > 0) {
      --rule.skip;
      continue;
    }
    if (rule.percent < 100 && !random.percent(rule.percent)) {
      continue;
    }
    rule.remaining -= rule.remaining > 0 ? 1 : 0;
    ++rule.hits;
    return rule;
  }
  return std::nullopt;
}

std::optional<FaultAction> fault_action_from(std::string_view name) {
  return from_name<FaultAction>(action_names, name);
}

std::string_view fault_action_name(FaultAction action) {
  return action_names[static_cast<std::size_t>(action)];
}

std::optional<FaultBody> fault_body_from(std::string_view name) {
  return from_name<FaultBody>(body_names, name);
}

}  // namespace hubspot_sim
