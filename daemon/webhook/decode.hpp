// The body of a webhook request as events (HUBSPOT.md §9.2). Pure; any thread. What one event has in a wrong
// form is left out of it; only a body that is no list of events is an error.
#pragma once

#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "daemon/core/hint.hpp"
#include "daemon/ports/inbox.hpp"

namespace hubsync::webhook {

/// HubSpot puts no more into one request.
inline constexpr std::size_t max_events = 100;

/// The events of a body, ready for the inbox.
[[nodiscard]] Result<std::vector<InboxEvent>> decode_events(std::string_view body, const Rules& rules);

}  // namespace hubsync::webhook
