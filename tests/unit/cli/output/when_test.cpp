#include "cli/output/when.hpp"

#include <doctest/doctest.h>

#include "cli/output/progress.hpp"

namespace hubsync::cli {

TEST_CASE("times are told from now, old ones by their date") {
  const Instant now = *parse_instant("2026-11-24T12:00:00Z");
  CHECK(ago(std::nullopt, now) == "never");
  CHECK(ago(now, now) == "just now");
  CHECK(ago(now - Duration{42'000}, now) == "42s ago");
  CHECK(ago(now - std::chrono::minutes{5}, now) == "5m ago");
  CHECK(ago(now - std::chrono::hours{47}, now) == "1d ago");
  CHECK(ago(now - std::chrono::days{40}, now) == "2026-10-15");
  CHECK(ago(now + std::chrono::seconds{90}, now) == "in 1m");
}

TEST_CASE("durations have at most two parts") {
  CHECK(short_duration(Duration{420}) == "0.4s");
  CHECK(short_duration(Duration{12'900}) == "12s");
  CHECK(short_duration(Duration{200'000}) == "3m 20s");
  CHECK(short_duration(std::chrono::minutes{125}) == "2h 05m");
  CHECK(short_duration(std::chrono::hours{99}) == "4d 3h");
}

TEST_CASE("a progress line tells how far, how fast and how long still") {
  CHECK(
      progress_line("contacts", {.done = 1'200, .total = 2'400}, 230, 100) ==
      "contacts   [############------------]  1,200/2,400  230/s  5.2s left"
  );
  CHECK(progress_line("companies", {.done = 7, .total = std::nullopt}, 0, 100) == "companies  7");
  CHECK(progress_line("contacts", {.done = 5, .total = 0}, 0, 100).contains("[########################]"));
  CHECK(progress_line("contacts", {.done = 7, .total = 7}, 3, 100).ends_with("]  7/7"));
  CHECK(progress_line("contacts", {.done = 1'200, .total = 2'400}, 230, 20).size() <= 22);
}

}  // namespace hubsync::cli
