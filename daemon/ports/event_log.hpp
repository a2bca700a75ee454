// The event stream as it is kept: numbered without holes. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/time.hpp"
#include "daemon/core/record.hpp"

namespace hubsync {

struct StoredEvent {
  std::int64_t seq = 0;
  Instant at{};
  std::string kind;  ///< "record.updated", "conflict.detected", "push.failed"…
  LocalId record;
  std::string data;  ///< A JSON object.
};

struct EventPage {
  std::vector<StoredEvent> events;
  std::int64_t oldest = 1;  ///< Seq of the oldest event that is still kept; last + 1 when there is none.
  std::int64_t last = 0;    ///< Seq of the newest one.
};

}  // namespace hubsync
