#include "daemon/hubspot/json_guard.hpp"

#include <cstddef>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace hubsync {

namespace {

/// Bytes of the UTF-8 sequence at `at`; 0 when there is no valid one.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t offset) -> unsigned {
    return at + offset < text.size() ? static_cast<unsigned char>(text[at + offset]) : 0U;
  };
  const auto follows = [&](std::size_t offset) { return (byte(offset) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xC2 && first <= 0xDF) {
    return follows(1) ? 2 : 0;
  }
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) >= 0xA0;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool beyond = first == 0xF4 && byte(1) >= 0x90;
    return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

/// The code unit of the escape "\uXXXX" at `at`; nothing when there is none.
std::optional<unsigned> unicode_escape(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') {
    return std::nullopt;
  }
  unsigned unit = 0;
  for (const char c : text.substr(at + 2, 4)) {
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<unsigned>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<unsigned>(c - 'A') + 10;
    } else {
      return std::nullopt;
    }
    unit = unit * 16 + digit;
  }
  return unit;
}

class Guard {
 public:
  explicit Guard(std::string& body) : body_(body) {}

  JsonGuard run() {
    bool in_string = false;
    for (std::size_t at = 0; at < body_.size();) {
      const char c = body_[at];
      if (c == '"') {
        in_string = !in_string;
        ++at;
      } else if (in_string) {
        at += inside_string(at);
      } else {
        depth_ += (c == '[' || c == '{') ? 1 : (c == ']' || c == '}') ? -1 : 0;
        if (depth_ > max_json_depth) {
          return JsonGuard::too_deep;
        }
        ++at;
      }
    }
    if (!invalid_.empty()) {
      replace_invalid();
    }
    return tainted_ ? JsonGuard::tainted : JsonGuard::clean;
  }

 private:
  /// How far to go on from a place inside a string.
  std::size_t inside_string(std::size_t at) {
    const auto byte = static_cast<unsigned char>(body_[at]);
    if (byte == '\\') {
      return escape(at);
    }
    if (byte >= 0x20 && byte < 0x80) {
      return 1;
    }
    const std::size_t length = byte < 0x20 ? 0 : sequence_length(body_, at);
    if (length == 0) {
      invalid_.push_back(at);
      tainted_ = true;
      return 1;
    }
    return length;
  }

  std::size_t escape(std::size_t at) {
    const auto unit = unicode_escape(body_, at);
    if (!unit) {
      return 2;
    }
    if (*unit >= 0xD800 && *unit <= 0xDBFF) {
      const auto low = unicode_escape(body_, at + 6);
      if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
        return 12;
      }
    }
    if (*unit >= 0xD800 && *unit <= 0xDFFF) {
      body_.replace(at, 6, "\\ufdd0");
      tainted_ = true;
    }
    return 6;
  }

  void replace_invalid() {
    std::string result;
    result.reserve(body_.size() + invalid_.size() * 2);
    std::size_t from = 0;
    for (const std::size_t at : invalid_) {
      result.append(body_, from, at - from).append(taint_mark);
      from = at + 1;
    }
    result.append(body_, from);
    body_ = std::move(result);
  }

  std::string& body_;
  std::vector<std::size_t> invalid_;
  int depth_ = 0;
  bool tainted_ = false;
};

}  // namespace

JsonGuard guard_json(std::string& body) {
  return Guard(body).run();
}

std::optional<nlohmann::json> parse_json(std::string body) {
  if (guard_json(body) == JsonGuard::too_deep) {
    return std::nullopt;
  }
  auto json = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    return std::nullopt;
  }
  return json;
}

}  // namespace hubsync
