#include "daemon/core/canonical.hpp"

#include <algorithm>
#include <ranges>
#include <vector>

namespace hubsync {
namespace {

constexpr std::string_view white_space = " \t\r\n\v\f";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

/// ASCII only: what HubSpot does beyond ASCII is not known, and a wrong guess would hide an edit.
std::string lower_case(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
  }
  return result;
}

std::string canonical_domain(std::string_view text) {
  std::string lowered = lower_case(text);
  std::string_view domain = lowered;
  if (const std::size_t scheme = domain.find("://"); scheme != std::string_view::npos) {
    domain.remove_prefix(scheme + 3);
  }
  domain = domain.substr(0, domain.find_first_of("/?#:"));
  if (domain.starts_with("www.")) {
    domain.remove_prefix(4);
  }
  while (domain.ends_with('.')) {
    domain.remove_suffix(1);
  }
  return std::string{domain};
}

std::string canonical_options(std::string_view text) {
  std::vector<std::string_view> options;
  for (const auto part : std::views::split(text, ';')) {
    if (const std::string_view option = trimmed({part.begin(), part.end()}); !option.empty()) {
      options.push_back(option);
    }
  }
  std::ranges::sort(options);
  const auto repeats = std::ranges::unique(options);
  options.erase(repeats.begin(), repeats.end());
  std::string joined;
  for (const std::string_view option : options) {
    joined.append(joined.empty() ? "" : ";").append(option);
  }
  return joined;
}

}  // namespace

std::string canonical(std::string_view value, ValueKind kind) {
  switch (kind) {
    case ValueKind::email:
      return lower_case(trimmed(value));
    case ValueKind::domain:
      return canonical_domain(trimmed(value));
    case ValueKind::option_set:
      return canonical_options(value);
    case ValueKind::text:
    case ValueKind::reference:
      break;
  }
  return std::string{trimmed(value)};
}

bool same_value(std::string_view a, std::string_view b, ValueKind kind) {
  return a == b || canonical(a, kind) == canonical(b, kind);
}

std::string canonical_key(const TypeRules& rules, std::string_view key_value) {
  const FieldRule* rule = rules.find(rules.key);
  return rule == nullptr ? std::string{} : canonical(key_value, rule->kind);
}

}  // namespace hubsync
