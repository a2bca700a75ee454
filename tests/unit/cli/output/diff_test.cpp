#include "cli/output/diff.hpp"

#include <doctest/doctest.h>

#include "common/text.hpp"

using namespace hubsync;
using namespace hubsync::cli;

namespace {

std::string part(const Marked& value) {
  return value.text.substr(value.begin, value.end - value.begin);
}

}  // namespace

TEST_CASE("what differs between two values is marked, by whole characters") {
  CHECK(part(marked("+49 30 1", "+49 30 2")) == "2");
  CHECK(part(marked("+49 30 1", "+44 30 1")) == "4");
  CHECK(part(marked("", "new")) == "new");
  CHECK(part(marked("same", "same")).empty());
  CHECK(part(marked("abcdef", "abef")).empty());
  CHECK(part(marked("aa", "aaa")) == "a");
  CHECK(part(marked("山田太郎", "山本太郎")) == "本");
  // é and è share their first byte.
  CHECK(part(marked("é", "è")) == "è");
}

TEST_CASE("a hostile value is escaped before it is marked") {
  const Marked value = marked("Ada", "Ada\x1b]0;owned\x07");
  CHECK(value.text == "Ada\\u{1b}]0;owned\\u{07}");
  CHECK(part(value) == "\\u{1b}]0;owned\\u{07}");
}

TEST_CASE("a long value is wrapped without losing anything, its mark with it") {
  const Marked whole = marked("aaaa", "aabbbbbbaa");
  const auto lines = wrapped(whole, 4);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].text == "aabb");
  CHECK(markers(lines[0]) == "  ^^");
  CHECK(markers(lines[1]) == "^^^^");
  CHECK(lines[2].text == "aa");
  CHECK(markers(lines[2]).empty());
  CHECK(wrapped({.text = ""}, 4).size() == 1);
}

TEST_CASE("wide characters are never split, and marks stand under their columns") {
  const auto lines = wrapped(marked("", "山田太郎"), 5);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].text == "山田");
  CHECK(markers(lines[0]) == "^^^^");
  // A column too narrow for one character still makes progress.
  CHECK(wrapped(marked("", "山田"), 1).size() == 2);
}

TEST_CASE("without colours a value is shown as it is") {
  const Marked value = marked("1", "2");
  CHECK(shown(value, Colour::green, false) == "2");
  CHECK(shown(value, Colour::green, true).contains("\x1b["));
}
