// From the daemon's own structs to those of the control API. Pure; any thread.
#pragma once

#include <vector>

#include "common/api.hpp"
#include "common/api_webhooks.hpp"
#include "daemon/core/log_entry.hpp"
#include "daemon/core/record.hpp"
#include "daemon/core/run.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/throttle.hpp"
#include "daemon/ports/repository.hpp"

namespace hubsync::api {

[[nodiscard]] Record to_api(const hubsync::Record& record);

/// For a list; on the single-item view payload and response are added.
[[nodiscard]] SyncLog to_api(const LogEntry& entry, int max_retries, bool single);

[[nodiscard]] Conflict to_api(const hubsync::Conflict& conflict);
[[nodiscard]] WebhookItem to_api(const InboxItem& item);
[[nodiscard]] DueItem to_api(const hubsync::DueItem& item);

[[nodiscard]] Guard to_api(const hubsync::Guard& guard);
[[nodiscard]] Run to_api(const hubsync::Run& run);

/// A change with a conflict beside it becomes two: what would travel, and what a person would have to decide.
[[nodiscard]] std::vector<PlannedChange> to_api(const std::vector<hubsync::PlannedChange>& plan);

[[nodiscard]] EffectCounts to_api(const hubsync::EffectCounts& counts);
[[nodiscard]] RateStatus to_api(const Throttle::Snapshot& snapshot);
[[nodiscard]] QueueStatus to_api(const QueueCounts& counts);
[[nodiscard]] RecordCounts to_api(const hubsync::RecordCounts& counts);
[[nodiscard]] std::string_view to_string(Engine::State state);

/// One page of the API from one of the store.
template <class Convert, class T>
[[nodiscard]] auto to_page(
    const hubsync::Page<T>& found, std::int64_t page, std::int64_t limit, const Convert& convert
) {
  Page<decltype(convert(found.items.front()))> result{.page = page, .limit = limit, .total = found.total};
  result.items.reserve(found.items.size());
  for (const T& item : found.items) {
    result.items.push_back(convert(item));
  }
  return result;
}

}  // namespace hubsync::api
