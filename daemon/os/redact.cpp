#include "daemon/os/redact.hpp"

#include <algorithm>

namespace hubsync {
namespace {

constexpr std::string_view mark = "[redacted]";
/// Shorter secrets would blank ordinary words; such a secret protects nothing anyway.
constexpr std::size_t min_exact_length = 6;
constexpr std::size_t min_token_tail = 8;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool token_char(char c) {
  const char folded = lower(c);
  return (folded >= 'a' && folded <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view{"-._~+/="}.find(c) != std::string_view::npos;
}

bool starts_with_folded(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && std::ranges::equal(text.substr(0, prefix.size()), prefix, {}, lower);
}

std::size_t token_length(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, token_char) - text.begin());
}

/// How many characters at the front are `kept` words and then a token; {0, 0} when none is there.
struct Found {
  std::size_t kept = 0;
  std::size_t token = 0;
};

Found token_at(std::string_view text) {
  if (starts_with_folded(text, "pat-")) {
    const std::size_t length = token_length(text);
    return length >= 4 + min_token_tail ? Found{0, length} : Found{};
  }
  if (!starts_with_folded(text, "bearer")) {
    return {};
  }
  const std::size_t start = std::min(text.find_first_not_of(" \t:", 6), text.size());
  if (start == 6) {
    return {};
  }
  const std::size_t length = token_length(text.substr(start));
  // "bearer token" is our own wording for the thing, not one of them.
  return length == 0 || text.substr(start, length) == "token" ? Found{} : Found{start, length};
}

std::string without_patterns(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const Found found = token_at(text);
    if (found.token == 0) {
      result.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    result.append(text.substr(0, found.kept)).append(mark);
    text.remove_prefix(found.kept + found.token);
  }
  return result;
}

void replace_all(std::string& text, std::string_view needle) {
  for (std::size_t at = text.find(needle); at != std::string::npos;
       at = text.find(needle, at + mark.size())) {
    text.replace(at, needle.size(), mark);
  }
}

}  // namespace

std::string redact(std::string_view text, std::span<const Secret> secrets) {
  std::string result{text};
  for (const Secret& secret : secrets) {
    if (secret.reveal().size() >= min_exact_length) {
      replace_all(result, secret.reveal());
    }
  }
  return without_patterns(result);
}

}  // namespace hubsync
