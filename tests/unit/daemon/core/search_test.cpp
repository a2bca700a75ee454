#include "daemon/core/search.hpp"

#include <doctest/doctest.h>

using namespace hubsync;

namespace {

std::size_t length(const std::vector<std::string>& part) {
  std::size_t sum = 0;
  for (const std::string& value : part) {
    sum += value.size() + 3;
  }
  return sum;
}

}  // namespace

TEST_CASE("few values need one search, none needs none") {
  CHECK(search_parts({}).empty());
  CHECK(
      search_parts({"acme.test", "bolt.test"}) ==
      std::vector<std::vector<std::string>>{{"acme.test", "bolt.test"}}
  );
}

TEST_CASE("values are spread so that each search stays short, and none is lost") {
  std::vector<std::string> values;
  for (int i = 100; i < 300; ++i) {
    values.push_back("a-company-with-a-rather-long-name-" + std::to_string(i) + ".example.com");
  }
  std::vector<std::string> found;
  for (const auto& part : search_parts(values)) {
    CHECK(length(part) <= 2'400);
    found.insert(found.end(), part.begin(), part.end());
  }
  CHECK(found == values);
}

TEST_CASE("what JSON has to escape counts as it is written") {
  const auto parts = search_parts({std::string(1'000, '"'), std::string(1'000, '\\'), "b"});
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].size() == 1);
}

TEST_CASE("a value too long for any search stops no other") {
  CHECK(
      search_parts({"a", std::string(5'000, 'x'), "b"}) == std::vector<std::vector<std::string>>{{"a", "b"}}
  );
}
