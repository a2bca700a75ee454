// How fast hubsync may call HubSpot: the token bucket, the daily budget and the queue of those who wait
// (HUBSPOT.md §8). Pure machines: time is an argument; whoever owns one calls it from one thread. They start
// no call and no timer.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "common/time.hpp"

namespace hubsync {

/// Who waits for a call; the queue serves the classes 5 : 4 : 1 (I25).
enum class CallClass : std::uint8_t {
  interactive,  ///< A person or script waits for this one record.
  change,       ///< Edits on their way.
  sweep         ///< Walks and polls.
};

/// Keeps a server that counts rolling windows at or below `capacity` calls in each of them, however late
/// calls and answers travel (I26): a token is held from before the send until one interval after the answer.
///
/// Proof: take any window of the server and its last call, served at u. Every other call in the window was
/// served after u − interval, so it was answered after u − interval, and its token is still held when the
/// last one is taken.
class TokenBucket {
 public:
  struct Options {
    int capacity = 100;
    Duration interval{10'000};
    Duration margin{5};                 ///< Two clocks never tick alike.
    Duration unknown_allowance{5'000};  ///< How long after we gave up a call may still be counted.
  };

  /// Proof of one taken token; give it back exactly once.
  struct Token {
    std::int64_t number = 0;
    int held = 0;  ///< Tokens held right after this one was taken.
  };

  explicit TokenBucket(Options options);

  /// Tokens in the bucket now: the configured number, or fewer when the server allows fewer.
  [[nodiscard]] int capacity() const { return capacity_; }
  [[nodiscard]] Duration interval() const { return interval_; }
  [[nodiscard]] int available(SteadyInstant now) const;
  /// The earliest time at which `available` may grow by itself; none when it only can by a token given back.
  [[nodiscard]] std::optional<SteadyInstant> next_release(SteadyInstant now) const;

  /// Takes a token, if one is available.
  [[nodiscard]] std::optional<Token> take(SteadyInstant now);
  /// The call was answered: its token comes back in one interval.
  void answered(SteadyInstant now);
  /// Nobody knows whether the call arrived: its token comes back after an interval and the allowance.
  void lost(SteadyInstant now);
  /// Nothing was sent: the token is back at once.
  void unused();

  /// X-HubSpot-RateLimit-Max: lowers the capacity, and raises it again, never above the configured one.
  void server_max(int max);
  /// X-HubSpot-RateLimit-Interval-Milliseconds: lengthens the interval, never below the configured one.
  void server_interval(Duration interval);
  /// X-HubSpot-RateLimit-Remaining in the answer to `token`'s call: when another program uses the same limit,
  /// as many tokens as it took are held back for one interval.
  void server_remaining(int remaining, const Token& token, SteadyInstant now);

  /// A 429: no token before `until`, and fewer for some intervals after it, because somebody else uses the
  /// limit too.
  void refused(SteadyInstant now, SteadyInstant until);
  /// No token before `until`.
  void block_until(SteadyInstant until);
  /// Blocks for as long as calls of a previous process, killed a moment ago, may count.
  void hold_after_restart(SteadyInstant now);

  /// What a process leaves to the next one.
  struct Holds {
    SteadyInstant blocked_until = SteadyInstant::min();
    std::vector<SteadyInstant> releases = {};  ///< Of the tokens still held, ascending.
    bool operator==(const Holds&) const = default;
  };
  /// Nothing while a call is under way: nobody can tell yet how long it will count.
  [[nodiscard]] std::optional<Holds> holds(SteadyInstant now) const;
  /// Takes up what the previous process left. False, and nothing is taken up, when no process can have left
  /// it.
  [[nodiscard]] bool restore(const Holds& holds, SteadyInstant now);
  /// A changed configuration. What the server said about the old one is forgotten until it says it again.
  void configure(int capacity, Duration interval);

 private:
  struct Rival {
    int tokens;
    SteadyInstant until;
  };

  [[nodiscard]] int held(SteadyInstant now) const;
  [[nodiscard]] int rival(SteadyInstant now) const;
  void release_at(SteadyInstant when);
  void hold_back(int tokens, SteadyInstant until);

  Options options_;
  int capacity_;
  Duration interval_;
  int in_flight_ = 0;
  std::int64_t taken_ = 0;
  std::vector<SteadyInstant> releases_;  ///< Ascending.
  std::vector<Rival> rivals_;            ///< The largest that is not over counts.
  SteadyInstant blocked_until_ = SteadyInstant::min();
};

/// The calls of one day; days begin at midnight in the portal's time zone.
class DailyBudget {
 public:
  /// What survives a restart.
  struct State {
    std::int64_t day = 0;  ///< Days since 1970 in the portal's time zone.
    std::int64_t used = 0;
    bool operator==(const State&) const = default;
  };

  explicit DailyBudget(std::int64_t limit, Duration utc_offset = Duration{0});

  /// Counts one call that is about to be sent.
  void spend(Instant now);
  [[nodiscard]] bool exhausted(Instant now) const;
  /// When the budget is whole again.
  [[nodiscard]] Instant resets_at(Instant now) const;
  [[nodiscard]] std::int64_t used(Instant now) const;
  [[nodiscard]] std::int64_t limit() const { return limit_; }
  /// A changed configuration; what was spent today stays spent.
  void set_limit(std::int64_t limit) { limit_ = limit; }

  /// X-HubSpot-RateLimit-Daily-Remaining: what all programs of the portal together have left; may end our day
  /// early.
  void server_remaining(std::int64_t remaining, Instant now);
  /// HubSpot says that the day's calls are spent.
  void server_exhausted(Instant now) { server_remaining(0, now); }
  /// The portal's time zone, once known; the count of the day goes on.
  void set_utc_offset(Duration utc_offset, Instant now);
  [[nodiscard]] Duration utc_offset() const { return utc_offset_; }

  [[nodiscard]] State state(Instant now) const;
  /// Takes up the count of a previous process; a state from another day is nothing.
  void restore(const State& state, Instant now);

 private:
  [[nodiscard]] std::int64_t day_of(Instant now) const;
  void enter_day(Instant now);
  [[nodiscard]] bool is_today(Instant now) const;

  std::int64_t limit_;
  Duration utc_offset_;
  State state_;
  std::optional<std::int64_t> server_left_;
};

/// Who goes next: first come, first served inside a class, 5 : 4 : 1 between classes that wait. A ready call
/// starts before at most 10 × (calls ahead of it in its class) + 10 others (I25).
class WaitQueue {
 public:
  using Ticket = std::uint64_t;

  [[nodiscard]] Ticket enqueue(CallClass call_class);
  /// Takes the next one out; none when nobody waits.
  [[nodiscard]] std::optional<Ticket> next();
  /// Takes out one that gave up; false when it was not waiting.
  bool remove(Ticket ticket);
  [[nodiscard]] std::size_t size() const;
  /// The last of the lowest class, who will wait longest; none when nobody waits.
  [[nodiscard]] std::optional<Ticket> last() const;

 private:
  std::array<std::deque<Ticket>, 3> waiting_;
  std::size_t slot_ = 0;
  Ticket issued_ = 0;
};

/// Which of HubSpot's limits a 429 names (HUBSPOT.md §8).
enum class LimitPolicy : std::uint8_t { secondly, ten_secondly, daily, unknown };

/// Reads it from the body of a 429, whichever of the four shapes it has.
[[nodiscard]] LimitPolicy limit_policy(std::string_view body);

/// How long a 429 without Retry-After stops the calls it concerns; a daily one lasts until the budget resets.
[[nodiscard]] Duration policy_wait(LimitPolicy policy);

}  // namespace hubsync
