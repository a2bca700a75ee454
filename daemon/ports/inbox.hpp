// The webhook inbox as receiver, engine and API see it: events on disk, and the records they hint at. Plain
// data. No value of a record is ever in it: a value only enters the digest that tells two events apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.hpp"
#include "daemon/core/hint.hpp"
#include "daemon/core/record.hpp"

namespace hubsync {

/// An event on its way in.
struct InboxEvent {
  std::string key;  ///< Digest of what makes two deliveries the same event (I19).
  std::int64_t portal_id = 0;
  std::int64_t event_id = 0;
  std::string subscription_type;
  std::string property;
  Instant occurred_at{};
  Hint hint;
};

/// An event as it is kept.
struct InboxItem {
  std::int64_t id = 0;
  InboxState state = InboxState::pending;
  InboxEvent event;
  int attempts = 0;
  Instant received_at{};
  std::optional<Instant> done_at;
  std::string error;  ///< Why it is ignored, failed or tried again.
};

struct InboxReceipt {
  std::int64_t stored = 0;
  std::int64_t duplicates = 0;
  bool full = false;              ///< The backlog is at its bound: nothing was stored.
  std::vector<std::int64_t> ids;  ///< Of the items, known ones included, in the order of the events.
};

/// A record to read, for all events about it that wait.
struct PendingHint {
  HubspotId id;
  ReadWish wish;
};

/// Records of one type, and the inbox items that reading them settles.
struct HintBatch {
  std::string type;
  std::vector<PendingHint> hints;
  struct Item {
    std::int64_t id = 0;
    int attempts = 0;
    ReadWish wish = {};
    std::vector<HubspotId> ids = {};
  };
  std::vector<Item> items;
};

/// How an item ended; one of done, failed (with `error`), or again at `retry_at`.
struct HintOutcome {
  std::int64_t item = 0;
  std::string error = {};
  std::optional<Instant> retry_at = {};
};

struct InboxStatus {
  std::int64_t backlog = 0;
  std::optional<Instant> last_event_at;
};

struct InboxQuery {
  std::int64_t page = 1;
  std::int64_t limit = 50;
  std::optional<InboxState> state = {};
};

}  // namespace hubsync
