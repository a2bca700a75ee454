// What waits for a time of our own clock goes on waiting as long as it would have, when somebody sets that
// clock (I34).
#include <span>

#include "daemon/core/backoff.hpp"
#include "daemon/store/repository.hpp"

namespace hubsync::store {
namespace {

/// Longer than anything waits: a Retry-After counts for a day at most.
constexpr Duration longest_wait{25LL * 3'600'000};

#define SET_BACK(TABLE, TIME) \
  "UPDATE " TABLE " SET " TIME " = max(?1, " TIME " + ?2) WHERE " TIME " > ?1 AND ?3 = ?3"
/// Not what was written since, by the new clock: what may still arrive in HubSpot must not be forgotten
/// early.
#define SET_BACK_FLIGHT(TABLE, TIME) \
  "UPDATE " TABLE " SET " TIME " = max(?1, " TIME " + ?2) WHERE " TIME " > ?1 + ?3"
#define SET_FORWARD(TABLE, TIME)                                                     \
  "UPDATE " TABLE " SET " TIME " = " TIME " + ?2 WHERE " TIME " > ?1 - ?2 AND " TIME \
  " <= min(?1, ?1 - ?2 + ?3)"
#define LEFT_AHEAD(TABLE, TIME) "UPDATE " TABLE " SET " TIME " = ?1 WHERE " TIME " > ?1 + ?2 AND ?3 = ?3"
#define LEFT_AHEAD_FLIGHT(TABLE, TIME) "UPDATE " TABLE " SET " TIME " = ?1 + ?3 WHERE " TIME " > ?1 + ?2"

constexpr const char* set_back[]{
    "UPDATE due SET since = since + ?2 WHERE since > ?1 AND ?3 = ?3",
    SET_BACK("due", "next_at"),
    SET_BACK("inbox", "next_at"),
    SET_BACK_FLIGHT("due", "not_before"),
    SET_BACK_FLIGHT("unverified", "since"),
    SET_BACK_FLIGHT("held_back", "until"),
};
/// Of these, too, what was written since stays as it is. A next try may come early.
constexpr const char* set_forward[]{
    SET_FORWARD("due", "not_before"),
    SET_FORWARD("unverified", "since"),
    SET_FORWARD("held_back", "until"),
};
/// What a clock left that was wrong for a moment, or while no process ran.
constexpr const char* left_ahead[]{
    "UPDATE due SET since = ?1 WHERE since > ?1 AND ?2 = ?2 AND ?3 = ?3",
    "UPDATE due SET not_before = ?1 + ?3, next_at = ?1 + ?3 WHERE not_before > ?1 + ?2",
    LEFT_AHEAD("due", "next_at"),
    LEFT_AHEAD("inbox", "next_at"),
    LEFT_AHEAD_FLIGHT("unverified", "since"),
    LEFT_AHEAD_FLIGHT("held_back", "until"),
};
/// Nobody knows how long no process ran, by a clock that may have been set meanwhile: whatever may still
/// arrive in HubSpot may have left just before. What is sent again as it was need not wait for it.
constexpr const char* started[]{
    "UPDATE due SET next_at = ?1 + ?2 WHERE not_before <> 0 AND next_at = not_before",
    "UPDATE due SET next_at = max(next_at, ?1 + ?2) WHERE not_before <> 0 AND next_at > not_before",
    "UPDATE due SET not_before = ?1 + ?2 WHERE not_before <> 0",
    "UPDATE unverified SET since = ?1 + ?2",
    "UPDATE held_back SET until = ?1 + ?2",
};

std::int64_t ms(Duration duration) {
  return duration.count();
}

}  // namespace

void SqliteRepository::follow_clock(Duration by, Instant now) {
  if (by != Duration{0}) {
    const std::span<const char* const> back{set_back};
    const std::span<const char* const> forward{set_forward};
    for (const char* const sql : by < Duration{0} ? back : forward) {
      Query{db_, sql, now, ms(by), ms(longest_flight)}.run();
    }
    Query{db_, "UPDATE due SET next_at = not_before WHERE not_before > ? AND next_at < not_before", now}.run(
    );
  }
  mend_times(now);
  if (by == Duration{0}) {
    for (const char* const sql : started) {
      Query{db_, sql, now, ms(longest_flight)}.run();
    }
  }
}

void SqliteRepository::mend_times(Instant now) {
  for (const char* const sql : left_ahead) {
    Query{db_, sql, now, ms(longest_wait), ms(longest_flight)}.run();
  }
}

void SqliteRepository::set_clock_skew(Duration skew) {
  rules_.newest_margin += std::chrono::abs(skew) - clock_skew_;
  clock_skew_ = std::chrono::abs(skew);
}

}  // namespace hubsync::store
