// What a webhook event means: which records are to be read, and for what. An event is never more than a hint;
// its values are not used (I17). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/record.hpp"
#include "daemon/core/rules.hpp"

namespace hubsync {

enum class InboxState : std::uint8_t {
  pending,
  done,
  ignored,  ///< Nothing to read: the item says why.
  failed    ///< Given up; polling finds what it hinted at.
};

[[nodiscard]] std::string_view to_string(InboxState state);
[[nodiscard]] std::optional<InboxState> parse_inbox_state(std::string_view text);

/// One event as HubSpot sent it, decoded (HUBSPOT.md §9.2). What an event does not have is empty.
struct WebhookEvent {
  std::string subscription_type;  ///< "contact.propertyChange", "object.creation"…
  std::string object_type_id;     ///< "0-1"; only of object.* events.
  std::int64_t portal_id = 0;     ///< 0 when not told.
  std::int64_t event_id = 0;
  Instant occurred_at{};
  std::string property;
  std::optional<HubspotId> object;
  std::vector<HubspotId> merged;      ///< Primary, losers and survivor of a merge.
  std::optional<HubspotId> survivor;  ///< newObjectId of a merge.
  std::string association_type;       ///< "CONTACT_TO_COMPANY"
  std::string from_type_id;           ///< Of object.associationChange.
  std::string to_type_id;
  std::optional<HubspotId> from;
  std::optional<HubspotId> to;
};

/// What has to be found out beside the record's values.
struct ReadWish {
  bool reference = false;  ///< The association that its reference field stands for.
  bool gone = false;       ///< HubSpot says it was deleted: a record that is found nowhere is.
  bool merged = false;     ///< It may lead to another record now.
  bool privacy = false;    ///< Deleted for privacy: once it is gone, every value of it is erased (I14).

  ReadWish& operator|=(const ReadWish& other);
  bool operator==(const ReadWish&) const = default;
};

/// The records to read because of an event.
struct Hint {
  std::string type;  ///< TypeRules::name; empty: nothing to read, `why_not` says why.
  std::vector<HubspotId> ids;
  ReadWish wish;
  std::string why_not;
};

[[nodiscard]] Hint hint_of(const WebhookEvent& event, const Rules& rules);

/// When collecting hints ends and reading begins, counted from the first one that waits. A few are read at
/// once, so that an edit shows soon; many are waited for as long as they keep coming, up to the time that
/// reading them will take.
[[nodiscard]] Duration collecting_time(std::int64_t waiting);

/// So many that they are worth waiting for.
[[nodiscard]] bool is_burst(std::int64_t waiting);

/// A burst is over when nothing has come for this long.
inline constexpr Duration burst_silence{250};

}  // namespace hubsync
