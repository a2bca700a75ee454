#include "common/time.hpp"

#include <doctest/doctest.h>

using namespace hubsync;

TEST_CASE("an instant is printed in UTC with milliseconds and read back") {
  const Instant instant = instant_from_ms(1'795'482'123'456);
  CHECK(parse_instant(format_instant(instant)) == instant);
  CHECK(format_instant(instant_from_ms(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(format_instant(instant_from_ms(-1)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("HubSpot's trimmed fractions, offsets, dates and epoch milliseconds are read") {
  CHECK(parse_instant("2022-02-17T19:22:45.5Z") == parse_instant("2022-02-17T19:22:45.500Z"));
  CHECK(parse_instant("2022-02-17T19:22:45Z") == parse_instant("2022-02-17T19:22:45.000Z"));
  CHECK(parse_instant("2022-02-17T19:22:45.123456Z") == parse_instant("2022-02-17T19:22:45.123Z"));
  CHECK(parse_instant("2022-02-17T20:22:45+01:00") == parse_instant("2022-02-17T19:22:45Z"));
  CHECK(parse_instant("2022-02-17") == parse_instant("2022-02-17T00:00:00Z"));
  CHECK(parse_instant("1645125765500") == parse_instant("2022-02-17T19:22:45.5Z"));
}

TEST_CASE("what is not a time is refused") {
  for (const char* text : {"", "x", "2022-02-30", "2022-13-01", "2022-02-17T", "2022-02-17T25:00:00Z",
                           "2022-02-17T19:22:45", "2022-02-17T19:22:45.Z", "2022-02-17T19:22:45Zx", "12-34567890123"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_instant(text));
  }
}

TEST_CASE("the date of an HTTP header is read") {
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == parse_instant("1994-11-06T08:49:37Z"));
  CHECK(format_http_date(*parse_instant("1994-11-06T08:49:37.9Z")) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(parse_http_date("Thu, 31 Dec 2026 23:59:60 GMT") == parse_instant("2027-01-01T00:00:00Z"));
  CHECK(parse_http_date("Wed, 14 Oct 2026 00:00:00 GMT") == parse_instant("2026-10-14T00:00:00Z"));
  for (const char* text : {"", "120", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                           "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nox 1994 08:49:37 GMT",
                           "Sun, 31 Feb 1994 08:49:37 GMT", "unD, 06 Nov 1994 08:49:37 GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text));
  }
}

TEST_CASE("durations are one number and one unit") {
  CHECK(parse_duration("0") == Duration{0});
  CHECK(parse_duration("500ms") == Duration{500});
  CHECK(parse_duration("30s") == Duration{30'000});
  CHECK(parse_duration("5m") == Duration{300'000});
  CHECK(parse_duration("24h") == Duration{86'400'000});
  CHECK(parse_duration("30d") == Duration{30LL * 86'400'000});
  for (const char* text : {"", "5", "s", "-5s", "1.5s", "5 s", "5w", "5sx", "99999999999999999999s", "9223372036854775807d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
}

TEST_CASE("durations are printed in their largest exact unit") {
  CHECK(format_duration(Duration{0}) == "0");
  CHECK(format_duration(Duration{90'000}) == "90s");
  CHECK(format_duration(Duration{86'400'000}) == "1d");
  CHECK(format_duration(Duration{1'001}) == "1001ms");
}
