// The parts of a draft that concern more than it: conflicts of two versions, records that HubSpot merged, and
// references to what is gone.
#include <algorithm>
#include <utility>

#include "daemon/core/backoff.hpp"
#include "daemon/core/canonical.hpp"
#include "daemon/store/draft.hpp"

namespace hubsync::store {
namespace {

std::vector<std::string> conflicting_fields(const Effects& effects) {
  std::vector<std::string> fields;
  if (effects.deletion_conflict) {
    fields.emplace_back(deleted_field);
  }
  for (const FieldDispute& dispute : effects.conflicts) {
    fields.push_back(dispute.field);
  }
  return fields;
}

/// Deletions 2, natural keys 1, the rest 0.
int urgency(const Effects& effects, const TypeRules& rules) {
  if (effects.deletion_conflict) {
    return 2;
  }
  const auto is_key = [&rules](const FieldDispute& dispute) { return dispute.field == rules.key; };
  return std::ranges::any_of(effects.conflicts, is_key) ? 1 : 0;
}

void put_versions(Conflict& conflict, const Record& record, const TypeRules& rules) {
  conflict.hubspot_id = record.hubspot_id;
  conflict.local_at = record.local_modified;
  conflict.hubspot_at = record.hubspot_modified;
  conflict.local_version.clear();
  conflict.hubspot_version.clear();
  conflict.base_version.clear();
  for (const FieldRule& rule : rules.fields) {
    conflict.local_version[rule.name] = value_or_empty(record.local, rule.name);
    const std::string* const lost = lost_value(record, rule);
    conflict.hubspot_version[rule.name] = lost != nullptr ? *lost : value_or_empty(record.remote, rule.name);
    const auto base = record.base.find(rule.name);
    conflict.base_version[rule.name] = base == record.base.end() ? std::string{} : base->second.local;
  }
  if (std::ranges::find(conflict.fields, deleted_field) != conflict.fields.end()) {
    const auto put = [](Fields& version, bool deleted) {
      version.insert_or_assign(std::string{deleted_field}, deleted ? "true" : "false");
    };
    put(conflict.local_version, record.local_presence != Presence::live);
    put(conflict.hubspot_version, record.remote_presence != Presence::live);
    put(conflict.base_version, false);
  }
}

void close(Conflict& conflict, const std::string& why, Instant now) {
  conflict.resolution = Resolution::auto_resolved;
  conflict.resolved_by = automatic_actor;
  conflict.resolved_at = now;
  ++conflict.version;
  add_event(conflict, {"closed", now, automatic_actor, why});
}

/// What a conflict showed of HubSpot and shows no more, each with what it shows instead. It need not have
/// been replaced by somebody who saw it: a write of ours may have come late (I3).
Base replaced_values(const Fields& before, const Fields& now) {
  Base replaced;
  for (const auto& [field, value] : before) {
    const std::string& other = value_or_empty(now, field);
    if (field != deleted_field && !value.empty() && value != other) {
      replaced[field] = {value, other};
    }
  }
  return replaced;
}

}  // namespace

void Drafts::update_conflict(
    const Draft& draft, const TypeRules& rules, std::optional<Conflict> open, Committed& result, Instant now
) {
  const Record& record = draft.record;
  std::vector<std::string> fields = conflicting_fields(result.effects);
  if (fields.empty()) {
    if (open) {
      const bool mapped = std::ranges::any_of(open->fields, [&rules](const std::string& field) {
        return field == deleted_field || rules.find(field) != nullptr;
      });
      close(*open, mapped ? "the two sides agree" : "its fields are not mapped any more", now);
      tables_.conflicts.update(*open);
      tables_.events.append("conflict.closed", record.id, {{"conflict", std::to_string(open->id)}}, now);
    }
    return;
  }
  Conflict conflict = open.value_or(Conflict{});
  const Conflict before = conflict;
  if (!open) {
    conflict.type = record.type;
    conflict.record = record.id;
    conflict.detected_at = now;
  }
  conflict.fields = std::move(fields);
  conflict.priority = urgency(result.effects, rules);
  put_versions(conflict, record, rules);
  if (!open) {
    add_event(conflict, {"detected", now, automatic_actor, {}});
    const std::int64_t id = tables_.conflicts.insert(conflict);
    tables_.events.append(
        "conflict.detected", record.id, {{"type", record.type}, {"conflict", std::to_string(id)}}, now
    );
    result.conflict_opened = true;
  } else if (conflict.fields != before.fields || conflict.local_version != before.local_version ||
             conflict.hubspot_version != before.hubspot_version) {
    ++conflict.version;
    conflict.history_wanted |= conflict.hubspot_version != before.hubspot_version;
    const Base replaced = replaced_values(before.hubspot_version, conflict.hubspot_version);
    if (!replaced.empty()) {
      tables_.audit.append(
          {.actor = automatic_actor,
           .action = "updated a conflict",
           .type = record.type,
           .record = record.id,
           .values = replaced},
          now
      );
    }
    add_event(conflict, {"updated", now, automatic_actor, {}});
    tables_.conflicts.update(conflict);
    tables_.events.append("conflict.updated", record.id, {{"conflict", std::to_string(conflict.id)}}, now);
  }
}

void Drafts::add_auto_resolved(
    const Draft& draft, const TypeRules& rules, DecidedFields decided, const std::string& details, Instant now
) {
  const auto last = tables_.conflicts.find_last(draft.record.id);
  if (last && last->resolution == Resolution::auto_resolved && last->decided == decided) {
    return;  // Decided again while the winner is on its way.
  }
  Conflict conflict;
  conflict.type = draft.record.type;
  conflict.record = draft.record.id;
  conflict.detected_at = now;
  put_versions(conflict, draft.record, rules);
  for (const auto& [name, field] : decided) {
    conflict.fields.push_back(name);
    conflict.local_version[name] = field.local;
    conflict.hubspot_version[name] = field.remote;
    conflict.base_version[name] = field.base ? field.base->local : std::string{};
    conflict.merged[name] = field.kept;
  }
  conflict.priority = std::ranges::find(conflict.fields, rules.key) != conflict.fields.end() ? 1 : 0;
  conflict.decided = std::move(decided);
  conflict.resolution = Resolution::auto_resolved;
  conflict.resolved_by = automatic_actor;
  conflict.resolved_at = now;
  conflict.history_wanted = false;
  add_event(conflict, {"detected", now, automatic_actor, {}});
  add_event(conflict, {"resolved", now, automatic_actor, details});
  const std::int64_t id = tables_.conflicts.insert(conflict);
  tables_.events.append("conflict.resolved", draft.record.id, {{"conflict", std::to_string(id)}}, now);
}

void Drafts::write_decided(const Draft& draft, const TypeRules& rules, const Effects& effects, Instant now) {
  DecidedFields fields;
  std::string details;
  for (const DecidedDispute& decided : effects.decided) {
    const FieldDispute& dispute = decided.dispute;
    const BasePair kept_and_lost =
        decided.local_won ? BasePair{dispute.local, dispute.remote} : BasePair{dispute.remote, dispute.local};
    tables_.audit.append(
        {.actor = automatic_actor,
         .action = decided.local_won ? "kept local" : "kept hubspot",
         .type = draft.record.type,
         .record = draft.record.id,
         .values = {{dispute.field, kept_and_lost}}},
        now
    );
    fields[dispute.field] = {
        .local = dispute.local, .remote = dispute.remote, .base = dispute.base, .kept = kept_and_lost.local
    };
    details.append(details.empty() ? "" : ", ").append(dispute.field).append("=");
    details.append(decided.local_won ? "local" : "hubspot");
    if (const FieldRule* const rule = rules.find(dispute.field)) {
      details.append(" (").append(rule_name(*rule)).append(")");
    }
  }
  if (!fields.empty()) {
    add_auto_resolved(draft, rules, std::move(fields), details, now);
  }
}

void Drafts::write_superseded(
    const Draft& draft, const TypeRules& rules, const Effects& effects, Instant now
) {
  for (const FieldDispute& dispute : effects.superseded) {
    const DecidedField field{
        .local = dispute.local,
        .remote = dispute.remote,
        .base = dispute.base,
        .kept = value_or_empty(draft.record.remote, dispute.field)
    };
    add_auto_resolved(draft, rules, {{dispute.field, field}}, dispute.field + ": replaced since", now);
  }
}

namespace {

/// Both records that became one were edited here, differently: a person has to choose (I12). Where HubSpot's
/// merge took the value that the duplicate had, that is what both sides agreed on.
void dispute_edits(Record& kept, const Record& duplicate, const FieldRule& rule, const Fields& shown) {
  kept.lost.try_emplace(rule.name, value_or_empty(duplicate.local, rule.name));
  const auto seen = shown.find(rule.name);
  const auto ours = kept.base.find(rule.name);
  const auto theirs = duplicate.base.find(rule.name);
  if (seen != shown.end() && ours != kept.base.end() && theirs != duplicate.base.end() &&
      !same_value(seen->second, ours->second.remote, rule.kind) &&
      same_value(seen->second, theirs->second.remote, rule.kind)) {
    ours->second = theirs->second;
  }
}

}  // namespace

void Drafts::fold(
    Draft& survivor, Record duplicate, const TypeRules& rules, const Fields& shown, Instant now
) {
  Record& kept = survivor.record;
  Base audit_values;
  for (const FieldRule& rule : rules.fields) {
    const std::string& theirs = value_or_empty(duplicate.local, rule.name);
    const std::string ours = value_or_empty(kept.local, rule.name);
    if (theirs == ours) {
      continue;
    }
    audit_values[rule.name] = {ours, theirs};
    const auto edit = duplicate.edited.find(rule.name);
    if (edit == duplicate.edited.end()) {
      continue;
    }
    if (kept.edited.contains(rule.name)) {
      dispute_edits(kept, duplicate, rule, shown);
    } else {
      kept.local[rule.name] = theirs;
      kept.edited[rule.name] = edit->second;
      kept.local_modified = std::max(kept.local_modified, duplicate.local_modified);
      ++kept.version;
      kept.updated_at = now;
    }
  }
  survivor.dirty = true;
  tables_.audit.append(
      {.actor = automatic_actor,
       .action = "merged into " + kept.id.text,
       .type = duplicate.type,
       .record = duplicate.id,
       .values = std::move(audit_values)},
      now
  );
  if (auto open = tables_.conflicts.find_open(duplicate.id)) {
    close(*open, "merged into another record", now);
    tables_.conflicts.update(*open);
  }
  await_writes_of(duplicate.id, kept.id, now);
  if (const auto row = tables_.due.find(duplicate.id)) {
    drop_due(tables_, *row, now);
  }
  const std::optional<HubspotId> old_link = std::exchange(duplicate.hubspot_id, std::nullopt);
  const LocalId gone = duplicate.id;
  tables_.guards.forget(gone);
  Draft tombstone = Draft::of(std::move(duplicate));
  tombstone.record.local_presence = Presence::deleted;
  tombstone.record.remote_presence = Presence::absent;
  tombstone.record.base_presence = Presence::deleted;
  tombstone.record.uid = new_id(now);  // The uid stands for the survivor's HubSpot record from now on.
  tombstone.record.edited.clear();
  tombstone.record.status = SyncStatus::synced;
  tombstone.record.error.clear();
  ++tombstone.record.version;
  tombstone.record.updated_at = now;
  save(tombstone, rules, now);
  tables_.records.move_aliases(gone, kept.id);
  if (old_link && old_link != kept.hubspot_id) {
    tables_.records.add_alias(kept.type, *old_link, kept.id);
  }
  move_references(gone, kept.id, now);
  tables_.due.wake(gone);  // What waited for its link has another target now.
}

void Drafts::await_writes_of(const LocalId& from, const LocalId& to, Instant now) {
  if (const auto row = tables_.due.find(from); row && row->intent != Intent::none) {
    claims_.overturn(from);
    const Instant until = claims_.contains(from) ? now + longest_flight : row->not_before;
    claims_.hold_back(to, HeldBack::everything, until, now);
  }
  if (const auto until = claims_.held_back_until(from, HeldBack::newer, now)) {
    claims_.hold_back(to, HeldBack::everything, *until, now);
  }
}

void Drafts::move_references(const LocalId& from, const LocalId& to, Instant now) {
  for (const LocalId& id : tables_.records.referring_to(from)) {
    Draft referrer = Draft::of(*tables_.records.find(id));
    const TypeRules* const rules = rules_.find(referrer.record.type);
    const FieldRule* const rule = rules == nullptr ? nullptr : rules->reference();
    if (rule == nullptr) {
      continue;
    }
    const auto move = [&](std::string& value) { value = value == from.text ? to.text : value; };
    referrer.record.local[rule->name] = to.text;
    if (const auto seen = referrer.record.remote.find(rule->name); seen != referrer.record.remote.end()) {
      move(seen->second);
    }
    if (const auto base = referrer.record.base.find(rule->name); base != referrer.record.base.end()) {
      move(base->second.local);
      move(base->second.remote);
    }
    ++referrer.record.version;
    referrer.record.updated_at = now;
    referrer.dirty = true;
    commit(referrer, *rules, {}, now);
  }
}

namespace {

/// Nothing is left to say about a company that is gone. Where HubSpot shows another one, that one is still to
/// be taken over, even if it was known when somebody chose the one that is gone, or a merge makes it the one
/// that was agreed on before.
void forget_reference(Record& record, const std::string& field, const LocalId& gone) {
  record.edited.erase(field);
  const auto remote = record.remote.find(field);
  if (remote != record.remote.end() && remote->second == gone.text) {
    remote->second.clear();
  }
  const auto base = record.base.find(field);
  if (base != record.base.end()) {
    base->second = {};
  }
}

}  // namespace

void Drafts::drop_references(const LocalId& gone, Instant now) {
  for (const LocalId& id : tables_.records.referring_to(gone)) {
    auto stored = tables_.records.find(id);
    if (!stored) {
      continue;
    }
    Draft referrer = Draft::of(std::move(*stored));
    const TypeRules* const rules = rules_.find(referrer.record.type);
    const FieldRule* const rule = rules == nullptr ? nullptr : rules->reference();
    if (rule == nullptr) {
      continue;
    }
    Record& record = referrer.record;
    record.local.erase(rule->name);
    const auto base = record.base.find(rule->name);
    const auto remote = record.remote.find(rule->name);
    const bool agreed = base != record.base.end() && !base->second.local.empty() &&
                        remote != record.remote.end() && remote->second == base->second.remote;
    // Moved here from another company that HubSpot still shows: that move stays, to none.
    const bool moved = agreed && base->second.local != gone.text && remote->second != gone.text;
    if (!moved) {
      forget_reference(record, rule->name, gone);
    }
    ++record.version;
    record.updated_at = now;
    referrer.dirty = true;
    commit(referrer, *rules, {}, now);
  }
  tables_.due.wake(gone);  // Nothing comes that could be waited for.
}

}  // namespace hubsync::store
