#include "daemon/store/draft.hpp"

#include <algorithm>
#include <utility>

namespace hubsync::store {
namespace {

std::string_view event_kind(const Draft& draft) {
  const bool live = draft.record.local_presence == Presence::live;
  const bool was_live = draft.stored_local_presence == Presence::live;
  if (draft.is_new) {
    return "record.created";
  }
  if (was_live && !live) {
    return "record.deleted";
  }
  return live && !was_live ? "record.restored" : "record.updated";
}

}  // namespace

Fields sendable(Tables& tables, const TypeRules& rules, Fields push) {
  const FieldRule* const reference = rules.reference();
  const auto place = reference == nullptr ? push.end() : push.find(reference->name);
  if (place != push.end() && !place->second.empty() && !tables.records.link_of({place->second})) {
    push.erase(place);
  }
  return push;
}

bool is_paused(Tables& tables) {
  return tables.facts.fact("paused") == "1";
}

bool is_stale(const Record& record, const RemoteRecord& seen) {
  return !seen.archived && record.hubspot_id == seen.id && seen.modified && record.hubspot_modified &&
         *seen.modified < *record.hubspot_modified;
}

LogAction log_action(RecordAction action) {
  switch (action) {
    case RecordAction::create_remote:
    case RecordAction::create_local:
      return LogAction::create;
    case RecordAction::delete_remote:
    case RecordAction::delete_local:
    case RecordAction::agree_deleted:
      return LogAction::remove;
    case RecordAction::none:
    case RecordAction::merge:
    case RecordAction::deletion_conflict:
      break;
  }
  return LogAction::update;
}

void drop_due(Tables& tables, const DueRow& row, Instant now) {
  tables.due.erase(row.record);
  auto entry = tables.log.find(row.log_id);
  if (!entry || entry->completed_at) {
    return;
  }
  if (row.attempts == 0 && row.intent == Intent::none) {
    tables.log.erase(row.log_id);
    return;
  }
  entry->status = LogStatus::success;
  entry->next_retry_at.reset();
  entry->completed_at = now;
  entry->response = "nothing left to send: both sides agree";
  tables.log.update(*entry);
}

void revive_due(Tables& tables, DueRow& row) {
  row.state = DueItem::State::ready;
  row.priority = 1;
  row.attempts = 0;
  row.next_at = row.not_before;
  row.error.clear();
  row.waiting_on = {};
  row.deaths = std::min(row.deaths, deaths_until_alone);
  tables.due.update(row);
  if (auto entry = tables.log.find(row.log_id); entry && entry->status != LogStatus::pending) {
    entry->status = LogStatus::pending;
    entry->retry_count = 0;
    entry->next_retry_at.reset();
    entry->completed_at.reset();
    tables.log.update(*entry);
  }
}

Draft Draft::of(Record stored) {
  Draft draft;
  draft.stored_local_presence = stored.local_presence;
  draft.stored_link = stored.hubspot_id;
  draft.stored_status = stored.status;
  draft.record = std::move(stored);
  return draft;
}

Draft Drafts::begin(const TypeRules& rules, Instant now) {
  Draft draft;
  draft.is_new = true;
  draft.record.id.text = new_id(now);
  draft.record.uid = draft.record.id.text;
  draft.record.type = rules.name;
  draft.record.created_at = now;
  draft.record.updated_at = now;
  return draft;
}

/// A merge that was seen already made it one: an answer from before that merge names it so.
bool Drafts::is_old_name(const Record& record, HubspotId id) {
  const auto renamed = tables_.records.find_alias(record.type, id);
  return renamed && renamed->id == record.id;
}

void Drafts::relink(Draft& draft, const RemoteRecord& seen, const TypeRules& rules, Instant now) {
  Record& record = draft.record;
  const HubspotId id = seen.id;
  if (record.hubspot_id == id || is_old_name(record, id)) {
    return;
  }
  if (record.hubspot_id && std::ranges::find(seen.former_ids, *record.hubspot_id) != seen.former_ids.end()) {
    tables_.records.add_alias(record.type, *record.hubspot_id, record.id);
    record.hubspot_modified.reset();  // Of another record: it says nothing about the age of what is seen now.
  } else if (record.hubspot_id) {
    Draft other = begin(rules, now);
    other.record = take_apart(draft, id, std::move(other.record));
    tell_arrivals(now);
    tables_.records.update(record, rules);
    if (other.record.remote_presence == Presence::live) {
      await_writes_of(record.id, other.record.id, now);
      commit(other, rules, {}, now);
      tables_.records.move_aliases(record.id, other.record.id);
    }
  } else if (record.local_presence == Presence::deleted) {
    record.base_presence = Presence::live;  // Our create did arrive: the deletion has to follow it.
  }
  record.hubspot_id = id;
  draft.dirty = true;
}

/// A create was on its way while its record was taken for one of HubSpot's with the same natural key: HubSpot
/// has two records now. Moves the link and what is known of the older one to `other`.
Record Drafts::take_apart(Draft& draft, HubspotId id, Record other) {
  Record& record = draft.record;
  other.hubspot_id = std::exchange(record.hubspot_id, id);
  other.remote = std::exchange(record.remote, {});
  other.remote_presence = std::exchange(record.remote_presence, Presence::absent);
  other.hubspot_modified = std::exchange(record.hubspot_modified, std::nullopt);
  record.base.clear();
  return other;
}

void Drafts::detach(Draft& draft, const TypeRules& rules, Instant now) {
  Record& record = draft.record;
  if (record.hubspot_id) {
    detached_.note({rules.name, *record.hubspot_id}, now);
  }
  record.hubspot_id.reset();
  record.uid = new_id(now);
  record.remote.clear();
  record.base.clear();
  record.remote_presence = Presence::absent;
  record.base_presence = Presence::absent;
  record.hubspot_modified.reset();
  record.edited.clear();
  record.lost.clear();
  for (const FieldRule& field : rules.fields) {
    if (field.direction != Direction::pull && record.local.contains(field.name)) {
      record.edited[field.name] = now;
    }
  }
  draft.dirty = true;
}

std::optional<std::string> Drafts::translate_reference(const TypeRules& rules, const RemoteRecord& seen) {
  const FieldRule* const rule = rules.reference();
  if (rule == nullptr || !seen.references_known) {
    return std::nullopt;
  }
  if (!seen.reference) {
    return "";
  }
  const auto target = resolve(rules, rule->target, *seen.reference);
  if (!target) {
    return unresolved_reference(*seen.reference);
  }
  // A deleted company is nobody's company, also while HubSpot still has it.
  return target->live ? target->id.text : std::string{};
}

void Drafts::settle_shown(Draft& draft, const TypeRules& rules, const DueRow& row, Instant now) {
  Record& record = draft.record;
  draft.dirty |= agree_on_shown(record, rules, row.intent_fields);
  if (row.may_have_archived() && record.local_presence == Presence::live &&
      record.remote_presence == Presence::deleted && record.base_presence == Presence::live) {
    detach(draft, rules, now);  // Restored here while our own archiving of it was on its way.
  }
}

namespace {

/// What was sent and never answered may still show up in HubSpot, although the record wants nothing of it any
/// more: until HubSpot shows it, or was asked after it can no longer arrive, it must be known as ours.
bool is_open(const Record& record, const TypeRules& rules, const DueRow& row, Cause cause) {
  if (row.sent_create() && !record.hubspot_id) {
    return true;  // A create that may have arrived is looked for, whatever became of the record since (I23).
  }
  const bool may_show = row.not_before != Instant{} && cause != Cause::push &&
                        record.local_presence == Presence::live && record.remote_presence == Presence::live;
  return may_show && (row.intent_fields.empty() || !shows_all(record, rules, row.intent_fields));
}

bool waits_for_link(const DueRow& row) {
  return row.state == DueItem::State::waiting && !row.waiting_on.text.empty();
}

/// A change that HubSpot shows may give parked work more to send, which gets its own chance: true. Else the
/// record says why it is parked, as soon as no conflict is the more urgent thing to say.
bool takes_up_parked(
    Tables& tables, const TypeRules& rules, Draft& draft, const DueRow& row, const Committed& result
) {
  Record& record = draft.record;
  if (row.state != DueItem::State::failed || !result.push_needed) {
    return false;
  }
  const bool has_more = !result.awaits_history.empty() ||
                        !is_subset(sendable(tables, rules, result.effects.push), row.intent_fields);
  const bool more = draft.dirty && has_more;
  if (more && record.status == SyncStatus::error) {
    record.status = SyncStatus::pending;
    record.error.clear();
  } else if (!more && record.status == SyncStatus::pending) {
    record.status = SyncStatus::error;
    record.error = row.error;
  }
  return more;
}

}  // namespace

Committed Drafts::commit(Draft& draft, const TypeRules& rules, const CommitOptions& options, Instant now) {
  Committed result;
  Record& record = draft.record;
  if (options.cause == Cause::edit && record.status == SyncStatus::error) {
    record.status = SyncStatus::pending;
  }
  std::optional<DueRow> row = draft.is_new ? std::nullopt : tables_.due.find(record.id);
  if (draft.dirty && options.cause == Cause::observation) {
    claims_.overturn(record.id);
  }
  if (row) {
    settle_shown(draft, rules, *row, now);
  }
  std::optional<Conflict> open = draft.is_new ? std::nullopt : tables_.conflicts.find_open(record.id);
  result.effects =
      reconcile(record, rules, rules_.detection, rules_.newest_margin, now, options.remote_times);
  result.push_needed = result.effects.push_needed;
  hold_undecided(draft, rules, options, open, result);
  const bool taken_up =
      row && options.cause == Cause::observation && takes_up_parked(tables_, rules, draft, *row, result);
  const bool look_again = row && is_open(record, rules, *row, options.cause);
  if (look_again && record.status == SyncStatus::synced) {
    record.status = SyncStatus::pending;
  }

  const bool arrival = arrivals_ && draft.is_new && result.effects.action == RecordAction::create_local;
  result.saved =
      draft.is_new || draft.dirty || result.effects.changed || record.status != draft.stored_status;
  if (arrival) {
    save_arrival(draft, rules);
  } else if (result.saved) {
    save(draft, rules, now);
  }
  if (!draft.is_new && record.local_presence != draft.stored_local_presence) {
    tables_.guards.forget(record.id);  // The deletion that was held or released happened, or was taken back.
  }
  const bool no_reason_to_wait =
      row && waits_for_link(*row) && !sendable(tables_, rules, result.effects.push).empty();
  const bool revive = taken_up || no_reason_to_wait || options.cause == Cause::edit;
  update_due(
      draft, std::move(row), result, {.look_again = look_again, .revive = revive, .cause = options.cause}, now
  );
  update_conflict(draft, rules, std::move(open), result, now);
  write_superseded(draft, rules, result.effects, now);
  if (draft.dirty || draft.is_new || options.history_asked || !result.effects.pulled.empty()) {
    write_decided(draft, rules, result.effects, now);
  }
  if (!arrival) {
    write_pulled(draft, result.effects, now);
  }
  if (record.hubspot_id && record.hubspot_id != draft.stored_link) {
    follow_link(draft, now);
  }
  if (draft.stored_local_presence == Presence::live && record.local_presence == Presence::deleted) {
    drop_references(record.id, now);
  }
  return result;
}

bool Drafts::awaits_history(
    const FieldDispute& dispute,
    const TypeRules& rules,
    const FieldTimes& known,
    const std::optional<Conflict>& open
) {
  const FieldRule* const rule = rules.find(dispute.field);
  if (rule == nullptr || rule->policy != Policy::newest || known.contains(dispute.field)) {
    return false;
  }
  const bool in_conflict = open && std::ranges::find(open->fields, dispute.field) != open->fields.end() &&
                           value_or_empty(open->local_version, dispute.field) == dispute.local &&
                           value_or_empty(open->hubspot_version, dispute.field) == dispute.remote;
  return !in_conflict;
}

void Drafts::hold_undecided(
    Draft& draft,
    const TypeRules& rules,
    const CommitOptions& options,
    const std::optional<Conflict>& open,
    Committed& result
) {
  if (!result.effects.needs_history || options.history_asked) {
    return;
  }
  std::erase_if(result.effects.conflicts, [&](const FieldDispute& dispute) {
    const bool held = awaits_history(dispute, rules, options.remote_times, open);
    if (held) {
      result.awaits_history.push_back(dispute.field);
    }
    return held;
  });
  if (result.awaits_history.empty()) {
    return;
  }
  // With record detection they wait for the others, which that history decides about.
  const bool rules_decide =
      std::ranges::all_of(result.effects.conflicts, [&rules](const FieldDispute& dispute) {
        const FieldRule* const rule = rules.find(dispute.field);
        return rule != nullptr && decides_alone(*rule);
      });
  if (!open && rules_decide) {
    result.effects.conflicts.clear();
  }
  result.push_needed = true;
  if (result.effects.conflicts.empty() && !result.effects.deletion_conflict) {
    draft.record.status = SyncStatus::pending;
  }
}

void Drafts::save(Draft& draft, const TypeRules& rules, Instant now) {
  const Record& record = draft.record;
  tell_arrivals(now);
  if (draft.is_new) {
    tables_.records.insert(record, rules);
    tables_.records.count_new(record.type, record.local_presence, record.status, 1);
  } else {
    tables_.records.update(record, rules);
  }
  tables_.events.append(
      event_kind(draft),
      record.id,
      {{"type", record.type},
       {"status", std::string{to_string(record.status)}},
       {"version", std::to_string(record.version)}},
      now
  );
}

std::int64_t Drafts::open_log(const Draft& draft, LogAction action, Instant now) {
  LogEntry entry;
  entry.type = draft.record.type;
  entry.record = draft.record.id;
  entry.hubspot_id = draft.record.hubspot_id;
  entry.action = action;
  entry.direction = SyncDirection::to_hubspot;
  entry.created_at = now;
  return tables_.log.insert(entry);
}

void Drafts::update_due(
    const Draft& draft,
    std::optional<DueRow> row,
    const Committed& result,
    const DueChange& change,
    Instant now
) {
  const Record& record = draft.record;
  const LogAction action =
      record.local_presence == Presence::deleted ? LogAction::remove : log_action(result.effects.action);
  if (result.push_needed || change.look_again) {
    if (row) {
      edit_due(std::move(*row), action, change.revive);
      return;
    }
    tables_.due.insert(
        {.record = record.id,
         .type = record.type,
         .priority = change.cause == Cause::edit ? 1 : 0,
         .since = now,
         .log_id = open_log(draft, action, now)}
    );
  } else if (row && (change.cause == Cause::push || !claims_.contains(record.id))) {
    drop_due(tables_, *row, now);
  }
}

void Drafts::edit_due(DueRow row, LogAction action, bool revive) {
  if (auto entry = tables_.log.find(row.log_id); entry && entry->action != action) {
    entry->action = action;
    tables_.log.update(*entry);
  }
  if (revive) {
    revive_due(tables_, row);
  }
}

void Drafts::write_pulled(const Draft& draft, const Effects& effects, Instant now) {
  if (effects.pulled.empty() && effects.action != RecordAction::create_local &&
      effects.action != RecordAction::delete_local) {
    return;
  }
  LogEntry entry;
  entry.type = draft.record.type;
  entry.record = draft.record.id;
  entry.hubspot_id = draft.record.hubspot_id;
  entry.action = log_action(effects.action);
  entry.direction = SyncDirection::from_hubspot;
  entry.status = LogStatus::success;
  entry.created_at = now;
  entry.completed_at = now;
  entry.payload = effects.pulled;
  tables_.log.insert(entry);
}

void Drafts::follow_link(const Draft& draft, Instant now) {
  const Record& record = draft.record;
  for (const TypeRules& referrer : rules_.types) {
    const FieldRule* const rule = referrer.reference();
    if (rule == nullptr || rule->target != record.type) {
      continue;
    }
    for (const LocalId& id : tables_.records.waiting_for(referrer.name, *record.hubspot_id)) {
      auto stored = tables_.records.find(id);
      if (!stored) {
        continue;
      }
      Draft waiting = Draft::of(std::move(*stored));
      const bool live = record.local_presence == Presence::live;
      waiting.record.remote[rule->name] = live ? record.id.text : std::string{};
      waiting.dirty = true;
      commit(waiting, referrer, {}, now);
    }
  }
  if (!draft.is_new) {
    tables_.due.wake(record.id);
  }
}

}  // namespace hubsync::store
