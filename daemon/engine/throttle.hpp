// The one door to HubSpot: every call waits here for a token of its limit, in the order of its class, and is
// sent once (I25, I26, I27). Loop thread. Makes no retry; learns the limits from HubSpot's answers; keeps
// calls back while most of them fail.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/time.hpp"
#include "daemon/core/breaker.hpp"
#include "daemon/core/rate.hpp"
#include "daemon/ports/clock.hpp"
#include "daemon/ports/transport.hpp"

namespace hubsync {

/// Why nothing is sent any more today.
[[nodiscard]] std::string spent_message(Instant until);

class Throttle : public Transport {
 public:
  struct Options {
    TokenBucket::Options burst = {};
    TokenBucket::Options search = {.capacity = 5, .interval = Duration{1'000}};
    std::int64_t daily = 250'000;
    Duration utc_offset{0};  ///< Of the portal, whose midnight ends the day.
    Breaker::Options breaker = {};
  };

  /// Calls since the start, by how they ended.
  struct Ended {
    std::int64_t succeeded = 0;
    std::int64_t refused = 0;    ///< 4xx: HubSpot would not.
    std::int64_t throttled = 0;  ///< 429 and 477.
    std::int64_t failed = 0;     ///< 5xx.
    std::int64_t unanswered = 0;
  };

  struct Snapshot {
    int capacity = 0;   ///< Tokens of the burst limit: configured, or fewer when HubSpot says so.
    int available = 0;  ///< Of them, free now.
    int search_available = 0;
    std::size_t waiting = 0;  ///< Calls that wait for a token of either limit.
    Duration interval{0};
    std::int64_t daily_used = 0;
    std::int64_t daily_limit = 0;
    std::optional<Instant> daily_spent_until = {};  ///< Set while the day's budget is spent.
    bool breaker_open = false;                      ///< Most calls failed: only probes are sent.
    std::int64_t calls = 0;                         ///< Sent since the start.
    Ended ended = {};
    std::optional<Duration> clock_skew = {};  ///< HubSpot's clock minus ours: so much as the second in the
                                              ///< last answer's Date, and its way, do not explain.
  };

  /// `inner` and `clock` outlive the throttle; the throttle dies before the io_context.
  Throttle(Transport& inner, Clock& clock, Options options);
  Throttle(const Throttle&) = delete;
  Throttle& operator=(const Throttle&) = delete;
  ~Throttle() override;

  /// Waits for its turn, then sends once, unless what it carries out does not stand any more by then. When
  /// the day's budget is spent it returns a postponed failure at once. A cancelled call leaves the queue; one
  /// that was sent already counts as lost.
  Task<std::expected<HttpReply, TransportFailure>> send(HttpRequest request) override;

  /// To be called at the start, unless it is known that no call was made for a while: calls of the process
  /// before may still count in HubSpot's windows.
  void hold_after_restart();

  /// What calls of this process still count at HubSpot, for the next one; nothing while one is under way.
  struct Holds {
    TokenBucket::Holds burst;
    TokenBucket::Holds search;
  };
  [[nodiscard]] std::optional<Holds> holds() const;
  /// In the place of hold_after_restart(), when it is known what is held. False when that cannot be.
  [[nodiscard]] bool restore_holds(const Holds& holds);

  /// From now on nothing is sent: calls that wait for their turn, and later ones, are postponed at once.
  /// Those already sent go on to their answer (I40).
  void stop();

  /// Changed limits: `burst`, `search` and `daily` of these options; calls that wait stay in their order.
  void configure(const Options& options);

  /// The portal's time zone, once known.
  void set_utc_offset(Duration utc_offset);
  [[nodiscard]] Duration utc_offset() const;

  /// The day's count, to be stored and given back after a restart.
  [[nodiscard]] DailyBudget::State daily() const;
  void restore_daily(const DailyBudget::State& state);

  /// Stores a count that is not reached yet; false when it could not.
  using Reserve = std::function<Task<bool>(DailyBudget::State)>;

  /// From now on no call leaves before a count that covers it is stored, so that a restart never spends more
  /// than the budget, however it came. One reservation covers a thousandth of the budget: so much is given up
  /// by a crash.
  void reserve_with(Reserve reserve);

  [[nodiscard]] Snapshot snapshot() const;

  /// The time in HubSpot, counted on from its last answer whatever becomes of our clock, and as near to ours
  /// as that answer's Date allows; nothing before one came.
  [[nodiscard]] std::optional<Instant> hubspot_time() const;

 private:
  struct State;
  class Call;

  Task<bool> reserve();

  Transport& inner_;
  Clock& clock_;
  std::shared_ptr<State> state_;  ///< Shared with the calls under way, which may be destroyed later.
};

}  // namespace hubsync
