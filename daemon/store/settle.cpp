// How sending ended: the base moves by what HubSpot echoed, or the work waits, or a person is told (I22,
// I32).
#include <algorithm>
#include <utility>

#include "daemon/core/backoff.hpp"
#include "daemon/core/canonical.hpp"
#include "daemon/ports/push_refusal.hpp"
#include "daemon/store/repository.hpp"

namespace hubsync::store {
namespace {

std::string failure_text(const CallFailure& failure) {
  std::string text = failure.message.empty() ? failure.category : failure.message;
  if (text.empty()) {
    text = "HubSpot answered " + std::to_string(failure.status);
  }
  return failure.correlation_id.empty() ? text : text + " (correlation id " + failure.correlation_id + ")";
}

std::string response_text(const CallFailure& failure) {
  return failure.status == 0 ? failure.message : std::to_string(failure.status) + " " + failure.category;
}

/// The attempt counts towards giving up. Being told to wait is not an attempt.
bool is_attempt(const CallFailure& failure) {
  switch (failure.outcome) {
    case Outcome::denied:
    case Outcome::throttled:
    case Outcome::postponed:
      return false;
    case Outcome::refused:
    case Outcome::unavailable:
    case Outcome::unknown:
      break;
  }
  return true;
}

/// Whether the key that another record of HubSpot's has may be had all the same. The next attempt of a create
/// finds it and takes it for ours, where somebody made it between our read and our create. One that is ours
/// too may be about to give the key up, or have just done so; HubSpot does not always tell which one it is.
bool may_get_key(Tables& tables, const TypeRules& rules, const DueRow& row, const PushOutcome& outcome) {
  const auto existing = outcome.failure->existing_id;
  const auto owner = existing ? tables.records.resolve(rules.name, *existing) : std::nullopt;
  if (!owner || owner->id == row.record) {
    return outcome.kind == PushKind::create || (!existing && row.attempts == 1);
  }
  return !owner->live || tables.due.find(owner->id) || row.attempts == 1;
}

/// Only an edit or a person goes on from here.
bool is_final(
    Tables& tables, const TypeRules& rules, const DueRow& row, const PushOutcome& outcome, bool exchanged
) {
  const CallFailure& failure = *outcome.failure;
  const bool tried_again =
      (is_key_taken(outcome.kind, failure) && (exchanged || may_get_key(tables, rules, row, outcome))) ||
      (is_gone(outcome.kind, failure) && row.attempts == 1);
  return outcome.gave_up || (failure.outcome == Outcome::refused && !tried_again);
}

/// HubSpot itself answered that it failed: what it has not done by then it does not do later. A proxy that
/// gave up tells nothing of that.
bool has_ended(const CallFailure& failure) {
  return (failure.status == 500 || failure.status == 503) && failure.own_words;
}

const char* kind_name(PushKind kind) {
  switch (kind) {
    case PushKind::create:
      return "create";
    case PushKind::update:
      return "update";
    case PushKind::archive:
      break;
  }
  return "archive";
}

void count_success(PushKind kind, EffectCounts& counts) {
  switch (kind) {
    case PushKind::create:
      ++counts.created;
      break;
    case PushKind::update:
      ++counts.updated;
      break;
    case PushKind::archive:
      ++counts.deleted;
      break;
  }
}

/// Edited while the refused values were on their way, or what a reference waited for is there by now. What
/// would be sent may also shrink for want of HubSpot's history, which is no edit.
bool is_superseded(const Record& record, const Fields& wanted_now, PushKind kind, const Fields& sent) {
  const bool wanted = (record.local_presence == Presence::live) == (kind != PushKind::archive);
  const bool same_values = std::ranges::all_of(sent, [&record](const auto& field) {
    return value_or_empty(record.local, field.first) == field.second;
  });
  return !wanted || !same_values || !is_subset(wanted_now, sent);
}

/// HubSpot's history is still to be asked about a field that was not sent; one that was sent is decided, and
/// refused. Or its answer lets a rule decide about such a field, which waits with the others of its record.
bool is_undecided_beyond(
    const Effects& effects, const TypeRules& rules, const std::optional<Conflict>& open, const Fields& sent
) {
  const auto waits = [&](const FieldDispute& dispute) {
    return Drafts::awaits_history(dispute, rules, {}, open);
  };
  const auto follows = [&](const FieldDispute& dispute) {
    const FieldRule* const rule = rules.find(dispute.field);
    const bool held_together = !open && rule != nullptr && decides_alone(*rule);
    return !sent.contains(dispute.field) && (held_together || waits(dispute));
  };
  return std::ranges::any_of(effects.conflicts, waits) && std::ranges::any_of(effects.conflicts, follows);
}

/// An update was on its way to what turned out to be another record of HubSpot's, with a record here of its
/// own.
bool was_relinked(const Record& record, const PushOutcome& outcome) {
  const std::vector<HubspotId>& former = outcome.answer->former_ids;
  return outcome.kind == PushKind::update && record.hubspot_id &&
         std::ranges::find(former, *record.hubspot_id) == former.end();
}

Base sent_values(const Record& record, const Fields& sent) {
  Base values;
  for (const auto& [field, value] : sent) {
    values[field] = {value_or_empty(record.remote, field), value};
  }
  return values;
}

Fields without(Fields fields, const Fields& others) {
  std::erase_if(fields, [&others](const auto& field) { return others.contains(field.first); });
  return fields;
}

/// A write was sent and did not succeed: what it may still do.
void note_sent(Tables& tables, const Record& record, const CallFailure& failure, DueRow& row, Instant now) {
  if (failure.outcome == Outcome::unknown) {
    row.unknown_create |= row.intent == Intent::create;
    row.not_before = now + (has_ended(failure) ? Duration{0} : latest_arrival);
    tables.unverified.add(record, row.intent_seen, row.intent_fields, row.not_before);
  } else {
    row.not_before = {};
  }
  row.intent = Intent::none;  // Else it is of an earlier process, which nobody has asked HubSpot about yet.
}

}  // namespace

void SqliteRepository::close_log(
    const DueRow& row, const Record& record, const PushOutcome& outcome, Instant now
) {
  auto entry = tables_.log.find(row.log_id);
  if (!entry) {
    return;
  }
  entry->hubspot_id = record.hubspot_id;
  entry->status = LogStatus::success;
  entry->retry_count = row.attempts;
  entry->next_retry_at.reset();
  entry->error.clear();
  entry->duration = outcome.duration;
  entry->completed_at = now;
  entry->payload = outcome.sent;
  entry->response = "accepted";
  tables_.log.update(*entry);
}

/// What the outcome did not settle becomes a piece of work of its own.
void SqliteRepository::keep_rest(
    const Draft& draft,
    const TypeRules& rules,
    const PushOutcome& outcome,
    const Committed& committed,
    Instant now
) {
  auto row = tables_.due.find(draft.record.id);
  if (!row) {
    return;
  }
  const Fields& push = committed.effects.push;
  // HubSpot's history may be asked at once, whatever else waits.
  const bool waits = committed.awaits_history.empty() && committed.effects.action == RecordAction::merge &&
                     !push.empty() && sendable(tables_, rules, push).empty();
  // Sent, and neither echoed nor parked: to be read again, not sent again at once.
  Fields tried = outcome.sent;
  tried.insert(outcome.refused.begin(), outcome.refused.end());
  const bool unconfirmed = !push.empty() && is_subset(push, tried);
  row->state = waits ? DueItem::State::waiting : DueItem::State::ready;
  row->waiting_on = {waits ? push.begin()->second : std::string{}};
  row->next_at = unconfirmed || outcome.reference_failure ? now + outcome.retry_delay : row->not_before;
  tables_.due.update(*row);
}

/// Of what was sent HubSpot took everything but some values: they alone wait for an edit or a retry. Not
/// where more is to be sent by now, which tries them again.
void SqliteRepository::park_refused(
    const TypeRules& rules,
    const PushOutcome& outcome,
    const Committed& committed,
    RunCounts& counts,
    Instant now
) {
  auto record = tables_.records.find(outcome.id);
  auto row = tables_.due.find(outcome.id);
  const Fields& left = committed.effects.push;
  const bool only_refused =
      !left.empty() && is_subset(left, outcome.refused) &&
      std::ranges::all_of(committed.awaits_history, [&outcome](const std::string& field) {
        return outcome.refused.contains(field);
      });
  if (!record || !row || !only_refused) {
    return;
  }
  row->intent_fields = outcome.refused;
  fail_due(std::move(*record), rules, std::move(*row), *outcome.refusal, 0, now);
  ++counts.to_hubspot.failed;
}

void SqliteRepository::send_again(const LocalId& record) {
  if (auto row = tables_.due.find(record)) {
    row->intent = Intent::none;
    row->not_before = {};
    row->next_at = {};
    tables_.due.update(*row);
  }
}

/// The record had the key in HubSpot: who is to have it here by now need not wait for his next try.
void SqliteRepository::pass_on_key(const TypeRules& rules, const Record& record, const std::string& held) {
  const bool has_it = record.remote_presence == Presence::live &&
                      canonical_key(rules, value_or_empty(record.remote, rules.key)) == held;
  if (held.empty() || has_it) {
    return;
  }
  const auto other = tables_.records.other_with_key(rules.name, held, record.id);
  auto row = other ? tables_.due.find(*other) : std::nullopt;
  if (row && row->state == DueItem::State::ready) {
    row->next_at = row->not_before;
    tables_.due.update(*row);
  }
}

void SqliteRepository::settle_success(
    const TypeRules& rules, const PushOutcome& outcome, RunCounts& counts, Instant now
) {
  auto stored = tables_.records.find(outcome.id);
  if (!stored) {
    return;
  }
  Draft draft = Draft::of(std::move(*stored));
  Record& record = draft.record;
  const std::string held = canonical_key(rules, value_or_empty(record.remote, rules.key));
  audit_success(record, outcome, now);
  if (outcome.kind == PushKind::archive) {
    note_deletion(rules, SyncDirection::to_hubspot, record.id, is_released(record.id), now);
    record.remote_presence = Presence::deleted;
    record.base_presence = Presence::deleted;
    if (record.local_presence == Presence::live) {
      drafts_.detach(draft, rules, now);  // Restored here while the archiving was on its way.
    }
  } else if (outcome.answer) {
    const auto owner = tables_.records.find_linked(rules.name, outcome.answer->id);
    if (owner && owner->id != record.id && was_relinked(record, outcome)) {
      send_again(record.id);
      return;
    }
    if (owner && owner->id != record.id) {
      // HubSpot says that this is a record we know as another one: two local records of one.
      Draft kept = Draft::of(*owner);
      drafts_.fold(kept, record, rules, outcome.answer->values, now);
      drafts_.commit(kept, rules, {}, now);
      count_success(outcome.kind, counts.to_hubspot);
      return;
    }
    drafts_.relink(draft, *outcome.answer, rules, now);
    Fields echoed = outcome.answer->values;
    if (const auto row = tables_.due.find(record.id)) {
      tables_.unverified.add(record, row->intent_seen, echoed, now);
    }
    std::optional<std::string> reference;
    const FieldRule* const rule = rules.reference();
    if (rule != nullptr && outcome.sent.contains(rule->name)) {
      sent_references_.note(record.id, now);
      echoed[rule->name] = outcome.sent.at(rule->name);
      reference = drafts_.translate_reference(rules, *outcome.answer).value_or(outcome.sent.at(rule->name));
    }
    // A poll may have shown a later edit, or a merge, while this was on its way.
    if (record.hubspot_id == outcome.answer->id && !is_stale(record, *outcome.answer)) {
      absorb(record, *outcome.answer, rules, reference);
    }
    agree_on_sent(record, outcome.sent, echoed);
  }
  draft.dirty = true;
  if (const auto row = tables_.due.find(record.id)) {
    close_log(*row, record, outcome, now);
    tables_.due.erase(record.id);  // What is left comes back as new work, with a log entry of its own.
  }
  const Committed committed = drafts_.commit(draft, rules, {.cause = Cause::push}, now);
  keep_rest(draft, rules, outcome, committed, now);
  pass_on_key(rules, record, held);
  count_success(outcome.kind, counts.to_hubspot);
  tables_.events.append(
      "push.done", record.id, {{"type", record.type}, {"action", kind_name(outcome.kind)}}, now
  );
  if (outcome.refusal) {
    park_refused(rules, outcome, committed, counts, now);
  }
}

void SqliteRepository::audit_success(const Record& record, const PushOutcome& outcome, Instant now) {
  tables_.audit.append(
      {.actor = automatic_actor,
       .action = std::string{"sent "} + kind_name(outcome.kind),
       .type = record.type,
       .record = record.id,
       .values = sent_values(record, outcome.sent)},
      now
  );
}

void SqliteRepository::audit_failure(const Record& record, PushKind kind, const Fields& sent, Instant now) {
  tables_.audit.append(
      {.actor = automatic_actor,
       .action = std::string{"failed to "} + kind_name(kind),
       .type = record.type,
       .record = record.id,
       .values = sent_values(record, sent)},
      now
  );
}

/// Parks the work until an edit or a retry; the record says why. `retries`: how many there were.
void SqliteRepository::fail_due(
    Record record, const TypeRules& rules, DueRow row, const CallFailure& failure, int retries, Instant now
) {
  const std::string text = failure_text(failure);
  row.state = DueItem::State::failed;
  row.error = text;
  tables_.due.update(row);
  if (auto entry = tables_.log.find(row.log_id)) {
    entry->status = LogStatus::failed;
    entry->retry_count = retries;
    entry->next_retry_at.reset();
    entry->error = failure.message.empty() ? text : failure.message;
    entry->correlation_id = failure.correlation_id;
    entry->completed_at = now;
    entry->payload = row.intent_fields;
    entry->response = response_text(failure);
    tables_.log.update(*entry);
  }
  // An open conflict is the more urgent thing to say about the record.
  if (record.status != SyncStatus::conflict) {
    record.status = SyncStatus::error;
  }
  record.error = text;
  tables_.records.update(record, rules);
  tables_.events.append(
      "push.failed", record.id, {{"type", record.type}, {"correlationId", failure.correlation_id}}, now
  );
}

void SqliteRepository::settle_failure(
    const TypeRules& rules, const PushOutcome& outcome, RunCounts& counts, Instant now
) {
  auto record = tables_.records.find(outcome.id);
  auto row = tables_.due.find(outcome.id);
  if (!record || !row) {
    return;
  }
  const CallFailure& failure = *outcome.failure;
  if (failure.status != 0) {
    row->deaths = 0;  // Answered, and the process lives.
  }
  // Kept: should HubSpot show these values later, they are ours.
  const Fields sent = row->intent_fields;
  if (outcome.dispatched) {
    note_sent(tables_, *record, failure, *row, now);
  }
  if (is_attempt(failure)) {
    ++row->attempts;
  }
  if (outcome.dispatched && failure.outcome != Outcome::postponed) {
    audit_failure(*record, outcome.kind, without(sent, outcome.refused), now);
  }
  Record plan_of = *record;
  const Effects effects = reconcile(plan_of, rules, rules_.detection, rules_.newest_margin, now);
  const bool exchanged = sent.contains(rules.key) && exchanges_key_with(rules, *record).has_value();
  Fields tried = sent;
  if (exchanged) {
    tried[rules.key] = value_or_empty(record->local, rules.key);  // Letting go of a key is a try to get one.
  }
  const bool superseded =
      outcome.dispatched && failure.outcome == Outcome::refused &&
      (is_superseded(*record, sendable(tables_, rules, effects.push), outcome.kind, tried) ||
       is_undecided_beyond(effects, rules, tables_.conflicts.find_open(record->id), tried));
  if (superseded) {
    row->attempts =
        0;  // Edited while the refused values were on their way: the new ones get their own chance.
    row->next_at = row->not_before;
    tables_.due.update(*row);
    return;
  }
  if (is_final(tables_, rules, *row, outcome, exchanged)) {
    const int retries = row->attempts - (is_attempt(failure) ? 1 : 0);
    fail_due(std::move(*record), rules, std::move(*row), failure, retries, now);
    ++counts.to_hubspot.failed;
    return;
  }
  row->error = failure_text(failure);
  row->next_at = std::max(now + outcome.retry_delay, row->not_before);
  tables_.due.update(*row);
  if (auto entry = tables_.log.find(row->log_id)) {
    entry->status = LogStatus::retrying;
    entry->retry_count = row->attempts;
    entry->next_retry_at = row->next_at;
    entry->error = failure.message;
    entry->correlation_id = failure.correlation_id;
    entry->payload = sent;
    entry->response = response_text(failure);
    tables_.log.update(*entry);
  }
}

RunCounts SqliteRepository::settle_push(
    const std::string& type, const std::vector<PushOutcome>& outcomes, Instant now
) {
  RunCounts counts;
  const TypeRules* const rules = rules_.find(type);
  if (rules == nullptr) {
    return counts;
  }
  for (const PushOutcome& outcome : outcomes) {
    claims_.remove(outcome.id);
    if (const auto record = tables_.records.find(outcome.id); record && outcome.refusal) {
      audit_failure(*record, outcome.kind, outcome.refused, now);  // Whatever became of the rest.
    }
    if (outcome.failure && outcome.failure->overturned) {
      send_again(outcome.id);
    } else if (outcome.failure) {
      settle_failure(*rules, outcome, counts, now);
    } else {
      settle_success(*rules, outcome, counts, now);
    }
  }
  tables_.runs.add_counts_of_type(rules->name, counts);
  return counts;
}

}  // namespace hubsync::store
