// The last look before sending: what re-reading showed is merged in, and what is left to send is committed as
// an intent (I6, I21).
#include <algorithm>
#include <utility>

#include "daemon/core/backoff.hpp"
#include "daemon/core/canonical.hpp"
#include "daemon/store/repository.hpp"

namespace hubsync::store {
namespace {

bool contains(const std::vector<HubspotId>& ids, std::optional<HubspotId> id) {
  return id && std::ranges::find(ids, *id) != ids.end();
}

bool is_about(const RemoteRecord& seen, HubspotId id) {
  return seen.id == id || std::ranges::find(seen.former_ids, id) != seen.former_ids.end();
}

Intent intent_of(PushKind kind) {
  switch (kind) {
    case PushKind::create:
      return Intent::create;
    case PushKind::update:
      return Intent::update;
    case PushKind::archive:
      break;
  }
  return Intent::archive;
}

PushKind kind_of(RecordAction action) {
  switch (action) {
    case RecordAction::create_remote:
      return PushKind::create;
    case RecordAction::delete_remote:
      return PushKind::archive;
    default:
      return PushKind::update;
  }
}

Fields same_fields(const Fields& values, const Fields& like) {
  Fields same;
  for (const auto& [field, value] : like) {
    if (const auto found = values.find(field); found != values.end()) {
      same.insert(*found);
    }
  }
  return same;
}

/// What was sent before, as it was, may be sent while the first sending may still arrive.
HeldBack held_back_as(const DueRow& row, PushKind kind, const Fields& intent) {
  const bool again = row.intent == intent_of(kind) && row.intent_fields == intent;
  return again ? HeldBack::everything : HeldBack::newer;
}

/// How long a reference waits that was not read; also where HubSpot's answer leaves it out time after time.
constexpr Duration next_reading{1'000};

/// Nothing can be sent yet: what another reading will tell is claimed again soon, anything else waits for
/// another record.
void wait_for_more(DueRow& row, bool reading, Instant now) {
  row.state = reading ? DueItem::State::ready : DueItem::State::waiting;
  row.next_at = reading ? now + next_reading : row.next_at;
}

/// The reference may have been edited after the record was claimed, when nobody read it: what an earlier
/// write of ours left there is not known then, and would be taken for somebody else's (I5). It is left
/// out of the action and of what is written down as intended, for the next claim; whether it was.
bool leave_out_unread_reference(const PreparePush& push, PushAction& action, Fields& intent) {
  const bool read = std::ranges::any_of(push.seen, [&action](const RemoteRecord& seen) {
    return seen.references_known && seen.id == action.hubspot_id;
  });
  if (read || action.kind != PushKind::update || !action.sets_reference) {
    return false;
  }
  intent.erase(action.reference_field);
  action.sets_reference = false;
  return true;
}

/// A record of ours under an old name, or under the unique value of another one: HubSpot merged them (I12).
bool shows_merge(RecordTable& records, const TypeRules& rules, const RemoteRecord& seen) {
  const bool renamed = std::ranges::any_of(seen.former_ids, [&](HubspotId former) {
    return former != seen.id && records.find_linked(rules.name, former);
  });
  if (renamed || !seen.uid) {
    return renamed;
  }
  const auto linked = records.find_linked(rules.name, seen.id);
  return linked && linked->uid != *seen.uid && records.find_uid(rules.name, *seen.uid);
}

/// Another record of ours is being made as this one, and will know it as soon as its answer is stored; its
/// key may have changed in HubSpot since.
bool is_being_made(Tables& tables, const TypeRules& rules, const Record& record, const RemoteRecord& seen) {
  if (!seen.uid || *seen.uid == record.uid) {
    return false;
  }
  const auto other = tables.records.find_uid(rules.name, *seen.uid);
  const auto row = other && !other->hubspot_id ? tables.due.find(other->id) : std::nullopt;
  return row && row->sent_create();
}

}  // namespace

const RemoteRecord* SqliteRepository::find_seen(
    const PreparePush& push, const TypeRules& rules, const Record& record, const std::optional<DueRow>& row
) {
  const bool sent_create = row && row->sent_create();
  const auto first = [&push](auto fits) -> const RemoteRecord* {
    const auto found = std::ranges::find_if(push.seen, fits);
    return found == push.seen.end() ? nullptr : &*found;
  };
  if (record.hubspot_id) {
    return first([&](const RemoteRecord& seen) { return is_about(seen, *record.hubspot_id); });
  }
  const RemoteRecord* seen = first([&](const RemoteRecord& one) { return one.uid == record.uid; });
  const std::string key = canonical_key(rules, value_or_empty(record.local, rules.key));
  // By key only what we want to exist there, or may have made.
  if (seen == nullptr && !key.empty() && (record.local_presence == Presence::live || sent_create)) {
    seen = first([&](const RemoteRecord& one) {
      return canonical_key(rules, value_or_empty(one.values, rules.key)) == key;
    });
  }
  if (seen == nullptr && key.empty() && sent_create) {
    seen = first([&](const RemoteRecord& one) {
      return !one.uid && shows_created(one, rules, row->intent_fields) &&
             !tables_.records.resolve(rules.name, one.id);
    });
  }
  const bool taken = seen != nullptr && (tables_.records.resolve(rules.name, seen->id) ||
                                         is_being_made(tables_, rules, record, *seen));
  return taken || (seen != nullptr && seen->archived) ? nullptr : seen;
}

PushAction SqliteRepository::plan_action(
    const Draft& draft, const TypeRules& rules, const Effects& effects, DueRow& row
) {
  const Record& record = draft.record;
  PushAction action;
  action.id = record.id;
  action.kind = kind_of(effects.action);
  action.hubspot_id = record.hubspot_id;
  action.uid = record.uid;
  action.fields = effects.push;
  action.attempts = row.attempts;
  row.waiting_on = {};
  const FieldRule* const reference = rules.reference();
  const auto place = reference == nullptr ? action.fields.end() : action.fields.find(reference->name);
  if (place == action.fields.end()) {
    return action;
  }
  const std::string target = place->second;
  action.fields.erase(place);
  action.reference_field = reference->name;
  action.reference_value = target;
  const std::string& current = value_or_empty(record.remote, reference->name);
  const auto unresolved = parse_unresolved_reference(current);
  const auto current_id = unresolved ? unresolved : tables_.records.link_of({current});
  if (!target.empty()) {
    action.associate = tables_.records.link_of({target});
    if (!action.associate) {
      row.waiting_on = {target};
      return action;
    }
  }
  if (current_id != action.associate) {
    action.dissociate = current_id;
  }
  action.sets_reference = true;
  return action;
}

/// Merges in what re-reading showed of a record that is not gone.
void SqliteRepository::take_reading(
    const PreparePush& push,
    const TypeRules& rules,
    Draft& draft,
    std::optional<DueRow>& row,
    CommitOptions& options,
    Instant now
) {
  const bool sent_create = row && row->sent_create();
  const RemoteRecord* const seen = find_seen(push, rules, draft.record, row);
  if (seen != nullptr && !is_stale(draft.record, *seen)) {
    const Claims::State* const claim = claims_.find(draft.record.id);
    drafts_.relink(draft, *seen, rules, now);
    draft.dirty |= absorb(draft.record, *seen, rules, drafts_.translate_reference(rules, *seen));
    options.remote_times = seen->times;
    options.history_asked = !seen->times.empty() || (claim != nullptr && claim->needs_history);
  } else if (seen == nullptr && sent_create && draft.record.local_presence == Presence::deleted &&
             !draft.record.hubspot_id) {
    // Looked for and not there: the create never arrived, so there is nothing to delete.
    row->intent = Intent::none;
    row->unknown_create = false;
    tables_.due.update(*row);
    draft.record.base_presence = Presence::deleted;
    draft.dirty = true;
  }
}

std::optional<LocalId> SqliteRepository::exchanges_key_with(const TypeRules& rules, const Record& record) {
  const auto key_of = [&rules](const Fields& values) {
    return canonical_key(rules, value_or_empty(values, rules.key));
  };
  const std::string held = key_of(record.remote);
  const std::string wanted = key_of(record.local);
  if (held.empty() || wanted.empty()) {
    return std::nullopt;
  }
  const auto id = tables_.records.other_with_key(rules.name, held, record.id);
  const auto row = id ? tables_.due.find(*id) : std::nullopt;
  if (!row || row->state == DueItem::State::failed || !row->intent_fields.contains(rules.key)) {
    return std::nullopt;
  }
  const auto other = tables_.records.find(*id);
  return other && key_of(other->remote) == wanted ? id : std::nullopt;
}

/// Commits what is about to be sent, before it is (I21).
void SqliteRepository::intend(
    const PreparePush& push,
    const TypeRules& rules,
    const Draft& draft,
    const Committed& committed,
    DueRow row,
    PreparedPush& result,
    Instant now
) {
  PushAction action = plan_action(draft, rules, committed.effects, row);
  Fields intent = committed.effects.push;
  const bool unread = leave_out_unread_reference(push, action, intent);
  if (!row.waiting_on.text.empty()) {
    intent.erase(action.reference_field);  // It is not sent yet.
  }
  if (action.kind == PushKind::update && action.fields.empty() && !action.sets_reference) {
    wait_for_more(row, unread || !committed.awaits_history.empty(), now);
    tables_.due.update(row);
    claims_.remove(draft.record.id);
    return;
  }
  // Once HubSpot has said that the key is taken. The other one does not let go: it gets this one's.
  const bool sets_key = action.kind == PushKind::update && intent.contains(rules.key);
  const auto exchanged =
      sets_key && row.attempts > 0 ? exchanges_key_with(rules, draft.record) : std::nullopt;
  if (exchanged && draft.record.id < *exchanged) {
    action.fields[rules.key].clear();
    intent[rules.key].clear();
  }
  const HeldBack held_back = held_back_as(row, action.kind, intent);
  if (const auto until = claims_.held_back_until(draft.record.id, held_back, now)) {
    row.next_at = *until;
    tables_.due.update(row);
    claims_.remove(draft.record.id);
    return;
  }
  // A create that is sent again may meet the record that the first one made, as somebody has edited it since.
  const bool again = action.kind == PushKind::create && row.sent_create();
  row.unknown_create |= again;
  if (row.not_before > now) {
    claims_.hold_back(draft.record.id, HeldBack::newer, row.not_before, now);
  }
  row.intent_seen = again ? row.intent_fields : same_fields(draft.record.remote, intent);
  row.intent = intent_of(action.kind);
  row.intent_fields = std::move(intent);
  // Should this process die first, a later edit waits until the write can no longer arrive after it.
  row.not_before = now + longest_flight;
  tables_.unverified.add(draft.record, row.intent_seen, row.intent_fields, row.not_before);
  tables_.due.update(row);
  action.standing = claims_.decide(draft.record.id);
  result.actions.push_back(std::move(action));
}

void SqliteRepository::prepare_one(
    const PreparePush& push, const TypeRules& rules, const LocalId& id, PreparedPush& result, Instant now
) {
  auto stored = tables_.records.find(id);
  if (!stored) {
    claims_.remove(id);
    return;
  }
  std::optional<DueRow> row = tables_.due.find(id);
  // Deleted here and gone for good there: the sides agree. Of a record that lives here it would prove nothing
  // (I9).
  const bool both_gone =
      stored->local_presence == Presence::deleted && contains(push.nowhere, stored->hubspot_id);
  if (!both_gone && contains(push.unreadable, stored->hubspot_id)) {
    if (row) {
      const CallFailure failure{.outcome = Outcome::refused, .message = push.unreadable_why};
      const int retries = row->attempts;
      fail_due(std::move(*stored), rules, std::move(*row), failure, retries, now);
    }
    claims_.remove(id);
    ++result.counts.to_hubspot.failed;
    return;
  }
  Draft draft = Draft::of(std::move(*stored));
  CommitOptions options{.cause = Cause::push};
  const bool gone = both_gone || contains(push.deleted, draft.record.hubspot_id);
  if (gone && !both_gone && !push.dry_run) {
    hold_deletions_here(rules.name, {*draft.record.hubspot_id}, now);
    if (is_held_here(rules, *draft.record.hubspot_id, now)) {
      claims_.remove(id);
      return;
    }
  }
  const bool released = gone && is_released(id);
  if (gone) {
    draft.dirty |= std::exchange(draft.record.remote_presence, Presence::deleted) != Presence::deleted;
  } else {
    take_reading(push, rules, draft, row, options, now);
  }
  const Committed committed = drafts_.commit(draft, rules, options, now);
  if (committed.effects.action == RecordAction::delete_local) {
    note_deletion(rules, SyncDirection::from_hubspot, id, released, now);
  }
  if (!committed.effects.pulled.empty() || committed.effects.action == RecordAction::delete_local) {
    ++(committed.effects.action == RecordAction::delete_local ? result.counts.from_hubspot.deleted
                                                              : result.counts.from_hubspot.updated);
  }
  result.counts.from_hubspot.conflicts += committed.conflict_opened ? 1 : 0;
  if (push.dry_run) {
    append_planned(result.planned, draft, committed);
    return;
  }
  row = tables_.due.find(id);
  if (!committed.effects.push_needed || !row || is_paused(tables_)) {
    claims_.remove(id);
    return;
  }
  if (committed.effects.action == RecordAction::delete_remote && is_held_there(rules, *row, now)) {
    claims_.remove(id);
    return;
  }
  intend(push, rules, draft, committed, std::move(*row), result, now);
}

/// What the read showed under another id than the one asked for: two records of ours may have become one
/// (I12). Returns those that are in the recycle bin under their new id.
std::vector<HubspotId> SqliteRepository::follow_merges(
    const PreparePush& push, const TypeRules& rules, PreparedPush& result, Instant now
) {
  ObserveResult observed;
  std::vector<HubspotId> archived;
  for (const RemoteRecord& seen : push.seen) {
    if (!seen.archived && shows_merge(tables_.records, rules, seen)) {
      observe_record({.type = rules.name, .dry_run = push.dry_run}, rules, seen, false, observed, now);
    } else if (seen.archived) {
      follow_into_bin(rules, seen, now);
      archived.push_back(seen.id);
    }
  }
  result.counts += observed.counts;
  std::ranges::move(observed.planned, std::back_inserter(result.planned));
  return archived;
}

PreparedPush SqliteRepository::prepare_push(const PreparePush& push, Instant now) {
  PreparedPush result;
  const TypeRules* const rules = rules_.find(push.type);
  if (rules == nullptr) {
    return result;
  }
  std::optional<Savepoint> dry_run;
  const std::size_t claimed = claims_.checkpoint();
  if (push.dry_run) {
    dry_run.emplace(db_);
  }
  PreparePush followed = push;
  std::ranges::move(follow_merges(push, *rules, result, now), std::back_inserter(followed.deleted));
  for (const LocalId& id : push.claims) {
    prepare_one(followed, *rules, id, result, now);
  }
  if (push.dry_run) {
    dry_run.reset();
    claims_.rollback(claimed);
  } else {
    tables_.runs.add_counts_of_type(rules->name, result.counts);
  }
  return result;
}

}  // namespace hubsync::store
