#include "daemon/store/conflicts.hpp"

#include <nlohmann/json.hpp>

#include "daemon/ports/store_error.hpp"
#include "daemon/store/views_json.hpp"

namespace hubsync::store {
namespace {

#define CONFLICT_COLUMNS                                                                                \
  "type, record, hubspot_id, fields, local_version, hubspot_version, base_version, local_at, "          \
  "hubspot_at, detected_at, resolved_at, resolution, resolved_by, merged, decided, priority, version, " \
  "events, changes, history_wanted, undo_version"
#define SELECT_CONFLICT "SELECT id, " CONFLICT_COLUMNS " FROM conflicts "
#define OPEN "WHERE resolved_at IS NULL"
#define RESOLVED "WHERE resolved_at IS NOT NULL"
#define FILTERS                                              \
  " AND (?1 = '' OR type = ?1) AND (?2 = '' OR record = ?2)" \
  " AND (?3 = '' OR EXISTS (SELECT 1 FROM json_each(fields) WHERE value = ?3))"

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

std::string write_changes(const std::vector<HubspotChange>& changes) {
  nlohmann::json array = nlohmann::json::array();
  for (const HubspotChange& change : changes) {
    const PropertyVersion& version = change.version;
    array.push_back(
        {{"field", change.field},
         {"value", version.value},
         {"at", to_ms(version.at)},
         {"source", version.source},
         {"user", version.user}}
    );
  }
  return array.dump();
}

std::vector<HubspotChange> read_changes(const std::string& text) {
  std::vector<HubspotChange> changes;
  if (text == "[]") {
    return changes;
  }
  try {
    for (const auto& change : nlohmann::json::parse(text)) {
      changes.push_back(
          {change.at("field").get<std::string>(),
           {.value = change.at("value").get<std::string>(),
            .at = instant_from_ms(change.at("at").get<std::int64_t>()),
            .source = change.at("source").get<std::string>(),
            .user = change.at("user").get<std::string>()}}
      );
    }
  } catch (const nlohmann::json::exception&) {
    throw StoreCorrupt("the database: the history of a conflict is not readable");
  }
  return changes;
}

std::string write_decided(const DecidedFields& decided) {
  if (decided.empty()) {
    return "{}";
  }
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [name, field] : decided) {
    nlohmann::json& place = object[name];
    place = {{"local", field.local}, {"remote", field.remote}, {"kept", field.kept}};
    if (field.base) {
      place["base"] = {field.base->local, field.base->remote};
    }
  }
  return object.dump();
}

DecidedFields read_decided(const std::string& text) {
  DecidedFields decided;
  if (text == "{}") {
    return decided;
  }
  try {
    for (const auto& [name, place] : nlohmann::json::parse(text).items()) {
      DecidedField field;
      field.local = place.at("local").get<std::string>();
      field.remote = place.at("remote").get<std::string>();
      field.kept = place.at("kept").get<std::string>();
      if (const auto base = place.find("base"); base != place.end()) {
        field.base = BasePair{base->at(0).get<std::string>(), base->at(1).get<std::string>()};
      }
      decided.emplace(name, std::move(field));
    }
  } catch (const nlohmann::json::exception&) {
    throw StoreCorrupt("the database: what was decided about a conflict is not readable");
  }
  return decided;
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
  conflict.decided = read_decided(row.text(15));
  conflict.priority = static_cast<int>(row.integer(16));
  conflict.version = row.integer(17);
  conflict.events = read_events(row.text(18));
  conflict.changes = read_changes(row.text(19));
  conflict.history_wanted = row.integer(20) != 0;
  if (!row.is_null(21)) {
    conflict.undo_version = row.integer(21);
  }
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
  query.put(write_decided(conflict.decided));
  query.put(conflict.priority);
  query.put(conflict.version);
  query.put(write_events(conflict.events));
  query.put(write_changes(conflict.changes));
  query.put(conflict.history_wanted);
  query.put(conflict.undo_version);
}

}  // namespace

std::int64_t ConflictTable::insert(const Conflict& conflict) {
  Query query{
      db_,
      "INSERT INTO conflicts (" CONFLICT_COLUMNS
      ") "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
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
      "resolved_at = ?, resolution = ?, resolved_by = ?, merged = ?, decided = ?, priority = ?, version = ?, "
      "events = ?, changes = ?, history_wanted = ?, undo_version = ? WHERE id = ?"
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

std::optional<Conflict> ConflictTable::find_last(const LocalId& record) {
  Query query{db_, SELECT_CONFLICT "WHERE record = ? ORDER BY id DESC LIMIT 1", record};
  return query.next() ? std::optional{read_conflict(query)} : std::nullopt;
}

std::vector<HubspotId> ConflictTable::unexplained(const std::string& type, std::int64_t limit) {
  std::vector<HubspotId> ids;
  Query query{
      db_,
      "SELECT hubspot_id FROM conflicts WHERE type = ? AND resolved_at IS NULL AND history_wanted "
      "AND hubspot_id IS NOT NULL ORDER BY id LIMIT ?",
      type,
      limit
  };
  while (query.next()) {
    ids.push_back({query.integer(0)});
  }
  return ids;
}

Page<Conflict> ConflictTable::list(const ConflictQuery& wanted) {
  Page<Conflict> result;
  Query query{
      db_,
      wanted.open ? SELECT_CONFLICT OPEN FILTERS " ORDER BY priority DESC, id LIMIT ?4 OFFSET ?5"
                  : SELECT_CONFLICT RESOLVED FILTERS " ORDER BY resolved_at DESC, id DESC LIMIT ?4 OFFSET ?5",
      wanted.type,
      wanted.record,
      wanted.field,
      wanted.limit,
      (wanted.page - 1) * wanted.limit
  };
  while (query.next()) {
    result.items.push_back(read_conflict(query));
  }
  Query total{
      db_,
      wanted.open ? "SELECT count(*) FROM conflicts " OPEN FILTERS
                  : "SELECT count(*) FROM conflicts " RESOLVED FILTERS,
      wanted.type,
      wanted.record,
      wanted.field
  };
  total.next();
  result.total = total.integer(0);
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
