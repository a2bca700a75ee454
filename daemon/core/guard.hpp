// Guards: a set of deletions too large to be carried out without a person (I10). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/time.hpp"
#include "daemon/core/record.hpp"

namespace hubsync {

/// `max_delete`: how many deletions of one type may travel one way within an hour.
struct DeleteLimit {
  bool percent = true;  ///< Of the live linked records; else a count.
  std::int64_t value = 10;

  bool operator==(const DeleteLimit&) const = default;
};

/// The deletions among `live` records that the limit lets through. A percentage is never less than 5.
[[nodiscard]] std::int64_t allowed_deletions(const DeleteLimit& limit, std::int64_t live);

/// For how long a deletion that was carried out counts against the limit.
inline constexpr Duration delete_window{3'600'000};

/// A record whose deletion is held.
struct HeldRecord {
  LocalId id;
  std::optional<HubspotId> hubspot_id = {};
  std::string key;  ///< Its natural key, "" for none.
};

/// Held deletions. While it is open, every further deletion of that type and direction joins it; a release
/// lets exactly the set through that it holds then.
struct Guard {
  std::int64_t id = 0;
  std::string type;
  SyncDirection direction = SyncDirection::none;
  std::int64_t count = 0;  ///< Records held, as of now; of a closed one: 0.
  std::int64_t limit = 0;  ///< What was allowed when it was raised.
  Instant created_at{};
  std::optional<Instant> closed_at = {};
  std::vector<HeldRecord> sample = {};  ///< Some of those held, when listed.
  std::string released_by = {};         ///< "" for one that closed because nothing was left in it.
};

/// "12 deletions of contacts …": what is held, for people.
[[nodiscard]] std::string describe(const Guard& guard);

}  // namespace hubsync
