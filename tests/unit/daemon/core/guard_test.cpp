#include "daemon/core/guard.hpp"

#include <doctest/doctest.h>

using namespace hubsync;

TEST_CASE("a percentage of deletions is rounded down and never less than five") {
  const DeleteLimit tenth{.percent = true, .value = 10};
  CHECK(allowed_deletions(tenth, 0) == 5);
  CHECK(allowed_deletions(tenth, 59) == 5);
  CHECK(allowed_deletions(tenth, 69) == 6);
  CHECK(allowed_deletions(tenth, 1'000'000) == 100'000);
  CHECK(allowed_deletions({.percent = true, .value = 0}, 1'000) == 5);
  CHECK(allowed_deletions({.percent = true, .value = 100}, 77) == 77);
}

TEST_CASE("a count of deletions is taken as it is") {
  CHECK(allowed_deletions({.percent = false, .value = 20}, 5) == 20);
  CHECK(allowed_deletions({.percent = false, .value = 0}, 5'000) == 0);
}

TEST_CASE("a guard tells what it holds") {
  const Guard guard{
      .id = 1, .type = "contacts", .direction = SyncDirection::to_hubspot, .count = 12, .limit = 5
  };
  CHECK(describe(guard).find("12 deletions of contacts in HubSpot") == 0);
}
