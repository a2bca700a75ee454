#include "daemon/store/due.hpp"

#include "daemon/core/names.hpp"
#include "daemon/ports/store_error.hpp"
#include "daemon/store/views_json.hpp"

namespace hubsync::store {
namespace {

#define DUE_COLUMNS                                                                              \
  "record, type, state, priority, since, next_at, attempts, error, waiting_on, log_id, intent, " \
  "intent_fields, intent_seen, unknown_create, not_before, deaths"
#define SELECT_DUE "SELECT " DUE_COLUMNS " FROM due "

constexpr Names<Intent, 4> intent_names{
    {{Intent::none, ""}, {Intent::create, "create"}, {Intent::update, "update"}, {Intent::archive, "archive"}}
};

constexpr Names<DueItem::State, 3> state_names{
    {{DueItem::State::ready, "ready"},
     {DueItem::State::waiting, "waiting"},
     {DueItem::State::failed, "failed"}}
};

template <class T>
T known(std::optional<T> value) {
  if (!value) {
    throw StoreCorrupt("the database: stored due work has an unknown state");
  }
  return *value;
}

DueRow read_row(const Query& row) {
  return {
      .record = {row.text(0)},
      .type = row.text(1),
      .state = known(value_of(state_names, row.text(2))),
      .priority = row.integer(3),
      .since = row.instant(4),
      .next_at = row.instant(5),
      .attempts = static_cast<int>(row.integer(6)),
      .error = row.text(7),
      .waiting_on = {row.text(8)},
      .log_id = row.integer(9),
      .intent = known(value_of(intent_names, row.text(10))),
      .intent_fields = read_fields(row.text(11)),
      .intent_seen = read_fields(row.text(12)),
      .unknown_create = row.integer(13) != 0,
      .not_before = row.instant(14),
      .deaths = static_cast<int>(row.integer(15))
  };
}

std::vector<DueRow> read_rows(Query& query) {
  std::vector<DueRow> rows;
  while (query.next()) {
    rows.push_back(read_row(query));
  }
  return rows;
}

void put_state(Query& query, const DueRow& row) {
  query.put(name_of(state_names, row.state));
  query.put(row.priority);
  query.put(row.since);
  query.put(row.next_at);
  query.put(row.attempts);
  query.put(row.error);
  query.put(row.waiting_on);
  query.put(row.log_id);
  query.put(name_of(intent_names, row.intent));
  query.put(write_fields(row.intent_fields));
  query.put(write_fields(row.intent_seen));
  query.put(row.unknown_create);
  query.put(row.not_before);
  query.put(row.deaths);
}

}  // namespace

std::optional<DueRow> DueTable::find(const LocalId& record) {
  Query query{db_, SELECT_DUE "WHERE record = ?", record};
  return query.next() ? std::optional{read_row(query)} : std::nullopt;
}

void DueTable::insert(const DueRow& row) {
  Query query{
      db_,
      "INSERT INTO due (record, type, state, priority, since, next_at, attempts, error, waiting_on, log_id, "
      "intent, intent_fields, intent_seen, unknown_create, not_before, deaths) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      row.record,
      row.type
  };
  put_state(query, row);
  query.run();
}

void DueTable::update(const DueRow& row) {
  Query query{
      db_,
      "UPDATE due SET state = ?, priority = ?, since = ?, next_at = ?, attempts = ?, error = ?, "
      "waiting_on = ?, log_id = ?, intent = ?, intent_fields = ?, intent_seen = ?, unknown_create = ?, "
      "not_before = ?, deaths = ? WHERE record = ?"
  };
  put_state(query, row);
  query.put(row.record);
  query.run();
}

void DueTable::erase(const LocalId& record) {
  Query{db_, "DELETE FROM due WHERE record = ?", record}.run();
}

std::vector<DueRow> DueTable::ready(const std::string& type, Instant now, std::int64_t limit) {
  Query query{
      db_,
      SELECT_DUE
      "INDEXED BY due_order WHERE type = ? AND state = 'ready' AND next_at <= ? ORDER BY priority DESC, "
      "since, record LIMIT ?",
      type,
      now,
      limit
  };
  return read_rows(query);
}

std::vector<DueRow> DueTable::failed() {
  Query query{db_, SELECT_DUE "WHERE state = 'failed' ORDER BY since, record"};
  return read_rows(query);
}

std::vector<DueRow> DueTable::unanswered_creates(const std::string& type) {
  Query query{
      db_,
      SELECT_DUE "WHERE type = ? AND (unknown_create <> 0 OR intent = 'create') ORDER BY since, record",
      type
  };
  return read_rows(query);
}

std::vector<DueRow> DueTable::list(std::int64_t offset, std::int64_t limit) {
  Query query{db_, SELECT_DUE "ORDER BY priority DESC, since, record LIMIT ? OFFSET ?", limit, offset};
  return read_rows(query);
}

std::int64_t DueTable::count() {
  Query query{db_, "SELECT count(*) FROM due"};
  query.next();
  return query.integer(0);
}

DueSummary DueTable::summary(const std::string& type, Instant now) {
  DueSummary summary;
  {
    Query query{
        db_,
        "SELECT count(*), min(since), max(since) FROM due WHERE type = ? AND state = 'ready' AND next_at <= "
        "?",
        type,
        now
    };
    query.next();
    summary.ready = query.integer(0);
    summary.oldest_since = query.maybe_instant(1);
    summary.newest_since = query.maybe_instant(2);
  }
  Query query{
      db_, "SELECT min(next_at) FROM due WHERE type = ? AND state = 'ready' AND next_at > ?", type, now
  };
  query.next();
  summary.next_at = query.maybe_instant(0);
  return summary;
}

QueueCounts DueTable::counts() {
  QueueCounts counts;
  Query query{db_, "SELECT state, attempts > 0, count(*) FROM due GROUP BY 1, 2 ORDER BY 1, 2"};
  while (query.next()) {
    const auto state = known(value_of(state_names, query.text(0)));
    if (state == DueItem::State::failed) {
      counts.failed += query.integer(2);
    } else if (query.integer(1) != 0) {
      counts.retrying += query.integer(2);
    } else {
      counts.pending += query.integer(2);
    }
  }
  return counts;
}

std::int64_t DueTable::hasten(Instant now) {
  Query{
      db_,
      "UPDATE due SET next_at = max(not_before, ?1) WHERE state = 'ready' AND error <> '' AND "
      "next_at > max(not_before, ?1)",
      now
  }
      .run();
  return db_.changes();
}

void DueTable::wake(const LocalId& waited_for) {
  // Hardly ever is there one, and an UPDATE that finds nothing costs five times the question.
  if (!Query{db_, "SELECT 1 FROM due WHERE waiting_on = ? AND waiting_on <> '' LIMIT 1", waited_for}.next()) {
    return;
  }
  Query{
      db_,
      "UPDATE due SET state = 'ready', waiting_on = '', next_at = iif(state = 'ready', next_at, not_before) "
      "WHERE waiting_on = ?1 AND waiting_on <> ''",
      waited_for
  }
      .run();
}

}  // namespace hubsync::store
