#include "daemon/http/query.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace hubsync::http {
namespace {

constexpr std::size_t max_parameters = 64;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The length of the UTF-8 sequence that begins here; 0 when it is broken, overlong, a surrogate or beyond
/// U+10FFFF.
std::size_t utf8_sequence(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = at(0);
  if (first < 0x80) {
    return 1;
  }
  const std::size_t length = first < 0xC2   ? 0U
                             : first < 0xE0 ? 2U
                             : first < 0xF0 ? 3U
                             : first < 0xF5 ? 4U
                                            : 0U;
  if (length == 0 || text.size() < length) {
    return 0;
  }
  const std::uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (at(1) < low || at(1) > high) {
    return 0;
  }
  for (std::size_t i = 2; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) {
      return 0;
    }
  }
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

/// Decoding never makes a separator: "%2F" in a path would mean one thing to us and another to a proxy.
bool escapes_separator(std::string_view path) {
  for (std::size_t i = 0; i + 2 < path.size(); ++i) {
    if (path[i] == '%') {
      const int value = hex_digit(path[i + 1]) * 16 + hex_digit(path[i + 2]);
      if (value == '/' || value == '\\') {
        return true;
      }
    }
  }
  return false;
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, slash);
    if (segment == "." || segment == "..") {
      return true;
    }
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return false;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<std::uint8_t>(c) < 0x20 || c == 0x7F; });
}

Result<Target> refuse_target(std::string reason) {
  return fail(ErrorCode::invalid, "the request target " + std::move(reason));
}

/// Appends the parameters of a query string; the sentence that says what is wrong with it otherwise.
std::optional<std::string> split_query(std::string_view query, Target& target) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) {
      continue;
    }
    if (target.query.size() == max_parameters) {
      return "has too many query parameters";
    }
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) {
      return "has a query parameter that is not percent-encoded UTF-8";
    }
    target.query.emplace_back(*std::move(name), *std::move(value));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_space) {
      c = ' ';
    } else if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return std::nullopt;
      }
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') {
      return std::nullopt;
    }
    decoded.push_back(c);
  }
  if (!is_utf8(decoded)) {
    return std::nullopt;
  }
  return decoded;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded.push_back(c);
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      encoded.push_back('%');
      encoded.push_back(digits[byte >> 4U]);
      encoded.push_back(digits[byte & 0xFU]);
    }
  }
  return encoded;
}

Result<Target> parse_target(std::string_view target) {
  if (!target.starts_with('/')) {
    return refuse_target("must be a path that begins with \"/\"");
  }
  if (target.find('#') != std::string_view::npos) {
    return refuse_target("has a fragment");
  }
  const std::size_t question = std::min(target.find('?'), target.size());
  const std::string_view raw_path = target.substr(0, question);
  auto path = percent_decode(raw_path);
  if (!path) {
    return refuse_target("has a path that is not percent-encoded UTF-8");
  }
  if (escapes_separator(raw_path) || raw_path.find('\\') != std::string_view::npos) {
    return refuse_target("has an escaped slash or a backslash in its path");
  }
  if (has_dot_segment(*path)) {
    return refuse_target("has a \".\" or \"..\" segment");
  }
  if (has_control(*path)) {
    return refuse_target("has a control character in its path");
  }
  Target result{.path = *std::move(path), .query = {}};
  if (auto reason = split_query(target.substr(std::min(question + 1, target.size())), result)) {
    return refuse_target(*std::move(reason));
  }
  return result;
}

}  // namespace hubsync::http
