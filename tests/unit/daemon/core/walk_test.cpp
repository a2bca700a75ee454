#include "daemon/core/walk.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/seeded_random.hpp"

using namespace hubsync;

namespace {

constexpr std::int64_t hour = 3'600'000;
const Instant now = instant_from_ms(1'790'000'000'000);

/// HubSpot's search: filters and sorts by the index, answers with the fresh value, refuses beyond 10,000.
struct FakeSearch {
  struct Row {
    Instant indexed;
    Instant fresh;
  };
  std::map<HubspotId, Row> rows;
  int refused = 0;

  void add(std::int64_t id, Instant modified) {
    rows[HubspotId{id}] = {modified, modified};
    index_.clear();
  }

  SearchPage search(const SearchQuery& query) {
    const std::vector<Entry> found = matching(query);
    const std::size_t offset = query.after ? std::stoul(*query.after) : 0;
    const auto limit = static_cast<std::size_t>(query.limit);
    if (offset + limit > 10'000) {
      ++refused;
      return {};
    }
    SearchPage page{.hits = {}, .total = static_cast<std::int64_t>(found.size()), .next = {}};
    for (std::size_t i = offset; i < std::min(offset + limit, found.size()); ++i) {
      page.hits.push_back({found[i].second, rows.at(found[i].second).fresh});
    }
    if (offset + limit < found.size() && offset + 2 * limit <= 10'000) {
      page.next = std::to_string(offset + limit);
    }
    return page;
  }

 private:
  using Entry = std::pair<Instant, HubspotId>;

  /// Knows the two shapes of query that a walk may send, and nothing else.
  std::vector<Entry> matching(const SearchQuery& query) {
    if (index_.empty()) {
      for (const auto& [id, row] : rows) {
        index_.emplace_back(row.indexed, id);
      }
      std::ranges::sort(index_);
    }
    REQUIRE(query.filters.size() == 2);
    const SearchFilter& first = query.filters[0];
    const SearchFilter& second = query.filters[1];
    const Instant time = instant_from_ms(std::stoll(first.values.at(0)));
    const std::int64_t bound = std::stoll(second.values.at(0));
    CHECK(first.property == "lastmodifieddate");
    if (first.op == "EQ") {
      CHECK((second.property == "hs_object_id" && second.op == "GT" && query.sort == "hs_object_id"));
      return {
          std::ranges::lower_bound(index_, Entry{time, HubspotId{bound + 1}}),
          std::ranges::lower_bound(index_, Entry{time + Duration{1}, HubspotId{0}})
      };
    }
    CHECK((first.op == "GTE" && second.op == "LT" && second.property == first.property));
    CHECK(query.sort == first.property);
    const auto from = std::ranges::lower_bound(index_, Entry{time, HubspotId{0}});
    return {
        from, std::max(from, std::ranges::lower_bound(index_, Entry{instant_from_ms(bound), HubspotId{0}}))
    };
  }

  std::vector<Entry> index_;
};

struct Walked {
  std::map<HubspotId, int> reads;
  int queries = 0;
};

Walked walk_all(
    SearchWalk& walk, FakeSearch& server, const std::function<void(int)>& meanwhile = [](int) {}
) {
  Walked result;
  Instant cursor = walk.cursor();
  while (const auto query = walk.next_query()) {
    REQUIRE(++result.queries < 5'000);
    for (const HubspotId id : walk.on_page(server.search(*query))) {
      ++result.reads[id];
    }
    CHECK(walk.cursor() >= cursor);
    cursor = walk.cursor();
    meanwhile(result.queries);
  }
  CHECK(server.refused == 0);
  return result;
}

SearchWindow window(std::int64_t length) {
  return search_window(now - Duration{length}, now, false);
}

}  // namespace

TEST_CASE("a poll overlaps the one before and leaves the newest changes to the next") {
  const SearchWindow quick = search_window(now - Duration{60'000}, now, false);
  CHECK(quick.from == now - Duration{360'000});
  CHECK(quick.until == now - Duration{10'000});
  CHECK(search_window(now - Duration{60'000}, now, true).from == now - Duration{60'000 + 65 * 60'000});
  const SearchWindow future = search_window(now + Duration{hour}, now, false);
  CHECK(future.cursor == future.until);
  CHECK(future.from == future.until - Duration{300'000});
}

TEST_CASE("the slow pass comes every hour, at the start and after a clock was set back") {
  CHECK(slow_pass_due({}, now));
  CHECK_FALSE(slow_pass_due(now - Duration{hour - 1}, now));
  CHECK(slow_pass_due(now - Duration{hour}, now));
  CHECK(slow_pass_due(now + Duration{1}, now));
}

TEST_CASE("an empty window ends after one query with the cursor at its end") {
  FakeSearch server;
  SearchWalk walk{"lastmodifieddate", window(60'000)};
  CHECK(walk.cursor() == now - Duration{60'000});
  CHECK(walk_all(walk, server).queries == 1);
  CHECK(walk.cursor() == now - Duration{10'000});
  CHECK_FALSE(walk.stalled());
}

TEST_CASE("the query names the window, the property and the order") {
  SearchWalk walk{"hs_lastmodifieddate", window(60'000)};
  const SearchQuery query = walk.next_query().value();
  CHECK(query.limit == 200);
  CHECK(query.sort == "hs_lastmodifieddate");
  CHECK_FALSE(query.after);
  REQUIRE(query.filters.size() == 2);
  CHECK(query.filters[0] == SearchFilter{"hs_lastmodifieddate", "GTE", {"1789999640000"}});
  CHECK(query.filters[1] == SearchFilter{"hs_lastmodifieddate", "LT", {"1789999990000"}});
}

TEST_CASE("more than ten thousand changes are all found, none read twice") {
  FakeSearch server;
  for (std::int64_t i = 0; i < 25'000; ++i) {
    server.add(i + 1, now - Duration{hour} + Duration{i * 100});
  }
  SearchWalk walk{"lastmodifieddate", window(hour)};
  const Walked walked = walk_all(walk, server);
  CHECK(walked.reads.size() == 25'000);
  CHECK(std::ranges::all_of(walked.reads, [](const auto& read) { return read.second == 1; }));
  CHECK(walked.queries < 145);
}

TEST_CASE("more than ten thousand changes in one millisecond are all found") {
  FakeSearch server;
  const Instant tie = now - Duration{hour / 2};
  for (std::int64_t i = 0; i < 10'500; ++i) {
    server.add(5'000'000'000 + i * 7, tie);
  }
  for (std::int64_t i = 0; i < 300; ++i) {
    server.add(i + 1, tie - Duration{300 - i});
    server.add(i + 1'001, tie + Duration{i});
  }
  SearchWalk walk{"lastmodifieddate", window(hour)};
  const Walked walked = walk_all(walk, server);
  CHECK(walked.reads.size() == 11'100);
  CHECK(std::ranges::all_of(walked.reads, [](const auto& read) { return read.second == 1; }));
  CHECK(walk.cursor() == now - Duration{10'000});
}

TEST_CASE("rows that leave the pages already read hide no other row") {
  for (const int at_once : {1, 9, 10, 11, 150, 400}) {
    CAPTURE(at_once);
    FakeSearch server;
    for (std::int64_t i = 0; i < 3'000; ++i) {
      server.add(i + 1, now - Duration{hour} + Duration{i * 1'000});
    }
    SearchWalk walk{"lastmodifieddate", window(2 * hour)};
    // After each of the first pages some of the oldest rows are edited: they leave and everything moves up.
    std::int64_t edited = 0;
    const Walked walked = walk_all(walk, server, [&](int query) {
      for (int i = 0; query <= 3 && i < at_once; ++i) {
        server.add(++edited, now + Duration{1});
      }
    });
    for (std::int64_t id = edited + 1; id <= 3'000; ++id) {
      CAPTURE(id);
      REQUIRE(walked.reads.contains(HubspotId{id}));
    }
  }
}

TEST_CASE(
    "an index that lags behind the values hides no other row and hits newer than the window are left out"
) {
  FakeSearch server;
  SeededRandom random{7};
  for (std::int64_t i = 0; i < 22'000; ++i) {
    const Instant indexed = now - Duration{hour} + Duration{i * 100};
    server.add(i + 1, indexed);
    auto& row = server.rows.at(HubspotId{i + 1});
    if (random.below(5) == 0) {
      row.fresh = indexed + Duration{static_cast<std::int64_t>(random.below(2 * hour))};
    }
  }
  SearchWalk walk{"lastmodifieddate", window(hour)};
  const Walked walked = walk_all(walk, server);
  for (const auto& [id, row] : server.rows) {
    CAPTURE(id.number);
    REQUIRE(walked.reads.contains(id) == (row.fresh < now - Duration{10'000}));
  }
}

TEST_CASE("a server that repeats one page for ever is left in the end") {
  SearchPage same{.hits = {}, .total = 50'000, .next = "200"};
  for (std::int64_t i = 0; i < 200; ++i) {
    same.hits.push_back({HubspotId{i + 1}, now - Duration{hour}});
  }
  for (const char* next : {"200", "0", "-1", "x", "99999999999"}) {
    CAPTURE(next);
    same.next = next;
    SearchWalk walk{"lastmodifieddate", window(60'000), {.max_queries = 600}};
    int queries = 0;
    while (walk.next_query()) {
      (void)walk.on_page(same);
      REQUIRE(++queries <= 600);
    }
    CHECK(walk.stalled());
    CHECK(walk.cursor() < now - Duration{10'000});
  }
}

TEST_CASE("a server that ignores the filters and always claims more ends the walk without an end of pages") {
  SearchWalk walk{"lastmodifieddate", window(60'000), {.max_queries = 500}};
  SeededRandom random{3};
  int queries = 0;
  while (walk.next_query()) {
    SearchPage page{.hits = {}, .total = 1'000'000, .next = std::to_string(random.below(20'000))};
    for (int i = 0; i < 200; ++i) {
      page.hits.push_back(
          {HubspotId{static_cast<std::int64_t>(random.below(1'000'000))},
           now - Duration{static_cast<std::int64_t>(random.below(2 * hour))}}
      );
    }
    (void)walk.on_page(page);
    REQUIRE(++queries <= 500);
    CHECK(walk.cursor() <= now - Duration{10'000});
    CHECK(walk.cursor() >= now - Duration{60'000});
  }
}

TEST_CASE("a walk that stalled goes on from its cursor in the next poll and misses nothing") {
  FakeSearch server;
  for (std::int64_t i = 0; i < 25'000; ++i) {
    server.add(i + 1, now - Duration{hour} + Duration{i * 100});
  }
  SearchWalk first{"lastmodifieddate", window(hour), {.max_queries = 60}};
  Walked walked = walk_all(first, server);
  REQUIRE(first.stalled());
  SearchWalk second{"lastmodifieddate", search_window(first.cursor(), now, false)};
  walked.reads.merge(walk_all(second, server).reads);
  CHECK(walked.reads.size() == 25'000);
}

TEST_CASE("hits without a modified time are read once") {
  SearchWalk walk{"lastmodifieddate", window(60'000)};
  SearchPage page{
      .hits = {{HubspotId{1}, std::nullopt}, {HubspotId{1}, std::nullopt}}, .total = 2, .next = {}
  };
  CHECK(walk.on_page(page) == std::vector{HubspotId{1}});
  CHECK_FALSE(walk.next_query());
}
