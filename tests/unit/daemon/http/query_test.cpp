#include "daemon/http/query.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace hubsync;
using namespace hubsync::http;

TEST_CASE("percent escapes are decoded, plus only in queries") {
  CHECK(percent_decode("a%20b+c") == "a b+c");
  CHECK(percent_decode("a%20b+c", true) == "a b c");
  CHECK(percent_decode("%C3%a9") == "\xC3\xA9");
  CHECK(percent_decode("") == "");
}

TEST_CASE("broken escapes, NUL and invalid UTF-8 are refused") {
  for (const char* text :
       {"%",
        "%4",
        "%g0",
        "%0g",
        "a%",
        "%00",
        "%ff",
        "%C3",
        "%C0%AF",
        "%ED%A0%80",
        "%F4%90%80%80",
        "%E0%80%AF",
        "%F5%80%80%80",
        "%80"}) {
    CAPTURE(text);
    CHECK_FALSE(percent_decode(text));
  }
}

TEST_CASE("encoding is undone by decoding, for every byte of a text") {
  const std::string text = "a b/c?d=e&f+g%h#\xC3\xA9\xF0\x9F\x98\x80~_-.\x01";
  CHECK(percent_decode(percent_encode(text)) == text);
  CHECK(percent_encode("a/b c") == "a%2Fb%20c");
}

TEST_CASE("a target is split into a decoded path and its parameters in order") {
  const auto target = parse_target("/api/contacts/a%40b?search=J%C3%BCrgen+X&empty=&bare&&search=2&=v");
  REQUIRE(target);
  CHECK(target->path == "/api/contacts/a@b");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"search", "J\xC3\xBCrgen X"}, {"empty", ""}, {"bare", ""}, {"search", "2"}, {"", "v"}
  };
  CHECK(target->query == expected);
  CHECK(parse_target("/?")->query.empty());
  CHECK(parse_target("/a?x=y?z=1")->query.front().second == "y?z=1");
}

TEST_CASE("targets that a proxy could read differently are refused") {
  for (const char* target : {"",         "a",      "*",         "http://localhost/a",
                             "//h/../a", "/..",    "/a/..",     "/a/../b",
                             "/a/.",     "/./a",   "/%2e%2e/a", "/a/%2E./b",
                             "/a%2Fb",   "/a%2fb", "/a%5Cb",    "/a\\b",
                             "/a#b",     "/a?b#c", "/%zz",      "/a?b=%",
                             "/a?%ff=1", "/a%0Ab", "/a%7F",     "/a%00"}) {
    CAPTURE(target);
    CHECK_FALSE(parse_target(target));
  }
  CHECK(parse_target("/a/..b/c."));
  CHECK(parse_target("/a?b=../c%2Fd"));
}

TEST_CASE("the number of parameters is bounded") {
  std::string target = "/a?";
  for (int i = 0; i < 64; ++i) {
    target += "x=1&";
  }
  CHECK(parse_target(target));
  CHECK_FALSE(parse_target(target + "x=1"));
}
