// The journal's ids of the events that an operator acts on or asks about. systemd/hubsync.catalog explains
// each
// (`journalctl -x`); a test keeps the two the same. Pure; any thread.
#pragma once

#include <span>
#include <string_view>

namespace hubsync {

struct MessageId {
  std::string_view event;  ///< The log line's field `event`.
  std::string_view id;     ///< 128 bits as the journal writes them. Never changed: people search for it.
};

/// Every event that has an id.
[[nodiscard]] std::span<const MessageId> message_ids();

/// The id of one event; empty for an event without one.
[[nodiscard]] std::string_view message_id(std::string_view event);

}  // namespace hubsync
