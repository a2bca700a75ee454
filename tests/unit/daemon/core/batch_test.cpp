#include "daemon/core/batch.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <doctest/doctest.h>

using namespace hubsync;

TEST_CASE("inputs without keys fill batch after batch") {
  const auto batches = pack(std::vector<std::string>(250), 100);
  REQUIRE(batches.size() == 3);
  CHECK(batches[0].size() == 100);
  CHECK(batches[2].size() == 50);
  CHECK(pack({}, 100).empty());
}

TEST_CASE("a key stands at most once in a batch and its inputs keep their order") {
  const auto batches = pack({"a", "b", "a", "c", "a", "b"}, 2);
  REQUIRE(batches.size() == 3);
  CHECK(batches[0] == Batch{0, 1});
  CHECK(batches[1] == Batch{2, 3});
  CHECK(batches[2] == Batch{4, 5});
}

TEST_CASE("packing loses nothing, whatever the keys") {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < 1'000; ++i) {
    keys.push_back(i % 3 == 0 ? "" : "k" + std::to_string(i * i % 37));
  }
  std::set<std::size_t> seen;
  std::map<std::string, std::size_t> last;
  for (const Batch& batch : pack(keys, 7)) {
    CHECK(batch.size() <= 7);
    std::set<std::string> here;
    for (const std::size_t i : batch) {
      CHECK(seen.insert(i).second);
      if (!keys[i].empty()) {
        CHECK(here.insert(keys[i]).second);
        CHECK(last[keys[i]] <= i);
        last[keys[i]] = i;
      }
    }
  }
  CHECK(seen.size() == keys.size());
}

TEST_CASE("one bad record is found by halving and all others go through") {
  BatchWork work{std::vector<std::string>(100), 100};
  std::vector<std::size_t> done;
  std::vector<std::size_t> bad;
  int calls = 0;
  while (const auto batch = work.next()) {
    ++calls;
    if (std::ranges::find(*batch, 37U) == batch->end()) {
      done.insert(done.end(), batch->begin(), batch->end());
    } else if (!work.refused(*batch)) {
      bad.insert(bad.end(), batch->begin(), batch->end());
    }
  }
  CHECK(bad == std::vector<std::size_t>{37});
  CHECK(done.size() == 99);
  CHECK(std::ranges::is_sorted(done));
  CHECK(calls <= 15);
}
