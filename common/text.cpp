#include "common/text.hpp"

#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace hubsync {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// C0, DEL and C1; soft hyphen; Arabic letter mark; Mongolian vowel separator; zero-width and bidi marks; line
// and paragraph separators; embeddings and overrides; invisible operators and isolates; byte order mark;
// interlinear annotation; tags.
constexpr std::array<Range, 14> unsafe_ranges{{
    {0x0000, 0x001F},
    {0x007F, 0x009F},
    {0x00AD, 0x00AD},
    {0x061C, 0x061C},
    {0x115F, 0x1160},
    {0x180E, 0x180E},
    {0x200B, 0x200F},
    {0x2028, 0x202E},
    {0x2060, 0x206F},
    {0x3164, 0x3164},
    {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},
    {0xFFF9, 0xFFFB},
    {0xE0000, 0xE007F},
}};

struct Lead {
  std::size_t bytes;  ///< 0: cannot begin a character.
  char32_t bits;
  char32_t least;  ///< Smaller values would be overlong.
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) {
    return {1, byte, 0};
  }
  if (byte >= 0xC2 && byte <= 0xDF) {
    return {2, byte & 0x1FU, 0x80};
  }
  if (byte >= 0xE0 && byte <= 0xEF) {
    return {3, byte & 0x0FU, 0x800};
  }
  if (byte >= 0xF0 && byte <= 0xF4) {
    return {4, byte & 0x07U, 0x10000};
  }
  return {0, 0, 0};
}

void append_hex(std::string& out, char32_t value, std::size_t digits) {
  std::array<char, 8> hex{};
  const auto end =
      std::to_chars(hex.data(), hex.data() + hex.size(), static_cast<std::uint32_t>(value), 16).ptr;
  const std::string_view text{hex.data(), static_cast<std::size_t>(end - hex.data())};
  out.append(digits > text.size() ? digits - text.size() : 0, '0').append(text);
}

/// \uXXXX, as a surrogate pair beyond the basic plane.
void append_json_escape(std::string& out, char32_t value) {
  if (value < 0x10000) {
    out += "\\u";
    append_hex(out, value, 4);
    return;
  }
  const char32_t rest = value - 0x10000;
  append_json_escape(out, 0xD800 + (rest >> 10U));
  append_json_escape(out, 0xDC00 + (rest & 0x3FFU));
}

/// glibc's own table under C.UTF-8, which every Debian has without any locale installed; nothing global is
/// changed.
int columns_of(char32_t value) {
  static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (utf8 == nullptr) {
    return 1;
  }
  const locale_t before = uselocale(utf8);
  const int columns = wcwidth(static_cast<wchar_t>(value));
  uselocale(before);
  return std::max(columns, 0);
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const CodePoint bad{.value = first, .bytes = 1, .valid = false};
  const Lead lead = lead_of(first);
  if (lead.bytes == 0 || text.size() < lead.bytes) {
    return bad;
  }
  char32_t value = lead.bits;
  for (std::size_t i = 1; i < lead.bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80) {
      return bad;
    }
    value = (value << 6U) | (byte & 0x3FU);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < lead.least || value > 0x10FFFF || surrogate) {
    return bad;
  }
  return {.value = value, .bytes = lead.bytes, .valid = true};
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    if (!next.valid) {
      return false;
    }
    text.remove_prefix(next.bytes);
  }
  return true;
}

bool is_unsafe(char32_t code_point) {
  return std::ranges::any_of(unsafe_ranges, [code_point](const Range& range) {
    return code_point >= range.first && code_point <= range.last;
  });
}

std::string terminal_safe(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    if (next.valid && !is_unsafe(next.value)) {
      out += text.substr(0, next.bytes);
    } else {
      out += "\\u{";
      append_hex(out, next.value, 2);
      out += '}';
    }
    text.remove_prefix(next.bytes);
  }
  return out;
}

std::string json_quote(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    if (!next.valid) {
      out += "\uFFFD";
    } else if (next.value == '"' || next.value == '\\') {
      out += '\\';
      out += static_cast<char>(next.value);
    } else if (next.value == '\n') {
      out += "\\n";
    } else if (is_unsafe(next.value)) {
      append_json_escape(out, next.value);
    } else {
      out += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  out += '"';
  return out;
}

std::string json_safe(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const CodePoint next = first_code_point(json);
    const bool layout = next.value == '\n' || next.value == '\t' || next.value == '\r';
    if (!next.valid) {
      out += "\uFFFD";
    } else if (is_unsafe(next.value) && !layout) {
      append_json_escape(out, next.value);
    } else {
      out += json.substr(0, next.bytes);
    }
    json.remove_prefix(next.bytes);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    width += next.valid ? static_cast<std::size_t>(columns_of(next.value)) : 1;
    text.remove_prefix(next.bytes);
  }
  return width;
}

std::string truncate_to_width(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) {
    return std::string{text};
  }
  if (columns == 0) {
    return {};
  }
  std::size_t width = 0;
  std::size_t taken = 0;
  while (taken < text.size()) {
    const CodePoint next = first_code_point(text.substr(taken));
    width += next.valid ? static_cast<std::size_t>(columns_of(next.value)) : 1;
    if (width > columns - 1) {
      break;
    }
    taken += next.bytes;
  }
  return std::string{text.substr(0, taken)} + "…";
}

}  // namespace hubsync
