#include "daemon/core/rate.hpp"

#include <map>
#include <string>

#include <doctest/doctest.h>

using namespace hubsync;

namespace {

constexpr SteadyInstant start{Duration{1'000'000}};

SteadyInstant at(std::int64_t ms) {
  return start + Duration{ms};
}

TokenBucket bucket_of(int capacity) {
  return TokenBucket{{.capacity = capacity, .interval = Duration{10'000}}};
}

Instant instant(const char* text) {
  return parse_instant(text).value();
}

}  // namespace

TEST_CASE("a token comes back one interval after the answer, not after the send") {
  TokenBucket bucket = bucket_of(1);
  REQUIRE(bucket.take(at(0)));
  CHECK_FALSE(bucket.take(at(60'000)));
  CHECK_FALSE(bucket.next_release(at(60'000)));
  bucket.answered(at(60'000));
  CHECK(bucket.next_release(at(60'000)) == at(70'005));
  CHECK(bucket.available(at(70'004)) == 0);
  CHECK(bucket.available(at(70'005)) == 1);
}

TEST_CASE("a lost call holds its token longer, an unsent one not at all") {
  TokenBucket bucket = bucket_of(2);
  REQUIRE(bucket.take(at(0)));
  REQUIRE(bucket.take(at(0)));
  bucket.lost(at(1'000));
  bucket.unused();
  CHECK(bucket.available(at(1'000)) == 1);
  CHECK(bucket.available(at(16'004)) == 1);
  CHECK(bucket.available(at(16'005)) == 2);
}

TEST_CASE("the server lowers the capacity and never raises it above the configured one") {
  TokenBucket bucket = bucket_of(100);
  bucket.server_max(40);
  CHECK(bucket.capacity() == 40);
  bucket.server_max(190);
  CHECK(bucket.capacity() == 100);
  bucket.server_max(0);
  CHECK(bucket.capacity() == 100);
  bucket.server_interval(Duration{1'000});
  CHECK(bucket.interval() == Duration{10'000});
  bucket.server_interval(Duration{20'000});
  CHECK(bucket.interval() == Duration{20'000});
}

TEST_CASE("a capacity lowered below what is in flight gives nothing until enough came back") {
  TokenBucket bucket = bucket_of(3);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(bucket.take(at(0)));
  }
  bucket.server_max(1);
  bucket.answered(at(0));
  bucket.answered(at(0));
  CHECK(bucket.available(at(11'000)) == 0);
  bucket.answered(at(11'000));
  CHECK(bucket.available(at(22'000)) == 1);
}

TEST_CASE("what a rival program took is held back for one interval") {
  TokenBucket bucket = bucket_of(100);
  const auto token = bucket.take(at(0));
  REQUIRE(token);
  bucket.server_remaining(69, *token, at(100));
  bucket.answered(at(100));
  CHECK(bucket.available(at(100)) == 69);
  CHECK(bucket.next_release(at(100)) == at(10'105));
  CHECK(bucket.available(at(10'105)) == 100);
}

TEST_CASE("the larger of two rival reports counts while it is fresh") {
  TokenBucket bucket = bucket_of(100);
  const auto first = bucket.take(at(0));
  const auto second = bucket.take(at(0));
  REQUIRE((first && second));
  bucket.server_remaining(58, *first, at(1'000));   // At most 2 of ours: 40 are a rival's.
  bucket.server_remaining(88, *second, at(2'000));  // 10.
  CHECK(bucket.available(at(2'000)) == 58);
  CHECK(bucket.available(at(11'005)) == 88);
  CHECK(bucket.available(at(12'005)) == 98);
}

TEST_CASE("our own calls are never taken for a rival's, however late the answer") {
  TokenBucket bucket = bucket_of(10);
  const auto early = bucket.take(at(0));
  REQUIRE(early);
  for (int i = 0; i < 9; ++i) {
    REQUIRE(bucket.take(at(10)));
  }
  for (int i = 0; i < 9; ++i) {
    bucket.answered(at(20));
  }
  // The server counted all ten; by the time this answer is read nine tokens are long back.
  bucket.server_remaining(0, *early, at(12'000));
  bucket.answered(at(12'000));
  CHECK(bucket.available(at(12'000)) == 9);
}

TEST_CASE("a refusal makes us take a twentieth less for six intervals, once for calls under way together") {
  TokenBucket bucket = bucket_of(100);
  bucket.refused(at(0), at(10'000));
  bucket.refused(at(50), at(10'050));
  CHECK(bucket.available(at(10'049)) == 0);
  CHECK(bucket.available(at(10'050)) == 95);
  bucket.refused(at(20'000), at(30'000));
  CHECK(bucket.available(at(30'000)) == 90);
  CHECK(bucket.available(at(89'999)) == 90);
  CHECK(bucket.available(at(90'000)) == 100);
  TokenBucket small = bucket_of(1);
  small.refused(at(0), at(1'000));
  CHECK(small.available(at(1'000)) == 1);
}

TEST_CASE("a longer interval holds back what was answered under the shorter one") {
  TokenBucket bucket = bucket_of(2);
  REQUIRE(bucket.take(at(0)));
  bucket.answered(at(0));
  bucket.configure(2, Duration{30'000});
  CHECK(bucket.interval() == Duration{30'000});
  CHECK(bucket.available(at(30'004)) == 1);
  CHECK(bucket.available(at(30'005)) == 2);
  REQUIRE(bucket.take(at(40'000)));
  bucket.configure(1, Duration{10'000});
  CHECK(bucket.available(at(40'000)) == 0);
  bucket.answered(at(40'000));
  CHECK(bucket.available(at(50'005)) == 1);
}

TEST_CASE("a reload that changes no limit keeps what the server said") {
  TokenBucket bucket = bucket_of(100);
  bucket.server_max(40);
  bucket.configure(100, Duration{10'000});
  CHECK(bucket.capacity() == 40);
  bucket.configure(90, Duration{10'000});
  CHECK(bucket.capacity() == 90);
}

TEST_CASE("nothing is given before the end of a block, and the longest block counts") {
  TokenBucket bucket = bucket_of(5);
  bucket.block_until(at(10'000));
  bucket.block_until(at(5'000));
  CHECK(bucket.available(at(9'999)) == 0);
  CHECK(bucket.next_release(at(0)) == at(10'000));
  CHECK(bucket.available(at(10'000)) == 5);
  bucket.hold_after_restart(at(20'000));
  CHECK(bucket.available(at(35'004)) == 0);
  CHECK(bucket.available(at(35'005)) == 5);
}

TEST_CASE("the next process holds what this one held, and no more") {
  TokenBucket bucket = bucket_of(5);
  REQUIRE(bucket.take(at(0)));
  CHECK_FALSE(bucket.holds(at(50)));  // Under way.
  bucket.answered(at(100));
  REQUIRE(bucket.take(at(200)));
  bucket.lost(at(300));
  const auto holds = bucket.holds(at(1'000));
  REQUIRE(holds);
  TokenBucket next = bucket_of(5);
  REQUIRE(next.restore(*holds, at(2'000)));
  for (const int ms : {2'000, 10'104, 10'105, 15'304, 15'305}) {
    CAPTURE(ms);
    CHECK(next.available(at(ms)) == bucket.available(at(ms)));
  }
  CHECK(bucket.holds(at(20'000)) == TokenBucket::Holds{});
  bucket.block_until(at(30'000));
  REQUIRE(next.restore(*bucket.holds(at(20'000)), at(21'000)));
  CHECK(next.available(at(29'999)) == 0);
}

TEST_CASE("holds that no process can have left are not taken up") {
  TokenBucket bucket = bucket_of(5);
  CHECK_FALSE(bucket.restore({.releases = {at(2), at(1)}}, at(0)));
  CHECK_FALSE(bucket.restore({.releases = {at(10'000'000)}}, at(0)));
  CHECK(bucket.available(at(0)) == 5);
}

TEST_CASE("the daily budget is whole again at the portal's midnight") {
  DailyBudget budget{3, std::chrono::hours{-5}};
  const Instant evening = instant("2026-03-10T04:59:00Z");  // 23:59 on the 9th.
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(budget.exhausted(evening));
    budget.spend(evening);
  }
  CHECK(budget.exhausted(evening));
  CHECK(budget.resets_at(evening) == instant("2026-03-10T05:00:00Z"));
  CHECK_FALSE(budget.exhausted(instant("2026-03-10T05:00:00Z")));
  CHECK(budget.used(instant("2026-03-10T05:00:00Z")) == 0);
}

TEST_CASE("what HubSpot says is left may end the day early, and a new day there too") {
  DailyBudget budget{1'000};
  const Instant noon = instant("2026-03-10T12:00:00Z");
  budget.server_remaining(1, noon);
  budget.spend(noon);
  CHECK(budget.exhausted(noon));
  budget.server_remaining(5'000, noon);
  CHECK_FALSE(budget.exhausted(noon));
  budget.server_exhausted(noon);
  CHECK(budget.exhausted(noon));
  CHECK_FALSE(budget.exhausted(instant("2026-03-11T00:00:00Z")));
}

TEST_CASE("the day's count survives a restart, and a clock set back gives no second budget") {
  DailyBudget budget{10};
  const Instant noon = instant("2026-03-10T12:00:00Z");
  budget.spend(noon);
  budget.spend(noon);
  DailyBudget next{10};
  next.spend(noon);
  next.restore(budget.state(noon), noon);
  CHECK(next.used(noon) == 3);
  CHECK(next.used(instant("2026-03-09T23:59:00Z")) == 3);
  DailyBudget later{10};
  later.restore(budget.state(noon), instant("2026-03-11T00:00:00Z"));
  CHECK(later.used(instant("2026-03-11T00:00:00Z")) == 0);
}

TEST_CASE("learning the portal's time zone keeps the count") {
  DailyBudget budget{10};
  const Instant morning = instant("2026-03-10T20:00:00Z");
  budget.spend(morning);
  budget.set_utc_offset(std::chrono::hours{9}, morning);
  CHECK(budget.used(morning) == 1);
  CHECK(budget.resets_at(morning) == instant("2026-03-11T15:00:00Z"));
}

TEST_CASE("classes that wait are served 5 : 4 : 1, each in the order it came") {
  WaitQueue queue;
  std::map<WaitQueue::Ticket, CallClass> classes;
  for (int i = 0; i < 100; ++i) {
    for (const CallClass call_class : {CallClass::sweep, CallClass::change, CallClass::interactive}) {
      classes[queue.enqueue(call_class)] = call_class;
    }
  }
  std::map<CallClass, int> served;
  std::map<CallClass, WaitQueue::Ticket> last;
  for (int i = 0; i < 100; ++i) {
    const auto ticket = queue.next().value();
    const CallClass call_class = classes.at(ticket);
    CHECK(ticket > last[call_class]);
    last[call_class] = ticket;
    ++served[call_class];
  }
  CHECK(served[CallClass::interactive] == 50);
  CHECK(served[CallClass::change] == 40);
  CHECK(served[CallClass::sweep] == 10);
  CHECK(queue.size() == 200);
}

TEST_CASE("a sweep starts before at most ten others for each sweep up to it") {
  WaitQueue queue;
  int position = 0;
  std::vector<WaitQueue::Ticket> sweeps;
  for (int i = 0; i < 5; ++i) {
    sweeps.push_back(queue.enqueue(CallClass::sweep));
  }
  std::size_t found = 0;
  while (found < sweeps.size()) {
    (void)queue.enqueue(CallClass::interactive);
    (void)queue.enqueue(CallClass::change);
    ++position;
    if (queue.next() == sweeps[found]) {
      CHECK(position <= static_cast<int>(10 * found + 10));
      ++found;
    }
  }
}

TEST_CASE("a class alone gets every turn, and one that gave up is skipped") {
  WaitQueue queue;
  const auto first = queue.enqueue(CallClass::sweep);
  const auto second = queue.enqueue(CallClass::sweep);
  const auto third = queue.enqueue(CallClass::sweep);
  CHECK(queue.last() == third);
  CHECK(queue.remove(second));
  CHECK_FALSE(queue.remove(second));
  CHECK(queue.next() == first);
  CHECK(queue.next() == third);
  CHECK_FALSE(queue.next());
  CHECK_FALSE(queue.last());
}

TEST_CASE("every shape of a 429 names its limit") {
  CHECK(
      limit_policy(
          R"({"message":"You have reached your ten_secondly_rolling limit.","policyName":"TEN_SECONDLY_ROLLING"})"
      ) == LimitPolicy::ten_secondly
  );
  CHECK(
      limit_policy(R"({"message":"You have reached your daily limit.","policyName":"DAILY"})") ==
      LimitPolicy::daily
  );
  CHECK(limit_policy(R"({"message":"You have reached your secondly limit."})") == LimitPolicy::secondly);
  CHECK(limit_policy("error code: 1015") == LimitPolicy::unknown);
  CHECK(limit_policy("") == LimitPolicy::unknown);
  CHECK(policy_wait(LimitPolicy::secondly) == Duration{1'000});
  CHECK(policy_wait(LimitPolicy::unknown) == Duration{10'000});
}
