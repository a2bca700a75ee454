#include "daemon/os/log_line.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include "daemon/os/message_id.hpp"

namespace hubsync {
namespace {

/// Room for the time, the level, the braces and the mark of a cut line.
constexpr std::size_t overhead = 160;
constexpr std::size_t max_message = 3 * 1024;
constexpr std::size_t max_value = 2 * 1024;
constexpr std::array<std::string_view, 5> level_names{"trace", "debug", "info", "warn", "error"};
/// syslog's numbers for the same levels.
constexpr std::array<char, 5> priorities{'7', '7', '6', '4', '3'};

/// One code point at the front of the text; length 1 and valid == false for a byte that starts none.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 1;
  bool valid = false;
};

CodePoint next_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    return {first, 1, true};
  }
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) {
    return {};
  }
  char32_t value = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) {
      return {};
    }
    value = (value << 6) | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  return value < smallest[length] || value > 0x10FFFF || surrogate ? CodePoint{}
                                                                   : CodePoint{value, length, true};
}

/// Controls, line separators, and the marks that reorder or hide text.
bool is_hidden(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF;
}

/// A valid escape both in JSON and for a reader of text.
std::string escape(char32_t c) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(c));
  return text.data();
}

std::string escaped(const CodePoint& point, std::string_view bytes) {
  if (!point.valid) {
    return escape(0xFFFD);
  }
  switch (point.value) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\\':
      return "\\\\";
    default:
      return is_hidden(point.value) ? escape(point.value) : std::string{bytes.substr(0, point.length)};
  }
}

/// The text escaped, cut between characters when the result would pass `limit`.
std::string clean(std::string_view text, std::size_t limit, bool escape_quotes) {
  std::string result;
  while (!text.empty()) {
    const CodePoint point = next_code_point(text);
    const std::string piece =
        escape_quotes && point.valid && point.value == '"' ? std::string{"\\\""} : escaped(point, text);
    if (result.size() + piece.size() > limit) {
      return result + "…";
    }
    result += piece;
    text.remove_prefix(point.length);
  }
  return result;
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=\\\n\r\t") != std::string_view::npos;
}

std::string text_field(const LogField& field) {
  const bool quotes = needs_quotes(field.value);
  const std::string value = clean(field.value, max_value, quotes);
  std::string text{" "};
  text.append(field.key).append("=");
  return quotes ? text + "\"" + value + "\"" : text + value;
}

std::string json_field(const LogField& field) {
  return ",\"" + std::string{field.key} + "\":\"" + clean(field.value, max_value, true) + "\"";
}

std::string journal_field(const LogField& field) {
  std::string name = "HUBSYNC_";
  std::ranges::transform(field.key, std::back_inserter(name), [](char c) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return lower ? static_cast<char>(c - 'a' + 'A') : kept ? c : '_';
  });
  const std::string line = name.substr(0, 64) + "=" + clean(field.value, max_value, false) + "\n";
  const std::string_view id = field.key == "event" ? message_id(field.value) : std::string_view{};
  return id.empty() ? line : "MESSAGE_ID=" + std::string{id} + "\n" + line;
}

/// What `journalctl` shows of an entry unless it is asked for more: the message with its fields, as in a line
/// of text.
std::string journal_message(std::string_view message, std::span<const LogField> fields) {
  std::string text = clean(message, max_message, false);
  for (const LogField& field : fields) {
    const std::string part = field.key == "event" ? std::string{} : text_field(field);
    if (text.size() + part.size() > max_message) {
      break;
    }
    text += part;
  }
  return text;
}

struct Form {
  std::string head;
  std::string (*field)(const LogField&);
  std::string tail;
  LogField cut;  ///< What is added when fields had to be left out.
};

Form form_of(
    LogFormat format, LogLevel level, Instant now, std::string_view message, std::span<const LogField> fields
) {
  const std::string name{log_level_name(level)};
  const LogField cut{"truncated", "true"};
  switch (format) {
    case LogFormat::json:
      return {
          R"({"time":")" + format_instant(now) + R"(","level":")" + name + R"(","message":")" +
              clean(message, max_message, true) + "\"",
          json_field,
          "}\n",
          cut
      };
    case LogFormat::journald:
      return {
          "MESSAGE=" + journal_message(message, fields) +
              "\nPRIORITY=" + priorities[static_cast<std::size_t>(level)] + "\nSYSLOG_IDENTIFIER=hubsyncd\n",
          journal_field,
          {},
          cut
      };
    case LogFormat::text:
      break;
  }
  return {
      format_instant(now) + " " + name + std::string(6 - name.size(), ' ') +
          clean(message, max_message, false),
      text_field,
      "\n",
      cut
  };
}

}  // namespace

std::string_view log_level_name(LogLevel level) {
  return level_names[static_cast<std::size_t>(level)];
}

std::string encode_log_line(
    LogFormat format, LogLevel level, Instant now, std::string_view message, std::span<const LogField> fields
) {
  const Form form = form_of(format, level, now, message, fields);
  std::string line = form.head;
  for (const LogField& field : fields) {
    const std::string text = form.field(field);
    if (line.size() + text.size() + overhead > max_log_line) {
      line += form.field(form.cut);
      break;
    }
    line += text;
  }
  return line + form.tail;
}

}  // namespace hubsync
