// HubSpot's rate limits, counted exactly at the server in rolling windows (HUBSPOT.md §8). Single-threaded;
// `now` is passed in. Counts also while limits are switched off.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/time.hpp"
#include "tests/hubspot_sim/counters.hpp"
#include "tests/hubspot_sim/options.hpp"

namespace hubspot_sim {

/// Which windows a call counts in, and which headers its answer carries.
enum class LimitClass {
  standard,  ///< Ten seconds and daily.
  search,    ///< One second and daily; only the Daily headers.
  exempt,    ///< Batch associations: daily only, no headers.
};

/// The window that refused a call.
enum class LimitHit { none, ten_secondly, secondly, daily };

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Stamps of the last `length`, counted as (now − length, now].
class RollingWindow {
 public:
  explicit RollingWindow(hubsync::Duration length) : length_(length) {}
  void add(hubsync::Instant now) { stamps_.push_back(now); }
  [[nodiscard]] std::int64_t count(hubsync::Instant now);

 private:
  hubsync::Duration length_;
  std::deque<hubsync::Instant> stamps_;
};

class Limits {
 public:
  /// Counts a call that arrives at `now` and says whether a limit refuses it.
  LimitHit arrive(LimitClass limit, hubsync::Instant now, const ModelOptions& options, Counters& counters);
  /// Counts calls of another app that shares the daily limit and, as `share_burst`, this app's windows.
  void rival(std::int64_t calls, bool share_burst, hubsync::Instant now, const ModelOptions& options);
  /// The headers of an answer.
  [[nodiscard]] Headers headers(LimitClass limit, hubsync::Instant now, const ModelOptions& options);
  [[nodiscard]] std::int64_t used_today(hubsync::Instant now, const ModelOptions& options);

 private:
  void roll_day(hubsync::Instant now, const ModelOptions& options);

  RollingWindow burst_{hubsync::Duration{10'000}};
  RollingWindow burst_arrivals_{hubsync::Duration{10'000}};
  RollingWindow search_{hubsync::Duration{1'000}};
  RollingWindow search_arrivals_{hubsync::Duration{1'000}};
  RollingWindow secondly_{hubsync::Duration{1'000}};
  std::int64_t day_ = 0;
  std::int64_t used_today_ = 0;
};

/// When the daily limit starts again.
[[nodiscard]] hubsync::Instant next_midnight(hubsync::Instant now, const ModelOptions& options);

/// The body of a 429; three of the four forms (the fourth, Cloudflare's, is a fault).
[[nodiscard]] std::string limit_body(LimitHit hit, std::string_view correlation_id);

}  // namespace hubspot_sim
