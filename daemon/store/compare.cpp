// Both sides beside each other, and the file itself: for a person who wants proof. Reads only.
#include <algorithm>
#include <set>
#include <utility>

#include "daemon/core/explain.hpp"
#include "daemon/store/repository.hpp"

namespace hubsync::store {
namespace {

/// Problems of the file that are told.
constexpr std::int64_t told_problems = 100;

std::optional<std::string> non_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

Difference about(const Record& record, DifferenceKind kind) {
  return {
      .type = record.type,
      .kind = kind,
      .id = record.id,
      .hubspot_id = record.hubspot_id,
      .status = record.status
  };
}

/// What SQLite does not check by itself: rows that refer to others, and our own counters.
void count_and_follow(Db& db, DatabaseCheck& check) {
  Query keys{db, "PRAGMA foreign_key_check"};
  while (keys.next()) {
    check.problems.push_back(
        "a row of " + keys.text(0) + " refers to a row of " + keys.text(2) + " that is not there"
    );
  }
  Query rows{
      db,
      "SELECT 'records', count(*) FROM records UNION ALL SELECT 'due', count(*) FROM due "
      "UNION ALL SELECT 'sync_log', count(*) FROM sync_log UNION ALL SELECT 'conflicts', count(*) FROM "
      "conflicts "
      "UNION ALL SELECT 'audit', count(*) FROM audit UNION ALL SELECT 'runs', count(*) FROM runs "
      "UNION ALL SELECT 'events', count(*) FROM events UNION ALL SELECT 'inbox', count(*) FROM inbox"
  };
  while (rows.next()) {
    check.rows[rows.text(0)] = rows.integer(1);
  }
  Query counted{db, "SELECT coalesce(sum(count), 0) FROM record_counts"};
  if (counted.next() && counted.integer(0) != check.rows["records"]) {
    check.problems.push_back(
        "the counters tell of " + std::to_string(counted.integer(0)) + " records, and there are " +
        std::to_string(check.rows["records"])
    );
  }
}

bool in_conflict(const std::optional<Conflict>& open, std::string_view field) {
  return open && std::ranges::find(open->fields, field) != open->fields.end();
}

}  // namespace

void SqliteRepository::compare_record(
    const TypeRules& rules, const RemoteRecord& seen, std::vector<Difference>& differences
) {
  auto known = tables_.records.resolve(rules.name, seen.id);
  for (const HubspotId former : seen.former_ids) {
    known = known ? known : tables_.records.resolve(rules.name, former);
  }
  auto record = known ? tables_.records.find(known->id) : std::nullopt;
  if (!record || record->local_presence == Presence::absent) {
    differences.push_back(
        {.type = rules.name, .kind = DifferenceKind::missing_local, .hubspot_id = seen.id, .field = {}}
    );
    return;
  }
  const std::optional<Conflict> open = tables_.conflicts.find_open(record->id);
  if (record->local_presence == Presence::deleted) {
    const bool disputed = in_conflict(open, "deleted");
    differences.push_back(
        about(*record, disputed ? DifferenceKind::conflict_open : DifferenceKind::missing_local)
    );
    differences.back().field = disputed ? "deleted" : "";
    return;
  }
  absorb(*record, seen, rules, drafts_.translate_reference(rules, seen));
  RecordExplanation explained = hubsync::explain(*record, rules, rules_.detection, rules_.newest_margin);
  for (FieldExplanation& field : explained.fields) {
    const bool told =
        field.state == "conflict" || field.state == "to HubSpot" || field.state == "from HubSpot";
    if (!told) {
      continue;
    }
    const bool disputed = field.state == "conflict" || in_conflict(open, field.field);
    Difference difference =
        about(*record, disputed ? DifferenceKind::conflict_open : DifferenceKind::differs);
    difference.field = std::move(field.field);
    difference.local = non_empty(field.local);
    difference.remote = field.remote ? non_empty(*field.remote) : std::nullopt;
    differences.push_back(std::move(difference));
  }
}

std::vector<Difference> SqliteRepository::compare(const CompareStep& step) {
  std::vector<Difference> differences;
  const TypeRules* const rules = rules_.find(step.type);
  if (rules == nullptr) {
    return differences;
  }
  std::set<HubspotId> met{step.unreadable.begin(), step.unreadable.end()};
  for (const RemoteRecord& seen : step.seen) {
    met.insert(seen.id);
    met.insert(seen.former_ids.begin(), seen.former_ids.end());
    compare_record(*rules, seen, differences);
  }
  std::vector<LocalId> not_met;
  Query query{
      db_,
      "SELECT id, hubspot_id FROM records WHERE type = ? AND hubspot_id > ? AND hubspot_id <= ? "
      "AND local_presence = 1 ORDER BY hubspot_id",
      rules->name,
      step.after,
      step.last
  };
  while (query.next()) {
    if (!met.contains({query.integer(1)})) {
      not_met.push_back({query.text(0)});
    }
  }
  for (const LocalId& id : not_met) {
    if (const auto record = tables_.records.find(id)) {
      const bool disputed = in_conflict(tables_.conflicts.find_open(id), "deleted");
      differences.push_back(
          about(*record, disputed ? DifferenceKind::conflict_open : DifferenceKind::missing_hubspot)
      );
      differences.back().field = disputed ? "deleted" : "";
    }
  }
  return differences;
}

UnlinkedPart SqliteRepository::unlinked_after(
    const std::string& type, const LocalId& after, std::int64_t limit
) {
  UnlinkedPart part;
  // What HubSpot does not have yet is never in step, and there is an index of that.
  Query query{
      db_,
      "SELECT id FROM records WHERE type = ? AND status <> 'synced' AND hubspot_id IS NULL AND "
      "local_presence = 1 "
      "AND id > ? ORDER BY id LIMIT ?",
      type,
      after,
      limit
  };
  std::vector<LocalId> ids;
  while (query.next()) {
    ids.push_back({query.text(0)});
  }
  for (const LocalId& id : ids) {
    if (const auto record = tables_.records.find(id)) {
      part.differences.push_back(about(*record, DifferenceKind::missing_hubspot));
    }
  }
  if (static_cast<std::int64_t>(ids.size()) == limit) {
    part.next = ids.back();
  }
  return part;
}

DatabaseCheck SqliteRepository::check_database(bool quick) {
  DatabaseCheck check;
  try {
    Query integrity{db_, quick ? "PRAGMA quick_check" : "PRAGMA integrity_check"};
    while (integrity.next()) {
      if (const std::string line = integrity.text(0); line != "ok") {
        check.problems.push_back(line);
      }
    }
    if (!quick) {
      count_and_follow(db_, check);
      if (const std::int64_t broken = tables_.audit.first_broken(); broken != 0) {
        check.problems.push_back(
            "the audit trail was changed: entry " + std::to_string(broken) + " does not fit"
        );
      }
    }
    Query size{db_, "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"};
    check.bytes = size.next() ? size.integer(0) : 0;
  } catch (const std::exception& error) {
    check.problems.emplace_back(error.what());  // Damage that stops SQLite itself.
  }
  if (static_cast<std::int64_t>(check.problems.size()) > told_problems) {
    check.problems.resize(static_cast<std::size_t>(told_problems));
  }
  return check;
}

AuditHead SqliteRepository::audit_head() {
  return tables_.audit.head();
}

Result<void> SqliteRepository::begin_backup(const std::string& path, bool force) {
  return backup_.begin(path, force);
}

BackupProgress SqliteRepository::backup_progress() {
  return backup_.progress();
}

}  // namespace hubsync::store
