// The event stream as it is kept: numbered without holes. Store thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/ports/event_log.hpp"
#include "daemon/store/db.hpp"

namespace hubsync::store {

class EventTable {
 public:
  explicit EventTable(Db& db) : db_(db) {}

  /// Whether anything was appended since this was last asked.
  [[nodiscard]] bool take_appended() { return std::exchange(appended_, false); }
  void append(std::string_view kind, const LocalId& record, const Fields& data, Instant now);
  /// One for each record with row ids from `first` to `last`, which are new.
  void append_created(std::int64_t first, std::int64_t last, Instant now);
  /// Events with seq > since, ascending.
  [[nodiscard]] std::vector<StoredEvent> after(std::int64_t since, std::int64_t limit);
  [[nodiscard]] std::int64_t last();
  /// The oldest one that is kept; last() + 1 when there is none.
  [[nodiscard]] std::int64_t first();
  /// Removes old events, never the newest one, from which the next seq follows.
  void purge(Instant before, std::int64_t limit);

 private:
  Db& db_;
  bool appended_ = false;
};

}  // namespace hubsync::store
