#include "daemon/store/guards.hpp"

#include "daemon/ports/store_error.hpp"

namespace hubsync::store {
namespace {

// A member counts while its deletion is still to come: in HubSpot for a record deleted here, here for a live
// one.
#define HELD_MEMBERS                                                                                \
  "guard_members m JOIN records r ON r.id = m.record WHERE m.guard = g.id AND g.closed_at IS NULL " \
  "AND r.hubspot_id IS NOT NULL AND iif(g.direction = 'to_hubspot', "                               \
  "r.local_presence = 2 AND r.remote_presence = 1, r.local_presence = 1)"
#define SELECT_GUARD                                                                                     \
  "SELECT g.id, g.type, g.direction, g.delete_limit, g.created_at, g.closed_at, g.released_by, (SELECT " \
  "count(*) FROM " HELD_MEMBERS ") FROM guards g "

Guard read_guard(const Query& row) {
  const auto direction = parse_sync_direction(row.text(2));
  if (!direction) {
    throw StoreCorrupt("the database: a guard has an unknown direction");
  }
  return {
      .id = row.integer(0),
      .type = row.text(1),
      .direction = *direction,
      .count = row.integer(7),
      .limit = row.integer(3),
      .created_at = row.instant(4),
      .closed_at = row.maybe_instant(5),
      .released_by = row.text(6)
  };
}

std::vector<LocalId> read_ids(Query& query) {
  std::vector<LocalId> ids;
  while (query.next()) {
    ids.push_back({query.text(0)});
  }
  return ids;
}

}  // namespace

std::optional<Guard> GuardTable::find_open(const std::string& type, SyncDirection direction, Instant now) {
  std::optional<Guard> guard;
  {
    Query query{
        db_,
        SELECT_GUARD "WHERE g.type = ? AND g.direction = ? AND g.closed_at IS NULL",
        type,
        to_string(direction)
    };
    if (query.next()) {
      guard = read_guard(query);
    }
  }
  if (guard && guard->count == 0) {
    close(guard->id, "", now);
    guard.reset();
  }
  return guard;
}

std::optional<Guard> GuardTable::find(std::int64_t id) {
  Query query{db_, SELECT_GUARD "WHERE g.id = ?", id};
  return query.next() ? std::optional{read_guard(query)} : std::nullopt;
}

std::vector<Guard> GuardTable::list(bool closed_too, std::int64_t offset, std::int64_t limit) {
  Query query{
      db_,
      SELECT_GUARD "WHERE ?1 OR g.closed_at IS NULL ORDER BY g.id DESC LIMIT ?3 OFFSET ?2",
      closed_too,
      offset,
      limit
  };
  std::vector<Guard> guards;
  while (query.next()) {
    guards.push_back(read_guard(query));
  }
  return guards;
}

std::int64_t GuardTable::count(bool closed_too) {
  Query query{db_, "SELECT count(*) FROM guards WHERE ? OR closed_at IS NULL", closed_too};
  query.next();
  return query.integer(0);
}

Guard GuardTable::insert(const std::string& type, SyncDirection direction, std::int64_t limit, Instant now) {
  Query{
      db_,
      "INSERT INTO guards (type, direction, delete_limit, created_at) VALUES (?, ?, ?, ?)",
      type,
      to_string(direction),
      limit,
      now
  }
      .run();
  return {.id = db_.last_id(), .type = type, .direction = direction, .limit = limit, .created_at = now};
}

void GuardTable::close(std::int64_t id, const std::string& released_by, Instant now) {
  Query{db_, "UPDATE guards SET closed_at = ?, released_by = ? WHERE id = ?", now, released_by, id}.run();
  if (released_by.empty()) {
    Query{db_, "DELETE FROM guard_members WHERE guard = ?", id}.run();
  }
}

void GuardTable::add_member(std::int64_t guard, const LocalId& record) {
  Query{
      db_,
      "INSERT INTO guard_members (record, guard) VALUES (?, ?) ON CONFLICT DO UPDATE SET guard = "
      "excluded.guard",
      record,
      guard
  }
      .run();
}

std::optional<Guard> GuardTable::of_record(const LocalId& record) {
  Query query{db_, SELECT_GUARD "WHERE g.id = (SELECT guard FROM guard_members WHERE record = ?)", record};
  return query.next() ? std::optional{read_guard(query)} : std::nullopt;
}

void GuardTable::forget(const LocalId& record) {
  Query{db_, "DELETE FROM guard_members WHERE record = ?", record}.run();
}

void GuardTable::forget_live(const std::string& type, const std::vector<HubspotId>& ids) {
  for (const HubspotId id : ids) {
    Query{
        db_,
        "DELETE FROM guard_members WHERE record = (SELECT id FROM records WHERE type = ? AND hubspot_id = ?) "
        "AND guard IN (SELECT id FROM guards WHERE direction = 'from_hubspot')",
        type,
        id
    }
        .run();
  }
}

std::vector<HeldRecord> GuardTable::sample(std::int64_t guard, std::int64_t limit) {
  Query query{
      db_,
      "SELECT r.id, r.hubspot_id, r.key FROM guard_members m JOIN records r ON r.id = m.record WHERE m.guard "
      "= ? "
      "ORDER BY r.id LIMIT ?",
      guard,
      limit
  };
  std::vector<HeldRecord> records;
  while (query.next()) {
    records.push_back({.id = {query.text(0)}, .hubspot_id = query.maybe_hubspot_id(1), .key = query.text(2)});
  }
  return records;
}

std::vector<HubspotId> GuardTable::released_here(const std::string& type) {
  Query query{
      db_,
      "SELECT r.hubspot_id FROM guards g JOIN guard_members m ON m.guard = g.id JOIN records r ON r.id = "
      "m.record "
      "WHERE g.type = ? AND g.direction = 'from_hubspot' AND g.closed_at IS NOT NULL AND r.local_presence = "
      "1 "
      "AND r.hubspot_id IS NOT NULL ORDER BY r.hubspot_id",
      type
  };
  std::vector<HubspotId> ids;
  while (query.next()) {
    ids.push_back({query.integer(0)});
  }
  return ids;
}

void GuardTable::count_carried(const std::string& type, SyncDirection direction, Instant now) {
  Query{
      db_,
      "INSERT INTO carried_deletions VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
      type,
      to_string(direction),
      now
  }
      .run();
  Query{db_, "DELETE FROM carried_deletions WHERE at <= ?", now - delete_window}.run();
}

std::int64_t GuardTable::carried(const std::string& type, SyncDirection direction, Instant now) {
  Query query{
      db_,
      "SELECT coalesce(sum(count), 0) FROM carried_deletions WHERE type = ? AND direction = ? AND at > ?",
      type,
      to_string(direction),
      now - delete_window
  };
  query.next();
  return query.integer(0);
}

/// Records without a link, and those deleted here only, are unsynced: few, so that they can be counted.
std::int64_t GuardTable::linked(const std::string& type) {
  Query query{
      db_,
      "SELECT coalesce((SELECT sum(count) FROM record_counts WHERE type = ?1 AND presence = 1), 0) "
      "- (SELECT count(*) FROM records WHERE type = ?1 AND status <> 'synced' AND local_presence = 1 "
      "AND hubspot_id IS NULL) "
      "+ (SELECT count(*) FROM records WHERE type = ?1 AND status <> 'synced' AND local_presence = 2 "
      "AND hubspot_id IS NOT NULL AND remote_presence = 1)",
      type
  };
  query.next();
  return query.integer(0);
}

std::vector<LocalId> GuardTable::pending_there(const std::string& type) {
  Query query{
      db_,
      "SELECT d.record FROM due d JOIN records r ON r.id = d.record WHERE d.type = ? AND d.state <> 'failed' "
      "AND r.local_presence = 2 AND r.remote_presence = 1 AND r.hubspot_id IS NOT NULL "
      "AND NOT EXISTS (SELECT 1 FROM guard_members m WHERE m.record = d.record) ORDER BY d.record",
      type
  };
  return read_ids(query);
}

void GuardTable::hold_due(std::int64_t guard, const std::string& why) {
  Query{
      db_,
      "UPDATE due SET state = 'waiting', error = ? WHERE state = 'ready' AND intent = '' AND record IN "
      "(SELECT record FROM guard_members WHERE guard = ?)",
      why,
      guard
  }
      .run();
}

void GuardTable::wake_due(std::int64_t guard) {
  Query{
      db_,
      "UPDATE due SET state = 'ready', error = '', next_at = not_before WHERE state = 'waiting' "
      "AND record IN (SELECT record FROM guard_members WHERE guard = ?)",
      guard
  }
      .run();
}

}  // namespace hubsync::store
