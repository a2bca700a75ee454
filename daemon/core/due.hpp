// When due records are sent: at once when idle, in full batches when many come. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "common/time.hpp"

namespace hubsync {

/// Due records of one type that could be sent now, and when the next ones can.
struct DueSummary {
  std::int64_t ready = 0;
  std::optional<Instant> oldest_since = {};
  std::optional<Instant> newest_since = {};
  std::optional<Instant> next_at = {};  ///< Of those not ready yet.
};

/// Inputs in one batch call (HUBSPOT.md §4.4).
inline constexpr std::int64_t batch_limit = 100;

/// A burst of edits is let run out, so that 1,000 edits cost 10 batches and not 1,000 (quiet: this long without a new
/// one), but nobody waits for long on account of others (patience).
inline constexpr Duration burst_quiet{200};
inline constexpr Duration burst_patience{2'000};

/// When the ready records should be sent: `now` or earlier means at once; nothing when none is ready or will be.
[[nodiscard]] std::optional<Instant> send_at(const DueSummary& summary, Instant now);

}  // namespace hubsync
