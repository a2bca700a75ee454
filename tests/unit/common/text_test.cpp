#include "common/text.hpp"

#include <cstdint>
#include <random>
#include <vector>

#include <doctest/doctest.h>

namespace hubsync {

TEST_CASE("UTF-8 is checked strictly") {
  for (const char* good : {"", "a", "é", "日本", "😀", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF"}) {
    CAPTURE(good);
    CHECK(is_valid_utf8(good));
  }
  for (const char* bad :
       {"\x80",
        "\xC0\xAF",
        "\xC1\xBF",
        "\xE0\x80\xAF",
        "\xED\xA0\x80",
        "\xF0\x80\x80\xAF",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xC3",
        "\xE6\x97",
        "a\xFFz"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_valid_utf8(bad));
  }
}

TEST_CASE("what acts on a terminal is shown, not sent") {
  CHECK(terminal_safe("Ada Lovelace é 日本 😀") == "Ada Lovelace é 日本 😀");
  CHECK(terminal_safe("\x1b[31mred\x1b[0m") == "\\u{1b}[31mred\\u{1b}[0m");
  CHECK(terminal_safe("\x1b]0;owned\x07") == "\\u{1b}]0;owned\\u{07}");
  CHECK(terminal_safe("a\nb\tc\r") == "a\\u{0a}b\\u{09}c\\u{0d}");
  CHECK(terminal_safe("\x7f") == "\\u{7f}");
  CHECK(
      terminal_safe("\xC2\x9B"
                    "31m") == "\\u{9b}31m"
  );
  CHECK(terminal_safe("abc\u202Efed") == "abc\\u{202e}fed");
  CHECK(terminal_safe("a\u200Bb\u2066c\uFEFFd\u061C") == "a\\u{200b}b\\u{2066}c\\u{feff}d\\u{61c}");
  CHECK(terminal_safe("\U000E0041") == "\\u{e0041}");
  CHECK(terminal_safe("a\xFF\x9B") == "a\\u{ff}\\u{9b}");
  CHECK(terminal_safe(std::string_view{"\0", 1}) == "\\u{00}");
}

TEST_CASE("whatever the bytes, safe text is valid, has no control character, and is its own safe form") {
  std::mt19937 random{7};
  const std::vector<std::string> parts{
      "\x1b", "\xC2\x9B", "\u202E", "\xFF", "é", "日", "a", "\n", "\xE6", "\x97"
  };
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) {
      text +=
          random() % 2 == 0 ? parts[random() % parts.size()] : std::string(1, static_cast<char>(random()));
    }
    const std::string safe = terminal_safe(text);
    REQUIRE(is_valid_utf8(safe));
    REQUIRE(terminal_safe(safe) == safe);
    for (const char c : safe) {
      REQUIRE(static_cast<unsigned char>(c) >= 0x20);
    }
    REQUIRE(is_valid_utf8(json_quote(text)));
    REQUIRE_FALSE(json_quote(text).contains('\n'));
  }
}

TEST_CASE("a JSON string escapes what is unsafe, in pairs beyond the basic plane") {
  CHECK(json_quote("a\"b\\c\n") == R"("a\"b\\c\n")");
  CHECK(json_quote("\x1b\x7f") == R"("\u001b\u007f")");
  CHECK(json_quote("\u202E\U000E0041") == R"("\u202e\udb40\udc41")");
  CHECK(json_quote("x\xFFy") == "\"x\uFFFDy\"");
  CHECK(json_safe("{\"a\":\n\"\u202E日\"}") == "{\"a\":\n\"\\u202e日\"}");
}

TEST_CASE("width counts columns, not bytes or characters") {
  CHECK(display_width("") == 0);
  CHECK(display_width("abc") == 3);
  CHECK(display_width("é") == 1);
  CHECK(display_width("e\u0301") == 1);
  CHECK(display_width("山田太郎") == 8);
  CHECK(display_width("😀") == 2);
  CHECK(display_width("한글") == 4);
}

TEST_CASE("cut text fits and never splits a wide character") {
  CHECK(truncate_to_width("abc", 3) == "abc");
  CHECK(truncate_to_width("abcd", 3) == "ab…");
  CHECK(truncate_to_width("山田太郎", 8) == "山田太郎");
  CHECK(truncate_to_width("山田太郎", 7) == "山田太…");
  CHECK(truncate_to_width("山田太郎", 6) == "山田…");
  CHECK(truncate_to_width("abc", 0).empty());
  CHECK(truncate_to_width("abc", 1) == "…");
}

}  // namespace hubsync
