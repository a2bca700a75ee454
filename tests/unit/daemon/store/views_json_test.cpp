#include "daemon/store/views_json.hpp"

#include <doctest/doctest.h>

#include "daemon/ports/store_error.hpp"

using namespace hubsync;
using namespace hubsync::store;

TEST_CASE("any text survives being stored as JSON") {
  const Fields fields{
      {"plain", "Ada"},
      {"quoted", "say \"hi\" \\ back"},
      {"control", std::string{"a\0b\x1f\n\t", 6}},
      {"wide", "Zoë 中 🐙"},
      {"", ""}
  };
  CHECK(read_fields(write_fields(fields)) == fields);
  CHECK(write_fields({}) == "{}");
  CHECK(read_fields(" { } ").empty());
}

TEST_CASE("a base pair is one string when both forms are equal, else two") {
  const Base base{{"email", {"A@B.C", "a@b.c"}}, {"phone", {"1", "1"}}};
  CHECK(write_base(base) == R"({"email":["A@B.C","a@b.c"],"phone":"1"})");
  CHECK(read_base(write_base(base)) == base);
}

TEST_CASE("a view is stored as what differs from the view under it") {
  const Fields local{{"email", "a@b.c"}, {"lastName", "L"}, {"phone", "1"}};
  const Fields remote{{"city", ""}, {"email", "a@b.c"}, {"phone", "2"}};
  CHECK(write_fields_over(local, local) == "{}");
  CHECK(write_fields_over(local, remote) == R"({"city":"","lastName":null,"phone":"2"})");
  for (const Fields& under : {local, remote, Fields{}}) {
    for (const Fields& over : {local, remote, Fields{}}) {
      CHECK(read_fields_over(under, write_fields_over(under, over)) == over);
    }
  }
  const Base base{{"city", {"", ""}}, {"email", {"A@b.c", "a@b.c"}}, {"name", {"n", "n"}}};
  CHECK(write_base_over(remote, base) == R"({"email":["A@b.c","a@b.c"],"name":"n","phone":null})");
  CHECK(read_base_over(remote, write_base_over(remote, base)) == base);
}

TEST_CASE("edit times are stored as milliseconds") {
  const FieldTimes times{{"phone", instant_from_ms(1'800'000'000'123)}};
  CHECK(write_times(times) == R"({"phone":1800000000123})");
  CHECK(read_times(write_times(times)) == times);
}

TEST_CASE("escapes that another writer would use are read") {
  CHECK(read_fields(R"({"a":"\u00e9\ud83d\udc19\b\/"})") == Fields{{"a", "é🐙\b/"}});
}

TEST_CASE("a stored view that is not JSON is corruption, never an empty view") {
  for (const char* text :
       {"",
        "{",
        "[]",
        "{\"a\"}",
        "{\"a\":1}",
        "{\"a\":null}",
        "{\"a\":\"b\"",
        "{\"a\":\"b\"}x",
        "{\"a\":\"\\q\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\ud83d\"}",
        "null"}) {
    CAPTURE(text);
    CHECK_THROWS_AS((void)read_fields(text), StoreCorrupt);
  }
}
