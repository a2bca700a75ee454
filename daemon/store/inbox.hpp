// The webhook inbox: events in, hints out. Store thread. Decides nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/ports/inbox.hpp"
#include "daemon/ports/repository.hpp"
#include "daemon/store/db.hpp"

namespace hubsync::store {

class InboxTable {
 public:
  explicit InboxTable(Db& db) : db_(db) {}

  /// The id of the event; known ones keep theirs.
  struct Added {
    std::int64_t id = 0;
    bool is_new = false;
  };
  Added add(const InboxEvent& event, Instant now);

  /// The oldest pending items that are due and not of one of `resting` types, oldest first.
  [[nodiscard]] std::vector<InboxItem> due(
      Instant now, const std::vector<std::string>& resting, std::int64_t limit
  );
  /// Every pending item about one record.
  [[nodiscard]] std::vector<InboxItem> about(const std::string& type, HubspotId object);
  [[nodiscard]] std::optional<InboxItem> find(std::int64_t id);
  [[nodiscard]] Page<InboxItem> list(const InboxQuery& query);
  [[nodiscard]] std::int64_t count(InboxState state);
  [[nodiscard]] std::optional<Instant> last_received();

  void finish(std::int64_t id, InboxState state, const std::string& error, Instant now);
  void retry(std::int64_t id, const std::string& error, Instant at);
  /// Pending again, as if it had just come.
  void revive(std::int64_t id);
  /// The items about the record were being read when the process died.
  void count_death(const std::string& type, HubspotId object);
  /// Removes items that were finished before `before`, at most `limit`.
  void purge(Instant before, std::int64_t limit);

 private:
  Db& db_;
};

}  // namespace hubsync::store
