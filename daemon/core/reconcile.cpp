#include "daemon/core/reconcile.hpp"

#include <algorithm>
#include <utility>

#include "daemon/core/canonical.hpp"
#include "daemon/core/resolution.hpp"

namespace hubsync {
namespace {

/// The local view keeps no empty values: missing is empty there.
void set_local(Record& record, const std::string& field, const std::string& value) {
  if (value.empty()) {
    record.local.erase(field);
  } else {
    record.local[field] = value;
  }
}

void apply_pull(Record& record, const Fields& pull, Effects& effects) {
  for (const auto& [field, value] : pull) {
    effects.overwritten[field] = value_or_empty(record.local, field);
    set_local(record, field, value);
    record.base[field] = {value, value};
    record.edited.erase(field);
  }
}

void apply_agreement(Record& record, const Base& agree) {
  for (const auto& [field, pair] : agree) {
    record.base[field] = pair;
    record.edited.erase(field);
  }
}

/// Lost values that nobody has to decide about any more.
bool forget_lost(Record& record, const TypeRules& rules, Effects& effects) {
  return std::erase_if(record.lost, [&](const auto& lost) {
           const auto& [field, value] = lost;
           const FieldRule* const rule = rules.find(field);
           if (rule == nullptr || lost_value(record, *rule) != nullptr) {
             return rule == nullptr;
           }
           const std::string& local = value_or_empty(record.local, field);
           if (!same_value(local, value, rule->kind)) {
             const auto base = record.base.find(field);
             effects.superseded.push_back(
                 {field, local, value, base == record.base.end() ? std::nullopt : std::optional{base->second}}
             );
           }
           return true;
         }) > 0;
}

template <class T>
bool assign(T& target, T value) {
  if (target == value) {
    return false;
  }
  target = std::move(value);
  return true;
}

/// The presence both sides agree on after `action`, and the local presence that follows from it.
bool move_presence(Record& record, RecordAction action) {
  switch (action) {
    case RecordAction::merge:
      return assign(record.base_presence, Presence::live);
    case RecordAction::create_local:
      record.local_presence = Presence::live;
      record.base_presence = Presence::live;
      return true;
    case RecordAction::delete_local:
      record.local_presence = Presence::deleted;
      record.base_presence = Presence::deleted;
      return true;
    case RecordAction::agree_deleted:
      record.edited.clear();
      return assign(record.base_presence, Presence::deleted);
    case RecordAction::none:
    case RecordAction::create_remote:
    case RecordAction::delete_remote:
    case RecordAction::deletion_conflict:
      break;
  }
  return false;
}

bool is_restored_there(const Record& record) {
  return record.local_presence != Presence::live && record.base_presence == Presence::deleted &&
         record.remote_presence == Presence::live;
}

/// A parked record stays `error` while the same work waits; an edit or a retry resets it before reconciling.
SyncStatus next_status(const Record& record, const Effects& effects) {
  if (!effects.conflicts.empty() || effects.deletion_conflict) {
    return SyncStatus::conflict;
  }
  if (effects.push_needed) {
    return record.status == SyncStatus::error ? SyncStatus::error : SyncStatus::pending;
  }
  return SyncStatus::synced;
}

bool move_status(Record& record, SyncStatus status) {
  if (status != SyncStatus::error) {
    record.error.clear();
  }
  return assign(record.status, status);
}

}  // namespace

bool absorb(
    Record& record,
    const RemoteRecord& seen,
    const TypeRules& rules,
    const std::optional<std::string>& reference
) {
  bool changed = false;
  if (seen.archived || !seen.values.empty()) {
    changed = assign(record.remote_presence, seen.archived ? Presence::deleted : Presence::live);
  }
  for (const auto& [field, value] : seen.values) {
    if (rules.find(field) == nullptr) {
      continue;
    }
    const auto [place, added] = record.remote.try_emplace(field, value);
    changed |= added || assign(place->second, value);
  }
  const FieldRule* const reference_rule = rules.reference();
  if (reference && reference_rule != nullptr) {
    const auto [place, added] = record.remote.try_emplace(reference_rule->name, *reference);
    changed |= added || assign(place->second, *reference);
  }
  if (seen.modified && (!record.hubspot_modified || *seen.modified > *record.hubspot_modified)) {
    record.hubspot_modified = seen.modified;
    changed = true;
  }
  return changed;
}

bool shows_before_deletion(const Record& record, Instant asked, Instant now) {
  return record.base_presence == Presence::deleted && record.remote_presence == Presence::deleted &&
         record.synced_at && asked <= *record.synced_at && *record.synced_at <= now;
}

void agree_on_sent(Record& record, const Fields& sent, const Fields& echoed) {
  for (const auto& [field, value] : sent) {
    const auto answer = echoed.find(field);
    if (answer == echoed.end()) {
      continue;
    }
    record.base[field] = {value, answer->second};
    if (value_or_empty(record.local, field) == value) {
      record.edited.erase(field);
    }
  }
  record.base_presence = Presence::live;
  record.direction = SyncDirection::to_hubspot;
}

namespace {

bool shows(const Record& record, const TypeRules& rules, const std::string& field, const std::string& value) {
  const FieldRule* const rule = rules.find(field);
  const auto shown = record.remote.find(field);
  return rule != nullptr && shown != record.remote.end() && same_value(shown->second, value, rule->kind);
}

}  // namespace

bool shows_all(const Record& record, const TypeRules& rules, const Fields& sent) {
  return std::ranges::all_of(sent, [&](const auto& field) {
    return shows(record, rules, field.first, field.second);
  });
}

bool shows_created(const RemoteRecord& seen, const TypeRules& rules, const Fields& sent) {
  return !sent.empty() && std::ranges::all_of(sent, [&](const auto& field) {
    const FieldRule* const rule = rules.find(field.first);
    return rule == nullptr || rule->kind == ValueKind::reference ||
           same_value(value_or_empty(seen.values, field.first), field.second, rule->kind);
  });
}

bool agree_on_shown(Record& record, const TypeRules& rules, const Fields& sent) {
  if (record.remote_presence != Presence::live) {
    return false;
  }
  bool changed = false;
  for (const auto& [field, value] : sent) {
    if (!shows(record, rules, field, value)) {
      continue;
    }
    changed |= assign(record.base[field], BasePair{value, record.remote.at(field)});
    if (value_or_empty(record.local, field) == value) {
      record.edited.erase(field);
    }
  }
  return changed;
}

Effects reconcile(
    Record& record,
    const TypeRules& rules,
    Detection detection,
    Duration newest_margin,
    Instant now,
    const FieldTimes& remote_times
) {
  Effects effects;
  if (is_restored_there(record)) {
    reclaim_edits(record, rules);  // Whoever deleted it here gave them up.
  }
  const bool forgotten = forget_lost(record, rules, effects);
  Plan plan = hubsync::plan(record, rules, detection, newest_margin, remote_times);
  effects.action = plan.action;
  effects.push_needed = !plan.push.empty() || plan.action == RecordAction::create_remote ||
                        plan.action == RecordAction::delete_remote;
  effects.needs_history = plan.needs_history;
  effects.deletion_conflict = plan.action == RecordAction::deletion_conflict;
  effects.conflicts = std::move(plan.conflicts);
  effects.decided = std::move(plan.decided);
  effects.changed = move_presence(record, plan.action) || forgotten;
  effects.changed |= !plan.pull.empty() || !plan.agree.empty();
  apply_pull(record, plan.pull, effects);
  apply_agreement(record, plan.agree);

  const bool local_view_changed = !plan.pull.empty() || plan.action == RecordAction::create_local ||
                                  plan.action == RecordAction::delete_local;
  if (local_view_changed) {
    ++record.version;
    record.updated_at = now;
    record.direction = plan.push.empty() ? SyncDirection::from_hubspot : SyncDirection::bidirectional;
  }
  effects.pulled = std::move(plan.pull);
  effects.push = std::move(plan.push);
  effects.changed |= move_status(record, next_status(record, effects));
  if (effects.changed && record.status == SyncStatus::synced) {
    record.synced_at = now;
  }
  return effects;
}

}  // namespace hubsync
