#include "daemon/store/log.hpp"

#include "daemon/ports/store_error.hpp"
#include "daemon/store/views_json.hpp"

namespace hubsync::store {
namespace {

#define LOG_COLUMNS                                                                                         \
  "type, record, hubspot_id, action, direction, status, retry_count, next_retry_at, error, correlation_id," \
  " duration_ms, created_at, completed_at, payload, response"

template <class T>
T known(std::optional<T> value) {
  if (!value) {
    throw StoreCorrupt("the database: a stored log entry has an unknown word");
  }
  return *value;
}

LogEntry read_entry(const Query& row) {
  LogEntry entry;
  entry.id = row.integer(0);
  entry.type = row.text(1);
  entry.record.text = row.text(2);
  entry.hubspot_id = row.maybe_hubspot_id(3);
  entry.action = known(parse_log_action(row.text(4)));
  entry.direction = known(parse_sync_direction(row.text(5)));
  entry.status = known(parse_log_status(row.text(6)));
  entry.retry_count = static_cast<int>(row.integer(7));
  entry.next_retry_at = row.maybe_instant(8);
  entry.error = row.text(9);
  entry.correlation_id = row.text(10);
  if (!row.is_null(11)) {
    entry.duration = Duration{row.integer(11)};
  }
  entry.created_at = row.instant(12);
  entry.completed_at = row.maybe_instant(13);
  entry.payload = read_fields(row.text(14));
  entry.response = row.text(15);
  return entry;
}

void put_entry(Query& query, const LogEntry& entry) {
  query.put(entry.type);
  query.put(entry.record);
  query.put(entry.hubspot_id);
  query.put(to_string(entry.action));
  query.put(to_string(entry.direction));
  query.put(to_string(entry.status));
  query.put(entry.retry_count);
  query.put(entry.next_retry_at);
  query.put(entry.error);
  query.put(entry.correlation_id);
  query.put(entry.duration ? std::optional{std::int64_t{entry.duration->count()}} : std::nullopt);
  query.put(entry.created_at);
  query.put(entry.completed_at);
  query.put(write_fields(entry.payload));
  query.put(entry.response);
}

/// "" matches everything.
std::string status_word(const LogQuery& query) {
  return query.status ? std::string{to_string(*query.status)} : std::string{};
}
std::string direction_word(const LogQuery& query) {
  return query.direction ? std::string{to_string(*query.direction)} : std::string{};
}

}  // namespace

std::int64_t LogTable::insert(const LogEntry& entry) {
  Query query{
      db_, "INSERT INTO sync_log (" LOG_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
  };
  put_entry(query, entry);
  query.run();
  const std::int64_t id = db_.last_id();
  add_count(entry.type, entry.direction, entry.status, 1);
  return id;
}

void LogTable::insert_pulled(const std::string& type, std::int64_t first, std::int64_t last, Instant now) {
  Query{
      db_,
      "INSERT INTO sync_log (type, record, hubspot_id, action, direction, status, created_at, completed_at, "
      "payload) SELECT type, id, hubspot_id, ?4, ?5, ?6, ?3, ?3, local FROM records "
      "WHERE rowid BETWEEN ?1 AND ?2 ORDER BY rowid",
      first,
      last,
      now,
      to_string(LogAction::create),
      to_string(SyncDirection::from_hubspot),
      to_string(LogStatus::success)
  }
      .run();
  add_count(type, SyncDirection::from_hubspot, LogStatus::success, db_.changes());
}

void LogTable::add_count(
    const std::string& type, SyncDirection direction, LogStatus status, std::int64_t number
) {
  Query{
      db_,
      "INSERT INTO log_counts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
      type,
      to_string(direction),
      to_string(status),
      number
  }
      .run();
}

void LogTable::update(const LogEntry& entry) {
  Query query{
      db_,
      "UPDATE sync_log SET type = ?, record = ?, hubspot_id = ?, action = ?, direction = ?, status = ?, "
      "retry_count = ?, next_retry_at = ?, error = ?, correlation_id = ?, duration_ms = ?, created_at = ?, "
      "completed_at = ?, payload = ?, response = ? WHERE id = ?"
  };
  put_entry(query, entry);
  query.put(entry.id);
  query.run();
}

void LogTable::erase(std::int64_t id) {
  Query{db_, "DELETE FROM sync_log WHERE id = ?", id}.run();
}

std::optional<LogEntry> LogTable::find(std::int64_t id) {
  Query query{db_, "SELECT id, " LOG_COLUMNS " FROM sync_log WHERE id = ?", id};
  return query.next() ? std::optional{read_entry(query)} : std::nullopt;
}

#define LOG_FILTER                                                                          \
  "WHERE (?1 = '' OR type = ?1) AND (?2 = '' OR record = ?2) AND (?3 = '' OR status = ?3) " \
  "AND (?4 = '' OR direction = ?4) AND created_at >= ?5 "
#define RECORD_LOG_FILTER                                          \
  "WHERE record = ?2 AND record <> '' AND (?1 = '' OR type = ?1) " \
  "AND (?3 = '' OR status = ?3) AND (?4 = '' OR direction = ?4) AND created_at >= ?5 "

Page<LogEntry> LogTable::list(const LogQuery& wanted) {
  Page<LogEntry> page;
  // Two texts, so that one record's entries are found by index.
  Query query{
      db_,
      wanted.record.empty() ? "SELECT id, " LOG_COLUMNS " FROM sync_log " LOG_FILTER
                              "ORDER BY id DESC LIMIT ?6 OFFSET ?7"
                            : "SELECT id, " LOG_COLUMNS " FROM sync_log " RECORD_LOG_FILTER
                              "ORDER BY id DESC LIMIT ?6 OFFSET ?7",
      wanted.type,
      wanted.record,
      status_word(wanted),
      direction_word(wanted),
      wanted.since ? to_ms(*wanted.since) : 0,
      wanted.limit,
      (wanted.page - 1) * wanted.limit
  };
  while (query.next()) {
    page.items.push_back(read_entry(query));
  }
  page.total = count(wanted);
  return page;
}

std::int64_t LogTable::count(const LogQuery& wanted) {
  if (wanted.record.empty() && !wanted.since) {
    Query query{
        db_,
        "SELECT coalesce(sum(count), 0) FROM log_counts WHERE (?1 = '' OR type = ?1) "
        "AND (?2 = '' OR status = ?2) AND (?3 = '' OR direction = ?3)",
        wanted.type,
        status_word(wanted),
        direction_word(wanted)
    };
    query.next();
    return query.integer(0);
  }
  Query query{
      db_,
      wanted.record.empty() ? "SELECT count(*) FROM sync_log " LOG_FILTER
                            : "SELECT count(*) FROM sync_log " RECORD_LOG_FILTER,
      wanted.type,
      wanted.record,
      status_word(wanted),
      direction_word(wanted),
      wanted.since ? to_ms(*wanted.since) : 0
  };
  query.next();
  return query.integer(0);
}

bool LogTable::has_failed(const std::string& type, std::optional<HubspotId> id, const std::string& error) {
  Query query{
      db_,
      "SELECT 1 FROM sync_log INDEXED BY sync_log_unreadable WHERE status = 'failed' AND type = ? AND "
      "hubspot_id IS ? AND error = ? "
      "AND direction = 'from_hubspot' LIMIT 1",
      type,
      id,
      error
  };
  return query.next();
}

std::int64_t LogTable::completed() {
  Query query{
      db_,
      "SELECT coalesce(sum(count), 0) FROM log_counts WHERE status = 'success' AND direction = 'to_hubspot'"
  };
  query.next();
  return query.integer(0);
}

std::optional<Instant> LogTable::newest() {
  Query query{db_, "SELECT created_at FROM sync_log ORDER BY id DESC LIMIT 1"};
  return query.next() ? std::optional{query.instant(0)} : std::nullopt;
}

std::int64_t LogTable::purge(Instant before, std::int64_t limit) {
  // What was completed before was created before: the index on created_at bounds the search.
  Query{
      db_,
      "DELETE FROM sync_log WHERE id IN (SELECT id FROM sync_log WHERE created_at < ?1 "
      "AND status = 'success' AND completed_at < ?1 ORDER BY created_at LIMIT ?2)",
      before,
      limit
  }
      .run();
  return db_.changes();
}

}  // namespace hubsync::store
