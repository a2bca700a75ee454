#include "daemon/store/events.hpp"

#include "daemon/store/views_json.hpp"

namespace hubsync::store {

void EventTable::append(std::string_view kind, const LocalId& record, const Fields& data, Instant now) {
  Query{
      db_,
      "INSERT INTO events (at, kind, record, data) VALUES (?, ?, ?, ?)",
      now,
      kind,
      record,
      write_fields(data)
  }
      .run();
  appended_ = true;
}

void EventTable::append_created(std::int64_t first, std::int64_t last, Instant now) {
  Query{
      db_,
      "INSERT INTO events (at, kind, record, data) SELECT ?, 'record.created', id, "
      "json_object('status', status, 'type', type, 'version', cast(version AS TEXT)) FROM records "
      "WHERE rowid BETWEEN ? AND ? ORDER BY rowid",
      now,
      first,
      last
  }
      .run();
  appended_ = true;
}

std::vector<StoredEvent> EventTable::after(std::int64_t since, std::int64_t limit) {
  std::vector<StoredEvent> events;
  Query query{
      db_, "SELECT seq, at, kind, record, data FROM events WHERE seq > ? ORDER BY seq LIMIT ?", since, limit
  };
  while (query.next()) {
    events.push_back({query.integer(0), query.instant(1), query.text(2), {query.text(3)}, query.text(4)});
  }
  return events;
}

std::int64_t EventTable::last() {
  Query query{db_, "SELECT coalesce(max(seq), 0) FROM events"};
  query.next();
  return query.integer(0);
}

std::int64_t EventTable::first() {
  Query query{db_, "SELECT coalesce(min(seq), 1) FROM events"};
  query.next();
  return query.integer(0);
}

void EventTable::purge(Instant before, std::int64_t limit) {
  Query{
      db_,
      "DELETE FROM events WHERE at < ?1 AND seq < (SELECT min(seq) + ?2 FROM events) "
      "AND seq < (SELECT max(seq) FROM events)",
      before,
      limit
  }
      .run();
}

}  // namespace hubsync::store
