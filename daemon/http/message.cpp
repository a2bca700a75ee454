#include "daemon/http/message.hpp"

#include <algorithm>

namespace hubsync::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (equals_ignoring_case(field, name)) {
      return value;
    }
  }
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(fields_, [&](const auto& field) {
    return equals_ignoring_case(field.first, name);
  }));
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) {
      return value;
    }
  }
  return std::nullopt;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower, lower);
}

bool list_has_token(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view item = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    const std::size_t begin = std::min(item.find_first_not_of(" \t"), item.size());
    item.remove_prefix(begin);
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    if (equals_ignoring_case(item, token)) {
      return true;
    }
  }
  return false;
}

}  // namespace hubsync::http
