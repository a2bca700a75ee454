#include "daemon/core/due.hpp"

#include <doctest/doctest.h>

using namespace hubsync;

TEST_CASE("deaths in company lead to being sent alone, and only deaths alone to being parked") {
  int deaths = 0;
  for (int death = 0; death < 1'000; ++death) {
    deaths = count_death(deaths, false);
    CHECK(deaths < deaths_until_parked);
  }
  CHECK(goes_alone(deaths));
  CHECK(count_death(deaths, true) == deaths_until_parked - 2);
  // Whoever is the only one that waits needs no company first.
  CHECK(count_death(count_death(count_death(0, true), true), true) == deaths_until_parked);
  CHECK(count_death(4, false) == 4);
}

TEST_CASE("each death makes the batch smaller, until the record is alone") {
  CHECK(sent_together(0, 100) == 100);
  CHECK(sent_together(1, 100) == 10);
  CHECK(sent_together(1, 5) == 1);
  CHECK(sent_together(2, 100) == 1);
  CHECK(sent_together(4, 100) == 1);
}
