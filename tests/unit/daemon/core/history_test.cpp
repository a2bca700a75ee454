#include "daemon/core/history.hpp"

#include <doctest/doctest.h>

using namespace hubsync;

namespace {

/// A history from newest to oldest.
std::vector<PropertyVersion> history(const std::vector<std::string>& values) {
  std::vector<PropertyVersion> versions;
  std::int64_t at = 1'000'000;
  for (const std::string& value : values) {
    versions.push_back({.value = value, .at = instant_from_ms(at--), .source = "CRM_UI", .user = ""});
  }
  return versions;
}

std::vector<std::string> values(const std::vector<PropertyVersion>& versions) {
  std::vector<std::string> texts;
  for (const PropertyVersion& version : versions) {
    texts.push_back(version.value);
  }
  return texts;
}

using Values = std::vector<std::string>;

}  // namespace

TEST_CASE("a value between what we saw and what we wrote was overwritten unseen") {
  struct Case {
    std::string name;
    Values history;  ///< Newest first.
    Values known;
    Values lost;
  };
  const std::vector<Case> cases{
      {"nobody came between", {"ours", "seen"}, {"seen", "ours"}, {}},
      {"somebody did", {"ours", "theirs", "seen"}, {"seen", "ours"}, {"theirs"}},
      {"twice", {"ours", "b", "a", "seen"}, {"seen", "ours"}, {"b", "a"}},
      {"edited there again since", {"later", "ours", "theirs", "seen"}, {"seen", "ours"}, {"theirs"}},
      {"older values are history", {"ours", "seen", "old"}, {"seen", "ours"}, {}},
      {"several writes of ours", {"ours 2", "ours 1", "seen"}, {"seen", "ours 1", "ours 2"}, {}},
      {"between two of ours", {"ours 2", "theirs", "ours 1", "seen"}, {"seen", "ours 1", "ours 2"}, {"theirs"}
      },
      {"the first value it ever had", {"ours", "theirs"}, {"", "ours"}, {"theirs"}},
      {"cleared before", {"ours", "", "old"}, {"", "ours"}, {}},
      {"our write is not there", {"theirs", "seen"}, {"seen", "ours"}, {}},
      {"what we saw is not there: no proof", {"ours", "theirs"}, {"seen", "ours"}, {}},
      {"nothing known", {"ours"}, {}, {}},
      {"no history", {}, {"seen", "ours"}, {}},
  };
  for (const Case& given : cases) {
    CAPTURE(given.name);
    CHECK(values(overwritten(history(given.history), given.known)) == given.lost);
  }
}
