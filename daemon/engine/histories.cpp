#include "daemon/engine/histories.hpp"

#include <algorithm>
#include <utility>

namespace hubsync {
namespace {

/// With history a read takes half a batch (HUBSPOT.md §4.4).
constexpr std::int64_t history_batch = 50;

/// How long to rest when HubSpot did not answer, and between two looks when nothing wakes us.
constexpr Duration rest{60'000};

/// When polling is off, a write is asked about after this long.
constexpr Duration default_delay{5 * 60'000};

/// Reads and stores one batch of a type; false when there was none or HubSpot did not answer.
Task<Reply<bool>> read_batch(EngineContext& context, const TypeRules& rules) {
  const Duration poll = context.options.poll_interval;
  const Instant begun = context.now();
  const Instant written_before = begun - (poll > Duration{0} ? poll : default_delay);
  std::vector<HubspotId> ids =
      co_await context.ports.store.run([type = rules.name, written_before](Repository& repository) {
        return repository.histories_wanted(type, written_before, history_batch);
      });
  if (ids.empty()) {
    co_return false;
  }
  auto read = co_await persist(context, [&] {
    return context.ports.hub.read(rules, ids, false, true, CallClass::sweep);
  });
  if (!read && read.error().outcome != Outcome::refused) {
    co_return std::unexpected(read.error());
  }
  HistoryRead histories{.type = rules.name, .asked = std::move(ids), .seen = {}, .begun = begun};
  if (read) {
    histories.seen = std::move(read->records);
  }
  const std::int64_t news = co_await context.ports.store.run([histories = std::move(histories),
                                                              now = context.now()](Repository& repository) {
    return repository.save_histories(histories, now);
  });
  if (news > 0) {
    context.changed();
  }
  co_return true;
}

}  // namespace

Task<void> keep_histories(EngineContext& context) {
  while (!context.stopping) {
    const std::uint64_t seen = context.changes;
    bool more = false;
    bool failed = false;
    for (std::size_t i = 0; i < context.options.rules.types.size() && !context.stopping; ++i) {
      const TypeRules rules = context.options.rules.types[i];  // A reload may replace them meanwhile.
      const Reply<bool> read = co_await read_batch(context, rules);
      more = more || (read && *read);
      failed = failed || !read;
    }
    if (failed) {
      co_await context.pause_for(rest);
    } else if (!more && context.changes == seen && !context.stopping) {
      const Duration poll = context.options.poll_interval;
      const Duration wait = poll > Duration{0} ? std::min(poll, rest) : rest;
      co_await wait_until(context.wake, context.ports.clock, context.ports.clock.steady() + wait);
    }
  }
}

Task<Histories> read_history(EngineContext& context, std::string type, HubspotId id) {
  const TypeRules* const found = context.options.rules.find(type);
  if (found == nullptr) {
    co_return Histories{};
  }
  const TypeRules rules = *found;
  std::vector<HubspotId> ids;
  ids.push_back(id);
  auto read = co_await context.ports.hub.read(rules, std::move(ids), false, true, CallClass::interactive);
  if (!read || read->records.empty()) {
    co_return Histories{};
  }
  co_return std::move(read->records.front().histories);
}

}  // namespace hubsync
