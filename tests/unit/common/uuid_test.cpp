#include "common/uuid.hpp"

#include <doctest/doctest.h>

using namespace hubsync;

TEST_CASE("a UUIDv7 begins with its time and carries version and variant") {
  UuidRandom ones{};
  ones.fill(0xFF);
  // RFC 9562, appendix A.6: the same instant.
  CHECK(uuid_v7(instant_from_ms(0x017F22E279B0), ones) == "017f22e2-79b0-7fff-bfff-ffffffffffff");
  CHECK(uuid_v7(instant_from_ms(0x017F22E279B0), {}) == "017f22e2-79b0-7000-8000-000000000000");
}

TEST_CASE("a UUID sequence ascends within a millisecond, past its counter, and when the clock steps back") {
  UuidSequence sequence;
  UuidRandom high{};
  high.fill(0xFF);
  std::string last;
  for (int i = 0; i < 10'000; ++i) {
    const std::string next = sequence.next(instant_from_ms(1'800'000'000'000), high);
    REQUIRE(next > last);
    last = next;
  }
  CHECK(sequence.next(instant_from_ms(1'700'000'000'000), {}) > last);
}

TEST_CASE("an id is told from what is none") {
  CHECK(is_uuid("01a0c450-85bd-752f-8953-257346947a43"));
  for (const char* const text :
       {"",
        "zzzz",
        "01a0c450-85bd-752f-8953-257346947a4",
        "01a0c450-85bd-752f-8953-257346947a433",
        "01a0c45g-85bd-752f-8953-257346947a43",
        "01A0C450-85bd-752f-8953-257346947a43",
        "01a0c450085bd-752f-8953-257346947a43"}) {
    CAPTURE(text);
    CHECK_FALSE(is_uuid(text));
  }
}
