// What HubSpot showed, matched to local records and merged into them.
#include <algorithm>
#include <set>
#include <utility>

#include "daemon/core/canonical.hpp"
#include "daemon/store/repository.hpp"

namespace hubsync::store {
namespace {

Fields remote_values(const Record& record, const Fields& fields) {
  Fields values;
  for (const auto& [field, value] : fields) {
    values[field] = value_or_empty(record.remote, field);
  }
  return values;
}

/// The record whose create arrived in HubSpot and was archived before its answer told us (I7, I8).
std::optional<Record> unanswered_create(Tables& tables, const TypeRules& rules, const std::string& uid) {
  auto record = tables.records.find_uid(rules.name, uid);
  const auto row = record && !record->hubspot_id ? tables.due.find(record->id) : std::nullopt;
  return row && row->sent_create() ? std::move(record) : std::nullopt;
}

/// The record whose unanswered create made what is seen, where neither an id of ours nor a key tells: it
/// shows what was sent (I7).
std::optional<Record> unanswered_create_of(Tables& tables, const TypeRules& rules, const RemoteRecord& seen) {
  for (const DueRow& row : tables.due.unanswered_creates(rules.name)) {
    if (!shows_created(seen, rules, row.intent_fields)) {
      continue;
    }
    if (auto record = tables.records.find(row.record); record && !record->hubspot_id) {
      return record;
    }
  }
  return std::nullopt;
}

/// Of records that HubSpot merged the first stays, unless it was deleted here and another one was not: that
/// deletion was not meant for what they became (I12).
void keep_what_lives(std::vector<Record>& merged, const RemoteRecord& seen) {
  const auto lives = std::ranges::find_if(merged, [&seen](const Record& record) {
    return record.local_presence == Presence::live && record.hubspot_id &&
           std::ranges::find(seen.former_ids, *record.hubspot_id) != seen.former_ids.end();
  });
  if (lives != merged.end() && merged.front().local_presence == Presence::deleted) {
    std::iter_swap(merged.begin(), lives);
  }
}

void count(const Committed& committed, EffectCounts& counts) {
  const Effects& effects = committed.effects;
  if (committed.conflict_opened) {
    ++counts.conflicts;
  }
  if (effects.action == RecordAction::create_local) {
    ++counts.created;
  } else if (effects.action == RecordAction::delete_local) {
    ++counts.deleted;
  } else if (!effects.pulled.empty()) {
    ++counts.updated;
  } else if (!committed.conflict_opened) {
    ++counts.unchanged;
  }
}

/// Which ids of a walk's page lead to a record here, old names included: asked once, so that the strangers,
/// which are nearly all in a first sync, need no search of their own.
class Acquaintances {
 public:
  Acquaintances(RecordTable& records, const ObservePage& page, const TypeRules& rules) : step_(page.walk) {
    if (step_) {
      known_ = records.names_between(rules.name, step_->after, step_->last);
    }
  }

  /// No record here has this id. Ids become known only where they are shown: see met().
  [[nodiscard]] bool is_stranger(HubspotId id) const {
    return step_ && id.number > step_->after && id.number <= step_->last && !known_.contains(id);
  }
  void met(HubspotId id) { known_.insert(id); }

 private:
  std::optional<WalkStep> step_;
  std::set<HubspotId> known_;
};

void count_planned_push(const Committed& committed, EffectCounts& counts) {
  if (!committed.effects.push_needed) {
    return;
  }
  switch (log_action(committed.effects.action)) {
    case LogAction::create:
      ++counts.created;
      break;
    case LogAction::remove:
      ++counts.deleted;
      break;
    case LogAction::update:
      ++counts.updated;
      break;
  }
}

}  // namespace

void append_planned(std::vector<PlannedChange>& planned, const Draft& draft, const Committed& committed) {
  const Effects& effects = committed.effects;
  const std::size_t before = planned.size();
  PlannedChange change;
  change.type = draft.record.type;
  change.record = draft.is_new ? LocalId{} : draft.record.id;
  change.hubspot_id = draft.record.hubspot_id;
  change.action = effects.action;
  change.deleted_here = draft.record.local_presence != Presence::live;
  if (!effects.pulled.empty() || effects.action == RecordAction::create_local ||
      effects.action == RecordAction::delete_local) {
    change.direction = SyncDirection::from_hubspot;
    change.before = effects.overwritten;
    change.after = effects.pulled;
    planned.push_back(change);
  }
  if (effects.push_needed) {
    change.direction = SyncDirection::to_hubspot;
    change.before = remote_values(draft.record, effects.push);
    change.after = effects.push;
    planned.push_back(change);
  }
  if (effects.conflicts.empty() && !effects.deletion_conflict) {
    return;
  }
  if (planned.size() == before) {
    change.direction = SyncDirection::none;
    planned.push_back(std::move(change));
  }
  planned.back().conflicts = effects.conflicts;
}

SqliteRepository::Match SqliteRepository::match(
    const TypeRules& rules, const RemoteRecord& seen, bool stranger, Instant now
) {
  std::vector<Record> found;
  const auto add = [&found](std::optional<Record> record) {
    if (record && std::ranges::find(found, record->id, &Record::id) == found.end()) {
      found.push_back(std::move(*record));
    }
  };
  if (!stranger) {
    add(tables_.records.find_linked(rules.name, seen.id));
    if (!seen.archived && found.empty() && tables_.records.find_alias(rules.name, seen.id)) {
      return {.old_name = true};
    }
  }
  if (seen.uid && (found.empty() || found.front().uid != *seen.uid)) {
    add(seen.archived ? unanswered_create(tables_, rules, *seen.uid)
                      : tables_.records.find_uid(rules.name, *seen.uid));
  }
  for (const HubspotId former : seen.former_ids) {
    if (former != seen.id) {
      add(tables_.records.find_linked(rules.name, former));
    }
  }
  if (!seen.archived && found.empty()) {
    const std::string key = canonical_key(rules, value_or_empty(seen.values, rules.key));
    if (!key.empty()) {
      add(tables_.records.find_unlinked(rules.name, key));
    } else if (!seen.uid) {
      add(unanswered_create_of(tables_, rules, seen));
    }
  }
  if (found.empty()) {
    return {};
  }
  keep_what_lives(found, seen);
  Draft draft = Draft::of(std::move(found.front()));
  drafts_.relink(draft, seen, rules, now);
  for (std::size_t i = 1; i < found.size(); ++i) {
    drafts_.fold(draft, std::move(found[i]), rules, seen.values, now);
  }
  return {.draft = std::move(draft)};
}

void SqliteRepository::observe_record(
    const ObservePage& page,
    const TypeRules& rules,
    const RemoteRecord& seen,
    bool stranger,
    ObserveResult& result,
    Instant now
) {
  if (page.asked && drafts_.shows_before_detaching(rules, seen.id, *page.asked, now) &&
      !tables_.records.find_linked(rules.name, seen.id)) {
    ++result.counts.from_hubspot.unchanged;
    return;
  }
  auto [draft, old_name] = match(rules, seen, stranger, now);
  if (!draft && !old_name && (seen.archived || seen.values.empty())) {
    return;  // Deleted before it was ever known here; or only its links were read.
  }
  const bool released = seen.archived && is_released(draft->record.id);
  if (old_name) {
    ++result.counts.from_hubspot.unchanged;  // Read before a merge that was seen already.
    return;
  }
  if (!draft && (tables_.erased.has(rules.name, seen.id) || tables_.erased.has_any(rules, seen.values))) {
    ++result.counts.from_hubspot
          .unchanged;  // Erased for privacy: read before, or somebody's second try (I14).
    return;
  }
  if (!draft) {
    draft = drafts_.begin(rules, now);
    draft->record.hubspot_id = seen.id;
  }
  if ((is_stale(draft->record, seen) || (page.asked && shows_before_deletion(draft->record, *page.asked, now))
      ) &&
      !draft->dirty) {
    ++result.counts.from_hubspot.unchanged;
    return;
  }
  const bool overtaken = page.asked && sent_references_.since(draft->record.id, *page.asked, now);
  const auto reference = overtaken ? std::nullopt : drafts_.translate_reference(rules, seen);
  draft->dirty |= absorb(draft->record, seen, rules, reference);
  if (!draft->is_new && !draft->dirty && draft->record.status == SyncStatus::synced) {
    ++result.counts.from_hubspot.unchanged;
    return;
  }
  const Committed committed =
      drafts_.commit(*draft, rules, {.remote_times = seen.times, .history_asked = !seen.times.empty()}, now);
  count(committed, result.counts.from_hubspot);
  if (committed.effects.action == RecordAction::delete_local) {
    note_deletion(rules, SyncDirection::from_hubspot, draft->record.id, released, now);
  }
  result.due_work |= committed.push_needed || committed.conflict_opened;
  if (page.dry_run) {
    count_planned_push(committed, result.counts.to_hubspot);
    append_planned(result.planned, *draft, committed);
  }
}

/// The records that were merged into one that is archived now lead to it, so that its deletion is theirs
/// (I12). What a create of ours made is taken as it was before it was archived, so that its deletion is seen
/// as one.
void SqliteRepository::follow_into_bin(const TypeRules& rules, const RemoteRecord& seen, Instant now) {
  Match found = match(rules, seen, false, now);
  if (found.draft && found.draft->dirty) {
    if (!found.draft->stored_link) {
      RemoteRecord made = seen;
      made.archived = false;
      absorb(found.draft->record, made, rules, drafts_.translate_reference(rules, made));
    }
    drafts_.commit(*found.draft, rules, {}, now);
  }
}

void SqliteRepository::observe_deleted(
    const ObservePage& page, const TypeRules& rules, HubspotId id, ObserveResult& result, Instant now
) {
  RemoteRecord gone;
  gone.id = id;
  gone.archived = true;
  observe_record(page, rules, gone, false, result, now);
}

void SqliteRepository::observe_bad(
    const TypeRules& rules, const BadRecord& bad, ObserveResult& result, Instant now
) {
  ++result.counts.from_hubspot.failed;
  const std::optional<HubspotId> id = parse_hubspot_id(bad.id);
  std::optional<Record> record = id ? tables_.records.find_linked(rules.name, *id) : std::nullopt;
  if (record && record->status != SyncStatus::error) {
    record->status = SyncStatus::error;
    record->error = bad.reason;
    tables_.records.update(*record, rules);
  }
  if (tables_.log.has_failed(rules.name, id, bad.reason)) {
    return;
  }
  LogEntry entry;
  entry.type = rules.name;
  entry.record = record ? record->id : LocalId{};
  entry.hubspot_id = id;
  entry.direction = SyncDirection::from_hubspot;
  entry.status = LogStatus::failed;
  entry.error = bad.reason;
  entry.created_at = now;
  entry.completed_at = now;
  tables_.log.insert(entry);
  tables_.events.append("pull.failed", entry.record, {{"type", rules.name}, {"hubspotId", bad.id}}, now);
}

ObserveResult SqliteRepository::observe(const ObservePage& page, Instant now) {
  ObserveResult result;
  const TypeRules* const rules = rules_.find(page.type);
  if (rules == nullptr) {
    return result;
  }
  std::optional<Savepoint> dry_run;
  if (page.dry_run) {
    dry_run.emplace(db_);
  }
  Acquaintances acquaintances{tables_.records, page, *rules};
  Drafts::Gathering gathering{drafts_};
  std::set<HubspotId> shown;
  std::vector<HubspotId> deleted = page.deleted;
  for (const RemoteRecord& seen : page.seen) {
    shown.insert(seen.id);
    if (seen.archived) {
      follow_into_bin(*rules, seen, now);
      deleted.push_back(seen.id);
    } else {
      observe_record(page, *rules, seen, acquaintances.is_stranger(seen.id), result, now);
    }
    acquaintances.met(seen.id);
  }
  gathering.tell(now);
  if (!page.dry_run && tables_.guards.find_open(rules->name, SyncDirection::from_hubspot, now)) {
    tables_.guards.forget_live(rules->name, {shown.begin(), shown.end()});
  }
  for (const BadRecord& bad : page.bad) {
    if (const auto id = parse_hubspot_id(bad.id)) {
      shown.insert(*id);
    }
    observe_bad(*rules, bad, result, now);
  }
  if (!page.dry_run) {
    hold_deletions_here(rules->name, deleted, now);
  }
  for (const HubspotId id : deleted) {
    if (page.dry_run || !is_held_here(*rules, id, now)) {
      observe_deleted(page, *rules, id, result, now);
    }
  }
  if (page.walk) {
    for (const HubspotId id :
         tables_.records.linked_between(rules->name, page.walk->after, page.walk->last)) {
      if (!shown.contains(id)) {
        result.absent.push_back(id);
      }
    }
  }
  if (!page.dry_run) {
    set_cursors(page.cursors);
  }
  dry_run.reset();
  tables_.runs.add_counts(page.run, result.counts);
  return result;
}

std::map<HubspotId, Instant> SqliteRepository::known_modified(
    const std::string& type, const std::vector<HubspotId>& ids
) {
  std::map<HubspotId, Instant> known;
  const TypeRules* const rules = rules_.find(type);
  for (const HubspotId id : ids) {
    Query query{
        db_,
        "SELECT hubspot_modified FROM records WHERE type = ? AND hubspot_id = ? "
        "AND hubspot_modified IS NOT NULL AND remote_presence = 1",
        rules == nullptr ? type : rules->name,
        id
    };
    if (query.next()) {
      known.emplace(id, query.instant(0));
    }
  }
  return known;
}

}  // namespace hubsync::store
