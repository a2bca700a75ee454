#include "daemon/store/conflicts.hpp"

#include <nlohmann/json.hpp>

#include "daemon/ports/store_error.hpp"
#include "daemon/store/views_json.hpp"

namespace hubsync::store {
namespace {

#define CONFLICT_COLUMNS                                                                       \
  "type, record, hubspot_id, fields, local_version, hubspot_version, base_version, local_at, " \
  "hubspot_at, detected_at, resolved_at, resolution, resolved_by, merged, priority, events"
#define SELECT_CONFLICT "SELECT id, " CONFLICT_COLUMNS " FROM conflicts "

std::string write_events(const std::vector<ConflictEvent>& events) {
  nlohmann::json array = nlohmann::json::array();
  for (const ConflictEvent& event : events) {
    array.push_back(
        {{"action", event.action}, {"at", to_ms(event.at)}, {"user", event.user}, {"details", event.details}}
    );
  }
  return array.dump();
}

std::vector<ConflictEvent> read_events(const std::string& text) {
  try {
    std::vector<ConflictEvent> events;
    for (const auto& event : nlohmann::json::parse(text)) {
      events.push_back(
          {event.at("action").get<std::string>(),
           instant_from_ms(event.at("at").get<std::int64_t>()),
           event.at("user").get<std::string>(),
           event.at("details").get<std::string>()}
      );
    }
    return events;
  } catch (const nlohmann::json::exception&) {
    throw StoreCorrupt("the database: the events of a conflict are not readable");
  }
}

Conflict read_conflict(const Query& row) {
  Conflict conflict;
  conflict.id = row.integer(0);
  conflict.type = row.text(1);
  conflict.record.text = row.text(2);
  conflict.hubspot_id = row.maybe_hubspot_id(3);
  conflict.fields = read_strings(row.text(4));
  conflict.local_version = read_fields(row.text(5));
  conflict.hubspot_version = read_fields(row.text(6));
  conflict.base_version = read_fields(row.text(7));
  conflict.local_at = row.maybe_instant(8);
  conflict.hubspot_at = row.maybe_instant(9);
  conflict.detected_at = row.instant(10);
  conflict.resolved_at = row.maybe_instant(11);
  const auto resolution = parse_resolution(row.text(12));
  if (!resolution) {
    throw StoreCorrupt("the database: a stored conflict has an unknown resolution");
  }
  conflict.resolution = *resolution;
  conflict.resolved_by = row.text(13);
  conflict.merged = read_fields(row.text(14));
  conflict.priority = static_cast<int>(row.integer(15));
  conflict.events = read_events(row.text(16));
  return conflict;
}

void put_conflict(Query& query, const Conflict& conflict) {
  query.put(conflict.type);
  query.put(conflict.record);
  query.put(conflict.hubspot_id);
  query.put(write_strings(conflict.fields));
  query.put(write_fields(conflict.local_version));
  query.put(write_fields(conflict.hubspot_version));
  query.put(write_fields(conflict.base_version));
  query.put(conflict.local_at);
  query.put(conflict.hubspot_at);
  query.put(conflict.detected_at);
  query.put(conflict.resolved_at);
  query.put(to_string(conflict.resolution));
  query.put(conflict.resolved_by);
  query.put(write_fields(conflict.merged));
  query.put(conflict.priority);
  query.put(write_events(conflict.events));
}

}  // namespace

std::int64_t ConflictTable::insert(const Conflict& conflict) {
  Query query{
      db_,
      "INSERT INTO conflicts (" CONFLICT_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
  };
  put_conflict(query, conflict);
  query.run();
  return db_.last_id();
}

void ConflictTable::update(const Conflict& conflict) {
  Query query{
      db_,
      "UPDATE conflicts SET type = ?, record = ?, hubspot_id = ?, fields = ?, local_version = ?, "
      "hubspot_version = ?, base_version = ?, local_at = ?, hubspot_at = ?, detected_at = ?, "
      "resolved_at = ?, resolution = ?, resolved_by = ?, merged = ?, priority = ?, events = ? WHERE id = ?"
  };
  put_conflict(query, conflict);
  query.put(conflict.id);
  query.run();
}

std::optional<Conflict> ConflictTable::find(std::int64_t id) {
  Query query{db_, SELECT_CONFLICT "WHERE id = ?", id};
  return query.next() ? std::optional{read_conflict(query)} : std::nullopt;
}

std::optional<Conflict> ConflictTable::find_open(const LocalId& record) {
  Query query{db_, SELECT_CONFLICT "WHERE record = ? AND resolved_at IS NULL", record};
  return query.next() ? std::optional{read_conflict(query)} : std::nullopt;
}

Page<Conflict> ConflictTable::list(bool open, std::int64_t page, std::int64_t limit) {
  Page<Conflict> result;
  Query query{
      db_,
      open ? SELECT_CONFLICT "WHERE resolved_at IS NULL ORDER BY priority DESC, id LIMIT ? OFFSET ?"
           : SELECT_CONFLICT
          "WHERE resolved_at IS NOT NULL ORDER BY resolved_at DESC, id DESC LIMIT ? OFFSET ?",
      limit,
      (page - 1) * limit
  };
  while (query.next()) {
    result.items.push_back(read_conflict(query));
  }
  result.total = count(open);
  return result;
}

std::int64_t ConflictTable::count(bool open) {
  Query query{
      db_,
      open ? "SELECT count(*) FROM conflicts WHERE resolved_at IS NULL"
           : "SELECT count(*) FROM conflicts WHERE resolved_at IS NOT NULL"
  };
  query.next();
  return query.integer(0);
}

}  // namespace hubsync::store
