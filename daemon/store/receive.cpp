// The inbox as the rest of the daemon uses it: batches in, hints out, and what became of them.
#include <algorithm>
#include <set>
#include <utility>

#include "daemon/store/repository.hpp"

namespace hubsync::store {
namespace {

/// The hints being read now; what it names at a start was in flight when the process died.
const std::string flight_fact = "inbox_in_flight";

/// Items in flight at this many deaths of the process are set aside: one of them may be what kills it (I28).
constexpr int deaths_until_failed = 8;

/// How many items are looked at to find records of one type.
constexpr std::int64_t scanned_items = 2'000;

/// After each death fewer are read at once, so that the deadly one is alone in the end.
std::size_t batch_size(std::int64_t limit, int deaths) {
  return static_cast<std::size_t>(std::max<std::int64_t>(1, limit >> std::min(deaths, 30)));
}

void add_hint(HintBatch& batch, HubspotId id, const ReadWish& wish) {
  const auto known = std::ranges::find(batch.hints, id, &PendingHint::id);
  if (known == batch.hints.end()) {
    batch.hints.push_back({.id = id, .wish = wish});
  } else {
    known->wish |= wish;
  }
}

}  // namespace

InboxReceipt SqliteRepository::receive_events(
    const std::vector<InboxEvent>& events, std::int64_t max_backlog, Instant now
) {
  InboxReceipt receipt;
  if (tables_.inbox.count(InboxState::pending) >= max_backlog) {
    receipt.full = true;
    return receipt;
  }
  for (const InboxEvent& event : events) {
    const InboxTable::Added added = tables_.inbox.add(event, now);
    ++(added.is_new ? receipt.stored : receipt.duplicates);
    receipt.ids.push_back(added.id);
  }
  return receipt;
}

HintBatch SqliteRepository::take_hints(
    std::int64_t portal, const std::vector<std::string>& resting, std::int64_t limit, Instant now
) {
  HintBatch batch;
  std::set<HubspotId> objects;
  int deaths = 0;
  for (const InboxItem& item : tables_.inbox.due(now, resting, scanned_items)) {
    const InboxEvent& event = item.event;
    if (event.portal_id != 0 && event.portal_id != portal) {
      tables_.inbox.finish(item.id, InboxState::ignored, "an event of another portal", now);
      continue;
    }
    if (item.attempts >= deaths_until_failed && !event.hint.wish.privacy) {
      tables_.inbox.finish(item.id, InboxState::failed, "the daemon died each time it was read", now);
      continue;
    }
    if (objects.empty()) {
      batch.type = event.hint.type;
      deaths = item.attempts;
    }
    if (event.hint.type == batch.type && item.attempts == deaths) {
      objects.insert(event.hint.ids.front());
    }
    if (objects.size() == batch_size(limit, deaths)) {
      break;
    }
  }
  std::string flight = batch.type;
  for (const HubspotId object : objects) {
    flight.append(" ").append(to_string(object));
    for (const InboxItem& item : tables_.inbox.about(batch.type, object)) {
      for (const HubspotId id : item.event.hint.ids) {
        add_hint(batch, id, item.event.hint.wish);
      }
      batch.items.push_back(
          {.id = item.id, .attempts = item.attempts, .wish = item.event.hint.wish, .ids = item.event.hint.ids}
      );
    }
  }
  if (!batch.items.empty()) {
    tables_.facts.set_fact(flight_fact, flight);
  }
  return batch;
}

void SqliteRepository::settle_hints(const std::vector<HintOutcome>& outcomes, Instant now) {
  for (const HintOutcome& outcome : outcomes) {
    if (outcome.retry_at) {
      tables_.inbox.retry(outcome.item, outcome.error, *outcome.retry_at);
    } else {
      const bool done = outcome.error.empty();
      tables_.inbox.finish(outcome.item, done ? InboxState::done : InboxState::failed, outcome.error, now);
    }
  }
  tables_.facts.set_fact(flight_fact, "");
}

void SqliteRepository::recover_inbox() {
  const std::string flight = tables_.facts.fact(flight_fact).value_or("");
  const std::size_t end = std::min(flight.find(' '), flight.size());
  const std::string type = flight.substr(0, end);
  std::string_view rest = std::string_view{flight}.substr(end);
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t length = std::min(rest.find(' '), rest.size());
    if (const auto id = parse_hubspot_id(rest.substr(0, length))) {
      tables_.inbox.count_death(type, *id);
    }
    rest.remove_prefix(length);
  }
  tables_.facts.set_fact(flight_fact, "");
}

InboxStatus SqliteRepository::inbox_status() {
  return {
      .backlog = tables_.inbox.count(InboxState::pending), .last_event_at = tables_.inbox.last_received()
  };
}

Page<InboxItem> SqliteRepository::list_inbox(const InboxQuery& query) {
  return tables_.inbox.list(query);
}

Result<InboxItem> SqliteRepository::find_inbox(std::int64_t id) {
  if (auto item = tables_.inbox.find(id)) {
    return std::move(*item);
  }
  return fail(
      ErrorCode::not_found,
      "no webhook event " + std::to_string(id),
      "`hubsync webhooks list` shows those there are"
  );
}

Result<InboxItem> SqliteRepository::replay_inbox(std::int64_t id) {
  const auto item = tables_.inbox.find(id);
  if (!item) {
    return find_inbox(id);
  }
  if (item->event.hint.type.empty()) {
    return fail(ErrorCode::unprocessable, "nothing follows from this event: " + item->error);
  }
  tables_.inbox.revive(id);
  return find_inbox(id);
}

EventPage SqliteRepository::events_after(std::int64_t since, std::int64_t limit) {
  return {
      .events = tables_.events.after(since, limit),
      .oldest = tables_.events.first(),
      .last = tables_.events.last()
  };
}

}  // namespace hubsync::store
