// How far the records here may lag behind HubSpot, as one word. Pure; any thread.
//
// A run that reached its end vouches for HubSpot as it was when the run began; a failed one vouches for
// nothing and takes nothing away. So one failed poll changes nothing, and the word turns when the next one
// that was due did not succeed either:
//
//   unknown   no run over every type has ever reached its end
//   stalled   the last one that did began more than two poll intervals ago, plus the time that a run may take
//   (as long
//             as an interval, at most 30 s); while a run goes on and HubSpot answers, counted up to its begin
//   idle      not stalled, and for an hour nothing has changed on either side
//   current   not stalled, and something has
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/time.hpp"

namespace hubsync {

enum class Freshness : std::uint8_t { current, idle, stalled, unknown };

/// What the word is made from.
struct FreshnessFacts {
  std::optional<Instant> seen_at = {};        ///< Begin of the last run that reached its end.
  std::optional<Instant> running_since = {};  ///< Begin of the run that goes on.
  bool hampered = false;  ///< HubSpot does not answer as it should: a run that goes on proves nothing.
  Instant last_change{};  ///< On either side, or our own start.
  Duration poll_interval{0};
};

[[nodiscard]] Freshness freshness_of(const FreshnessFacts& facts, Instant now);

[[nodiscard]] std::string_view to_string(Freshness freshness);

}  // namespace hubsync
