// Deleting a person for privacy: every value goes, a digest stays that keeps them from coming back (I14).
#include <algorithm>
#include <set>

#include "daemon/core/canonical.hpp"
#include "daemon/store/repository.hpp"

namespace hubsync::store {
namespace {

/// What the record is or was called: the addresses in any of its views.
void remember(ErasureTable& erased, const TypeRules& rules, const Record& record, Instant now) {
  erased.add(rules, record.local, now);
  erased.add(rules, record.remote, now);
  Fields base;
  for (const auto& [field, pair] : record.base) {
    base[field] = pair.local;
  }
  erased.add(rules, base, now);
}

}  // namespace

/// The records to erase: the one HubSpot names, what merges folded into it, and unlinked ones with its key,
/// which are the same person.
std::vector<Record> SqliteRepository::records_of_person(const TypeRules& rules, HubspotId id) {
  std::vector<Record> records;
  std::set<std::string> keys;
  const auto add = [&](std::optional<Record> record) {
    if (record && std::ranges::find(records, record->id, &Record::id) == records.end()) {
      keys.insert(canonical_key(rules, value_or_empty(record->local, rules.key)));
      keys.insert(canonical_key(rules, value_or_empty(record->remote, rules.key)));
      records.push_back(std::move(*record));
    }
  };
  add(tables_.records.find_linked(rules.name, id));
  add(tables_.records.find_alias(rules.name, id));
  for (std::size_t i = 0; i < records.size(); ++i) {
    for (const LocalId& folded : tables_.audit.folded_into(records[i].id)) {
      add(tables_.records.find(folded));
    }
  }
  keys.erase("");
  for (const std::string& key : std::set<std::string>{keys}) {
    for (const LocalId& same : tables_.records.unlinked_with_key(rules.name, key)) {
      add(tables_.records.find(same));
    }
  }
  return records;
}

void SqliteRepository::erase_record(const TypeRules& rules, const Record& record, Instant now) {
  remember(tables_.erased, rules, record, now);
  if (record.hubspot_id) {
    tables_.erased.add(rules.name, *record.hubspot_id, now);
  }
  claims_.remove(record.id);
  drafts_.drop_references(record.id, now);
  Query{db_, "DELETE FROM due WHERE record = ?", record.id}.run();
  Query{db_, "DELETE FROM guard_members WHERE record = ?", record.id}.run();
  Query{db_, "DELETE FROM conflicts WHERE record = ?", record.id}.run();
  Query{db_, "DELETE FROM unverified WHERE record = ?", record.id}.run();
  Query{db_, "DELETE FROM held_back WHERE record = ?", record.id}.run();
  tables_.commands.erase(record.id);
  Query{db_, "DELETE FROM aliases WHERE record = ?", record.id}.run();
  Query{
      db_,
      "UPDATE sync_log SET payload = '{}', response = '', error = iif(error = '', '', 'erased for privacy'), "
      "status = iif(completed_at IS NULL, 'failed', status), completed_at = coalesce(completed_at, ?), "
      "next_retry_at = NULL WHERE record = ?",
      now,
      record.id
  }
      .run();
  Query{
      db_,
      "UPDATE sync_log SET payload = '{}', response = '', error = 'erased for privacy' "
      "WHERE type = ? AND hubspot_id = ? AND status = 'failed' AND direction = 'from_hubspot'",
      rules.name,
      record.hubspot_id
  }
      .run();
  Query{db_, "DELETE FROM audit_values WHERE audit IN (SELECT id FROM audit WHERE record = ?)", record.id}
      .run();
  Query{db_, "DELETE FROM records WHERE id = ?", record.id}.run();
  tables_.audit.append(
      {.actor = automatic_actor, .action = "erased for privacy", .type = rules.name, .record = record.id}, now
  );
  tables_.events.append("record.erased", record.id, {{"type", rules.name}}, now);
}

void SqliteRepository::erase(const std::string& type, HubspotId id, Instant now) {
  const TypeRules* const rules = rules_.find(type);
  if (rules == nullptr) {
    return;
  }
  tables_.erased.add(rules->name, id, now);
  for (const Record& record : records_of_person(*rules, id)) {
    erase_record(*rules, record, now);
  }
  // The values are zeroed in the file, but older copies of its pages stand in the log of writes until it is
  // emptied.
  checkpoint_wanted_ = true;
}

void SqliteRepository::after_commit() {
  if (checkpoint_wanted_) {
    checkpoint_wanted_ = false;
    db_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  backup_.step();
}

}  // namespace hubsync::store
