// When due records are sent: at once when idle, in full batches when many come, alone when the process died
// while it sent them. Pure; any thread.
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

/// A record that was being sent when the process died may be what killed it (I28). Each death makes its batch
/// smaller, until nothing else is being sent beside it; only deaths in a row from then on tell against it.
/// Three are asked for, because SIGKILL and power cuts look the same: one that comes at random hits the
/// fraction of a second that a record sent alone needs, and would have to do so three times without an answer
/// in between. An innocent that is parked all the same waits for an edit or a `retry`, like every other.
inline constexpr int deaths_until_alone = 2;
inline constexpr int deaths_until_parked = deaths_until_alone + 3;

/// Nothing else is sent beside a record of that count.
[[nodiscard]] constexpr bool goes_alone(int deaths) {
  return deaths >= deaths_until_alone;
}

/// The count after one more death; `alone`: nothing else was being sent.
[[nodiscard]] int count_death(int deaths, bool alone);

/// How many records of that count go into one batch of at most `limit`.
[[nodiscard]] std::int64_t sent_together(int deaths, std::int64_t limit);

}  // namespace hubsync
