#include "daemon/store/records.hpp"

#include <algorithm>

#include "daemon/core/canonical.hpp"
#include "daemon/ports/store_error.hpp"
#include "daemon/store/views_json.hpp"

namespace hubsync::store {
namespace {

#define RECORD_COLUMNS                                                                                      \
  "id, type, hubspot_id, uid, local, remote, base, edited, local_presence, remote_presence, base_presence," \
  " status, direction, error, version, created_at, updated_at, local_modified, hubspot_modified, "          \
  "synced_at, "                                                                                             \
  "lost"
#define SELECT_RECORD "SELECT " RECORD_COLUMNS " FROM records "

// INDEXED BY where the planner, which has no statistics, would rather walk all records in the order asked
// for. An empty search, status or start of a walk matches everything.
#define RECORD_SEARCH                                                                            \
  "AND local_presence = ?2 AND id > ?3 AND (?5 = '%%' OR (local LIKE ?5 ESCAPE '\\' AND EXISTS " \
  "(SELECT 1 FROM json_each(local) WHERE json_each.value LIKE ?6 ESCAPE '\\'))) "
#define RECORD_FILTER "WHERE type = ?1 AND (?4 = '' OR status = ?4) " RECORD_SEARCH
#define UNSYNCED_FILTER \
  "INDEXED BY records_unsynced WHERE type = ?1 AND status = ?4 AND status <> 'synced' " RECORD_SEARCH
#define RECORD_ORDER "ORDER BY id LIMIT ?7 OFFSET ?8"

template <class T>
T known(std::optional<T> value) {
  if (!value) {
    throw StoreCorrupt("the database: a stored record has an unknown status");
  }
  return *value;
}

Presence presence(std::int64_t number) {
  if (number < 0 || number > 2) {
    throw StoreCorrupt("the database: a stored record has an unknown presence");
  }
  return static_cast<Presence>(number);
}

Record read_record(const Query& row) {
  Record record;
  record.id.text = row.text(0);
  record.type = row.text(1);
  record.hubspot_id = row.maybe_hubspot_id(2);
  record.uid = row.text(3);
  record.local = read_fields(row.text(4));
  record.remote = read_fields_over(record.local, row.text(5));
  record.base = read_base_over(record.remote, row.text(6));
  record.edited = read_times(row.text(7));
  record.local_presence = presence(row.integer(8));
  record.remote_presence = presence(row.integer(9));
  record.base_presence = presence(row.integer(10));
  record.status = known(parse_sync_status(row.text(11)));
  record.direction = known(parse_sync_direction(row.text(12)));
  record.error = row.text(13);
  record.version = row.integer(14);
  record.created_at = row.instant(15);
  record.updated_at = row.instant(16);
  record.local_modified = row.maybe_instant(17);
  record.hubspot_modified = row.maybe_instant(18);
  record.synced_at = row.maybe_instant(19);
  record.lost = read_fields(row.text(20));
  return record;
}

std::optional<Record> first(Query& query) {
  return query.next() ? std::optional{read_record(query)} : std::nullopt;
}

/// What the index of keys holds: FNV-1a of both texts with a zero byte between them; nothing without a key.
/// Those who choose their own addresses can make hashes collide, which slows down finding these addresses.
std::optional<std::int64_t> hash_of(std::string_view type, std::string_view key) {
  if (key.empty()) {
    return std::nullopt;
  }
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](char c) { hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3; };
  std::ranges::for_each(type, add);
  add('\0');
  std::ranges::for_each(key, add);
  return static_cast<std::int64_t>(hash >> 16U);  // 48 bits take less room than 64, and are as good.
}

/// The columns that follow from the views and the rules: key, key_hash, reference, unresolved.
void put_derived(Query& query, const Record& record, const TypeRules& rules) {
  const std::string key = canonical_key(rules, value_or_empty(record.local, rules.key));
  query.put(key);
  query.put(hash_of(record.type, key));
  const FieldRule* const reference = rules.reference();
  if (reference == nullptr) {
    query.put("");
    query.put(nullptr);
    return;
  }
  query.put(value_or_empty(record.local, reference->name));
  query.put(parse_unresolved_reference(value_or_empty(record.remote, reference->name)));
}

void put_state(Query& query, const Record& record) {
  query.put(write_fields(record.local));
  query.put(write_fields_over(record.local, record.remote));
  query.put(write_base_over(record.remote, record.base));
  query.put(write_times(record.edited));
  query.put(record.local_presence);
  query.put(record.remote_presence);
  query.put(record.base_presence);
  query.put(to_string(record.status));
  query.put(to_string(record.direction));
  query.put(record.error);
  query.put(record.version);
  query.put(record.created_at);
  query.put(record.updated_at);
  query.put(record.local_modified);
  query.put(record.hubspot_modified);
  query.put(record.synced_at);
  query.put(write_fields(record.lost));
}

/// A LIKE pattern for "contains", escaped with '\'.
std::string like_pattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') {
      pattern += '\\';
    }
    pattern += c;
  }
  return pattern + "%";
}

/// The same text as it stands inside stored JSON, so that most rows are ruled out without parsing.
std::string raw_like_pattern(std::string_view text) {
  const std::string quoted = json_string(text);
  return like_pattern(std::string_view{quoted}.substr(1, quoted.size() - 2));
}

Presence wanted_presence(const RecordQuery& query) {
  return query.deleted ? Presence::deleted : Presence::live;
}

std::string wanted_status(const RecordQuery& query) {
  return query.status ? std::string{to_string(*query.status)} : std::string{};
}

}  // namespace

std::optional<Record> RecordTable::find(const LocalId& id) {
  Query query{db_, SELECT_RECORD "WHERE id = ?", id};
  return first(query);
}

std::optional<Record> RecordTable::find_linked(const std::string& type, HubspotId id) {
  Query query{db_, SELECT_RECORD "WHERE type = ? AND hubspot_id = ?", type, id};
  return first(query);
}

std::optional<Record> RecordTable::find_alias(const std::string& type, HubspotId id) {
  Query query{db_, "SELECT record FROM aliases WHERE type = ? AND hubspot_id = ?", type, id};
  return query.next() ? find({query.text(0)}) : std::nullopt;
}

std::optional<Record> RecordTable::find_uid(const std::string& type, const std::string& uid) {
  {
    Query query{db_, SELECT_RECORD "WHERE id = ? AND uid = id AND type = ?", uid, type};
    if (auto record = first(query)) {
      return record;
    }
  }
  Query query{db_, SELECT_RECORD "WHERE uid = ? AND uid <> id AND type = ?", uid, type};
  return first(query);
}

std::optional<Record> RecordTable::find_unlinked(const std::string& type, const std::string& key) {
  Query query{
      db_,
      "SELECT min(id) FROM records INDEXED BY records_unlinked_key "
      "WHERE key_hash = ? AND key = ? AND type = ? AND local_presence = 1 AND hubspot_id IS NULL",
      hash_of(type, key),
      key,
      type
  };
  return query.next() && !query.is_null(0) ? find({query.text(0)}) : std::nullopt;
}

std::vector<LocalId> RecordTable::unlinked_with_key(const std::string& type, const std::string& key) {
  std::vector<LocalId> ids;
  Query query{
      db_,
      "SELECT id FROM records INDEXED BY records_unlinked_key "
      "WHERE key_hash = ? AND key = ? AND type = ? AND hubspot_id IS NULL ORDER BY id",
      hash_of(type, key),
      key,
      type
  };
  while (query.next()) {
    ids.push_back({query.text(0)});
  }
  return ids;
}

std::optional<LocalId> RecordTable::other_with_key(
    const std::string& type, const std::string& key, const LocalId& not_this
) {
  Query query{
      db_,
      "SELECT min(id) FROM records INDEXED BY records_key "
      "WHERE key_hash = ? AND key = ? AND type = ? AND local_presence = 1 AND id <> ?",
      hash_of(type, key),
      key,
      type,
      not_this
  };
  return query.next() && !query.is_null(0) ? std::optional{LocalId{query.text(0)}} : std::nullopt;
}

std::optional<RecordTable::Resolved> RecordTable::resolve(const std::string& type, HubspotId id) {
  Query query{
      db_,
      "SELECT id, local_presence = 1 FROM records WHERE type = ?1 AND hubspot_id = ?2 "
      "UNION ALL SELECT records.id, local_presence = 1 FROM aliases JOIN records ON records.id = "
      "aliases.record "
      "WHERE aliases.type = ?1 AND aliases.hubspot_id = ?2 LIMIT 1",
      type,
      id
  };
  return query.next() ? std::optional{Resolved{{query.text(0)}, query.integer(1) != 0}} : std::nullopt;
}

std::vector<HubspotId> RecordTable::aliases_of(const LocalId& id) {
  std::vector<HubspotId> ids;
  Query query{db_, "SELECT hubspot_id FROM aliases WHERE record = ? ORDER BY hubspot_id", id};
  while (query.next()) {
    ids.push_back({query.integer(0)});
  }
  return ids;
}

std::optional<HubspotId> RecordTable::link_of(const LocalId& id) {
  Query query{db_, "SELECT hubspot_id FROM records WHERE id = ?", id};
  return query.next() ? query.maybe_hubspot_id(0) : std::nullopt;
}

bool RecordTable::is_live(const std::string& type, const LocalId& id) {
  Query query{db_, "SELECT 1 FROM records WHERE id = ? AND type = ? AND local_presence = 1", id, type};
  return query.next();
}

std::vector<LocalId> RecordTable::referring_to(const LocalId& id) {
  std::vector<LocalId> ids;
  Query query{db_, "SELECT id FROM records WHERE reference = ? AND reference <> '' ORDER BY id", id};
  while (query.next()) {
    ids.push_back({query.text(0)});
  }
  return ids;
}

std::vector<LocalId> RecordTable::waiting_for(const std::string& type, HubspotId unresolved) {
  std::vector<LocalId> ids;
  Query query{db_, "SELECT id FROM records WHERE unresolved = ? AND type = ? ORDER BY id", unresolved, type};
  while (query.next()) {
    ids.push_back({query.text(0)});
  }
  return ids;
}

std::vector<HubspotId> RecordTable::linked_between(
    const std::string& type, std::int64_t after, std::int64_t last
) {
  std::vector<HubspotId> ids;
  Query query{
      db_,
      "SELECT hubspot_id FROM records WHERE type = ? AND hubspot_id > ? AND hubspot_id <= ? "
      "AND remote_presence = 1 ORDER BY hubspot_id",
      type,
      after,
      last
  };
  while (query.next()) {
    ids.push_back({query.integer(0)});
  }
  return ids;
}

std::set<HubspotId> RecordTable::names_between(
    const std::string& type, std::int64_t after, std::int64_t last
) {
  std::set<HubspotId> names;
  Query query{
      db_,
      "SELECT hubspot_id FROM records WHERE type = ?1 AND hubspot_id > ?2 AND hubspot_id <= ?3 "
      "UNION SELECT hubspot_id FROM aliases WHERE type = ?1 AND hubspot_id > ?2 AND hubspot_id <= ?3 ORDER "
      "BY 1",
      type,
      after,
      last
  };
  while (query.next()) {
    names.insert(names.end(), {query.integer(0)});
  }
  return names;
}

std::int64_t RecordTable::insert(const Record& record, const TypeRules& rules) {
  Query query{
      db_,
      "INSERT INTO records (id, type, hubspot_id, uid, key, key_hash, reference, unresolved, local, remote, "
      "base, "
      "edited, local_presence, remote_presence, base_presence, status, direction, error, version, "
      "created_at, updated_at, local_modified, hubspot_modified, synced_at, lost) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      record.id,
      record.type,
      record.hubspot_id,
      record.uid
  };
  put_derived(query, record, rules);
  put_state(query, record);
  query.run();
  return db_.last_id();
}

void RecordTable::count_new(
    const std::string& type, Presence presence, SyncStatus status, std::int64_t number
) {
  Query{
      db_,
      "INSERT INTO record_counts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + "
      "excluded.count",
      type,
      presence,
      to_string(status),
      number
  }
      .run();
}

void RecordTable::update(const Record& record, const TypeRules& rules) {
  Query query{
      db_,
      "UPDATE records SET hubspot_id = ?, uid = ?, key = ?, key_hash = ?, reference = ?, unresolved = ?, "
      "local = ?, "
      "remote = ?, base = ?, edited = ?, local_presence = ?, remote_presence = ?, base_presence = ?, "
      "status = ?, direction = ?, error = ?, version = ?, created_at = ?, updated_at = ?, "
      "local_modified = ?, hubspot_modified = ?, synced_at = ?, lost = ? WHERE id = ?",
      record.hubspot_id,
      record.uid
  };
  put_derived(query, record, rules);
  put_state(query, record);
  query.put(record.id);
  query.run();
}

void RecordTable::add_alias(const std::string& type, HubspotId old_id, const LocalId& record) {
  Query{
      db_,
      "INSERT INTO aliases (type, hubspot_id, record) VALUES (?, ?, ?) "
      "ON CONFLICT DO UPDATE SET record = excluded.record",
      type,
      old_id,
      record
  }
      .run();
}

void RecordTable::move_aliases(const LocalId& from, const LocalId& to) {
  Query{db_, "UPDATE aliases SET record = ?2 WHERE record = ?1", from, to}.run();
}

Page<Record> RecordTable::list(const RecordQuery& wanted) {
  Page<Record> page;
  const bool walk = wanted.after.has_value();
  // The few records that are not in sync have an index of their own.
  const bool unsynced = wanted.status && *wanted.status != SyncStatus::synced;
  Query query{
      db_,
      unsynced ? SELECT_RECORD UNSYNCED_FILTER RECORD_ORDER : SELECT_RECORD RECORD_FILTER RECORD_ORDER,
      wanted.type,
      wanted_presence(wanted),
      wanted.after.value_or(""),
      wanted_status(wanted),
      raw_like_pattern(wanted.search),
      like_pattern(wanted.search),
      wanted.limit,
      walk ? 0 : (wanted.page - 1) * wanted.limit
  };
  while (query.next()) {
    page.items.push_back(read_record(query));
  }
  page.total = walk ? 0 : count(wanted);
  return page;
}

std::int64_t RecordTable::count(const RecordQuery& wanted) {
  if (wanted.search.empty()) {
    Query query{
        db_,
        "SELECT coalesce(sum(count), 0) FROM record_counts "
        "WHERE type = ?1 AND presence = ?2 AND (?3 = '' OR status = ?3)",
        wanted.type,
        wanted_presence(wanted),
        wanted_status(wanted)
    };
    query.next();
    return query.integer(0);
  }
  Query query{
      db_,
      "SELECT count(*) FROM records WHERE type = ?1 AND local_presence = ?2 AND (?3 = '' OR status = ?3) "
      "AND local LIKE ?4 ESCAPE '\\' AND EXISTS "
      "(SELECT 1 FROM json_each(local) WHERE json_each.value LIKE ?5 ESCAPE '\\')",
      wanted.type,
      wanted_presence(wanted),
      wanted_status(wanted),
      raw_like_pattern(wanted.search),
      like_pattern(wanted.search)
  };
  query.next();
  return query.integer(0);
}

std::map<std::string, RecordCounts, std::less<>> RecordTable::counts() {
  std::map<std::string, RecordCounts, std::less<>> counts;
  Query query{db_, "SELECT type, status, count FROM record_counts WHERE presence = 1 ORDER BY type, status"};
  while (query.next()) {
    RecordCounts& of_type = counts[query.text(0)];
    const std::int64_t number = query.integer(2);
    of_type.total += number;
    switch (known(parse_sync_status(query.text(1)))) {
      case SyncStatus::pending:
        of_type.pending += number;
        break;
      case SyncStatus::synced:
        of_type.synced += number;
        break;
      case SyncStatus::conflict:
        of_type.conflict += number;
        break;
      case SyncStatus::error:
        of_type.error += number;
        break;
    }
  }
  return counts;
}

void RecordTable::rekey(const TypeRules& rules) {
  const FieldRule* const reference = rules.reference();
  std::string after;
  for (bool more = true; more;) {
    std::vector<std::pair<std::string, Fields>> batch;
    {
      Query query{
          db_,
          "SELECT id, local FROM records WHERE type = ? AND id > ? ORDER BY id LIMIT 500",
          rules.name,
          after
      };
      while (query.next()) {
        batch.emplace_back(query.text(0), read_fields(query.text(1)));
      }
    }
    for (const auto& [id, local] : batch) {
      const std::string key = canonical_key(rules, value_or_empty(local, rules.key));
      Query{
          db_,
          "UPDATE records SET key = ?, key_hash = ?, reference = ? WHERE id = ?",
          key,
          hash_of(rules.name, key),
          reference == nullptr ? std::string{} : value_or_empty(local, reference->name),
          id
      }
          .run();
      after = id;
    }
    more = !batch.empty();
  }
}

}  // namespace hubsync::store
