#include "daemon/core/search.hpp"

#include <algorithm>
#include <utility>

namespace hubsync {
namespace {

/// Of HubSpot's 3,000 characters, so much is left for the values of a filter with many of them: the rest of
/// the query, with the longest names that properties have, needs less than what is kept back.
constexpr std::size_t values_limit = 2'400;

/// Bytes that a value takes in JSON, with its quotes and its comma.
std::size_t written_size(const std::string& value) {
  std::size_t size = value.size() + 3;
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      size += 1;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      size += 5;
    }
  }
  return size;
}

}  // namespace

std::vector<std::vector<std::string>> search_parts(std::vector<std::string> values) {
  std::vector<std::vector<std::string>> parts;
  std::size_t used = values_limit;
  for (std::string& value : values) {
    const std::size_t size = written_size(value);
    if (size > values_limit) {
      continue;
    }
    if (used + size > values_limit) {
      parts.emplace_back();
      used = 0;
    }
    parts.back().push_back(std::move(value));
    used += size;
  }
  return parts;
}

}  // namespace hubsync
