#include "daemon/store/inbox.hpp"

#include <utility>

#include "daemon/ports/store_error.hpp"
#include "daemon/store/views_json.hpp"

namespace hubsync::store {
namespace {

#define SELECT_INBOX                                                                               \
  "SELECT id, key, state, portal, event, subscription, property, occurred_at, received_at, type, " \
  "object, others, wish, attempts, next_at, done_at, error FROM inbox "

constexpr std::int64_t wish_reference = 1;
constexpr std::int64_t wish_gone = 2;
constexpr std::int64_t wish_merged = 4;
constexpr std::int64_t wish_privacy = 8;

std::int64_t number_of(const ReadWish& wish) {
  return (wish.reference ? wish_reference : 0) | (wish.gone ? wish_gone : 0) |
         (wish.merged ? wish_merged : 0) | (wish.privacy ? wish_privacy : 0);
}

ReadWish wish_of(std::int64_t number) {
  return {
      .reference = (number & wish_reference) != 0,
      .gone = (number & wish_gone) != 0,
      .merged = (number & wish_merged) != 0,
      .privacy = (number & wish_privacy) != 0
  };
}

std::string others_of(const std::vector<HubspotId>& ids) {
  std::string text;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    text.append(text.empty() ? "" : ",").append(to_string(ids[i]));
  }
  return text;
}

void read_others(std::string_view text, std::vector<HubspotId>& ids) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (const auto id = parse_hubspot_id(text.substr(0, end))) {
      ids.push_back(*id);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<unsigned char> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

InboxItem read_item(const Query& row) {
  const auto state = parse_inbox_state(row.text(2));
  if (!state) {
    throw StoreCorrupt("the database: an inbox item has an unknown state");
  }
  InboxItem item;
  item.id = row.integer(0);
  const auto key = row.blob(1);
  item.event.key.assign(key.begin(), key.end());
  item.state = *state;
  item.event.portal_id = row.integer(3);
  item.event.event_id = row.integer(4);
  item.event.subscription_type = row.text(5);
  item.event.property = row.text(6);
  item.event.occurred_at = row.instant(7);
  item.received_at = row.instant(8);
  item.event.hint.type = row.text(9);
  if (const auto object = row.maybe_hubspot_id(10)) {
    item.event.hint.ids.push_back(*object);
  }
  read_others(row.text(11), item.event.hint.ids);
  item.event.hint.wish = wish_of(row.integer(12));
  item.attempts = static_cast<int>(row.integer(13));
  item.done_at = row.maybe_instant(15);
  item.error = row.text(16);
  return item;
}

std::vector<InboxItem> read_all(Query& query) {
  std::vector<InboxItem> items;
  while (query.next()) {
    items.push_back(read_item(query));
  }
  return items;
}

}  // namespace

InboxTable::Added InboxTable::add(const InboxEvent& event, Instant now) {
  const std::vector<unsigned char> key = bytes_of(event.key);
  const bool nothing_to_read = event.hint.type.empty();
  Query insert{
      db_,
      "INSERT INTO inbox (key, state, portal, event, subscription, property, occurred_at, received_at, type, "
      "object, others, wish, next_at, done_at, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT DO NOTHING",
      key,
      to_string(nothing_to_read ? InboxState::ignored : InboxState::pending),
      event.portal_id,
      event.event_id,
      event.subscription_type,
      event.property,
      event.occurred_at,
      now,
      event.hint.type,
      event.hint.ids.empty() ? std::nullopt : std::optional{event.hint.ids.front()},
      others_of(event.hint.ids),
      number_of(event.hint.wish),
      Instant{},  // At once, whatever our clock says when it is received and when it is read (I34).
      nothing_to_read ? std::optional{now} : std::nullopt,
      event.hint.why_not
  };
  insert.run();
  if (db_.changes() == 1) {
    return {.id = db_.last_id(), .is_new = true};
  }
  Query known{db_, "SELECT id FROM inbox WHERE key = ?", key};
  known.next();
  return {.id = known.integer(0), .is_new = false};
}

std::vector<InboxItem> InboxTable::due(
    Instant now, const std::vector<std::string>& resting, std::int64_t limit
) {
  Query query{
      db_,
      SELECT_INBOX
      "WHERE state = 'pending' AND next_at <= ? AND type NOT IN (SELECT value FROM json_each(?)) "
      "ORDER BY id LIMIT ?",
      now,
      write_strings(resting),
      limit
  };
  return read_all(query);
}

std::vector<InboxItem> InboxTable::about(const std::string& type, HubspotId object) {
  Query query{
      db_, SELECT_INBOX "WHERE state = 'pending' AND type = ? AND object = ? ORDER BY id", type, object
  };
  return read_all(query);
}

std::optional<InboxItem> InboxTable::find(std::int64_t id) {
  Query query{db_, SELECT_INBOX "WHERE id = ?", id};
  return query.next() ? std::optional{read_item(query)} : std::nullopt;
}

Page<InboxItem> InboxTable::list(const InboxQuery& query) {
  const std::string state = query.state ? std::string{to_string(*query.state)} : std::string{};
  Page<InboxItem> page;
  Query rows{
      db_,
      SELECT_INBOX "WHERE ?1 = '' OR state = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3",
      state,
      query.limit,
      (query.page - 1) * query.limit
  };
  page.items = read_all(rows);
  Query total{db_, "SELECT coalesce(sum(count), 0) FROM inbox_counts WHERE ?1 = '' OR state = ?1", state};
  total.next();
  page.total = total.integer(0);
  return page;
}

std::int64_t InboxTable::count(InboxState state) {
  Query query{db_, "SELECT count FROM inbox_counts WHERE state = ?", to_string(state)};
  return query.next() ? query.integer(0) : 0;
}

std::optional<Instant> InboxTable::last_received() {
  Query query{db_, "SELECT received_at FROM inbox ORDER BY id DESC LIMIT 1"};
  return query.next() ? std::optional{query.instant(0)} : std::nullopt;
}

void InboxTable::finish(std::int64_t id, InboxState state, const std::string& error, Instant now) {
  Query{
      db_, "UPDATE inbox SET state = ?, done_at = ?, error = ? WHERE id = ?", to_string(state), now, error, id
  }
      .run();
}

void InboxTable::retry(std::int64_t id, const std::string& error, Instant at) {
  Query{
      db_,
      "UPDATE inbox SET attempts = attempts + 1, next_at = ?, error = ? WHERE id = ? AND state = 'pending'",
      at,
      error,
      id
  }
      .run();
}

void InboxTable::revive(std::int64_t id) {
  Query{
      db_,
      "UPDATE inbox SET state = 'pending', attempts = 0, next_at = 0, done_at = NULL, error = '' WHERE id = "
      "?",
      id
  }
      .run();
}

void InboxTable::count_death(const std::string& type, HubspotId object) {
  Query{
      db_,
      "UPDATE inbox SET attempts = attempts + 1 WHERE state = 'pending' AND type = ? AND object = ?",
      type,
      object
  }
      .run();
}

void InboxTable::purge(Instant before, std::int64_t limit) {
  // The newest item stays, so that no id is given twice and the last event's time is known.
  Query{
      db_,
      "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox WHERE state <> 'pending' AND done_at < ? "
      "AND id < (SELECT max(id) FROM inbox) ORDER BY done_at LIMIT ?)",
      before,
      limit
  }
      .run();
}

}  // namespace hubsync::store
