#include "daemon/api/convert.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "common/assert.hpp"

namespace hubsync::api {
namespace {

std::optional<std::string> non_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional<std::string>{text};
}

std::optional<std::string> id_text(const std::optional<HubspotId>& id) {
  return id ? std::optional{hubsync::to_string(*id)} : std::nullopt;
}

FieldList field_list(const Fields& fields) {
  FieldList list;
  for (const auto& [name, value] : fields) {
    list.push_back({name, non_empty(value)});
  }
  return list;
}

std::string action_word(RecordAction action) {
  switch (action) {
    case RecordAction::create_local:
    case RecordAction::create_remote:
      return "create";
    case RecordAction::delete_local:
    case RecordAction::delete_remote:
    case RecordAction::agree_deleted:
      return "delete";
    case RecordAction::none:
    case RecordAction::merge:
    case RecordAction::deletion_conflict:
      return "update";
  }
  assertion_failed("every RecordAction has a word", __FILE__, __LINE__);
}

PlannedChange planned_head(const hubsync::PlannedChange& change) {
  PlannedChange result;
  result.type = change.type;
  result.id = non_empty(change.record.text);
  result.hubspot_id = id_text(change.hubspot_id);
  return result;
}

PlannedChange planned_travel(const hubsync::PlannedChange& change) {
  PlannedChange result = planned_head(change);
  result.direction = hubsync::to_string(change.direction);
  result.action = action_word(change.action);
  if (result.action == "delete") {
    return result;
  }
  for (const auto& [field, after] : change.after) {
    const std::string& before = value_or_empty(change.before, field);
    if (before != after) {
      result.fields.push_back({field, non_empty(before), non_empty(after)});
    }
  }
  return result;
}

PlannedChange planned_conflict(const hubsync::PlannedChange& change) {
  PlannedChange result = planned_head(change);
  result.action = "conflict";
  if (change.action == RecordAction::deletion_conflict) {
    const bool here = change.deleted_here;
    result.conflicts.push_back(
        {.field = std::string{deleted_field},
         .base = "false",
         .local = here ? "true" : "false",
         .hubspot = here ? "false" : "true"}
    );
  }
  for (const FieldDispute& dispute : change.conflicts) {
    result.conflicts.push_back(
        {.field = dispute.field,
         .base = dispute.base ? non_empty(dispute.base->local) : std::nullopt,
         .local = non_empty(dispute.local),
         .hubspot = non_empty(dispute.remote)}
    );
  }
  return result;
}

/// Adds what is not there by the name of its field; ordered by that name.
template <class T>
void merge(std::vector<T>& fields, std::vector<T>& more) {
  for (T& one : more) {
    if (std::ranges::find(fields, one.field, &T::field) == fields.end()) {
      fields.push_back(std::move(one));
    }
  }
  std::ranges::sort(fields, {}, &T::field);
}

/// A dry run meets a record more than once, such as for its values and for its associations: one line tells
/// of both.
class MergedPlan {
 public:
  void add(PlannedChange change) {
    const Key key{
        change.type,
        change.id.value_or(""),
        change.hubspot_id.value_or(""),
        change.direction.value_or(""),
        change.action
    };
    const auto [place, is_new] = places_.try_emplace(key, changes_.size());
    if (is_new) {
      std::ranges::sort(change.conflicts, {}, &PlannedConflict::field);
      changes_.push_back(std::move(change));
      return;
    }
    merge(changes_[place->second].fields, change.fields);
    merge(changes_[place->second].conflicts, change.conflicts);
  }

  [[nodiscard]] std::vector<PlannedChange> take() { return std::move(changes_); }

 private:
  using Key = std::array<std::string, 5>;
  std::map<Key, std::size_t> places_;
  std::vector<PlannedChange> changes_;
};

}  // namespace

Record to_api(const hubsync::Record& record) {
  const auto top = top_level_fields(record.type);
  Record result;
  result.type = record.type;
  result.id = record.id.text;
  result.hubspot_id = id_text(record.hubspot_id);
  for (const std::string_view name : top) {
    result.fields.push_back({std::string{name}, non_empty(value_or_empty(record.local, name))});
  }
  for (const auto& [name, value] : record.local) {
    if (!value.empty() && std::ranges::find(top, name) == top.end()) {
      result.custom_fields.push_back({name, value});
    }
  }
  result.sync_status = hubsync::to_string(record.status);
  result.sync_direction = non_empty(hubsync::to_string(record.direction));
  result.last_modified_local = record.local_modified;
  result.last_modified_hubspot = record.hubspot_modified;
  result.last_synced_at = record.synced_at;
  result.version = record.version;
  result.deleted = record.local_presence == Presence::deleted;
  result.created_at = record.created_at;
  result.updated_at = record.updated_at;
  result.error_message = non_empty(record.error);
  return result;
}

SyncLog to_api(const LogEntry& entry, int max_retries, bool single) {
  SyncLog result;
  result.id = std::to_string(entry.id);
  result.entity_type = entry.type;
  result.entity_id = non_empty(entry.record.text);
  result.hubspot_id = id_text(entry.hubspot_id);
  result.action = hubsync::to_string(entry.action);
  result.direction = non_empty(hubsync::to_string(entry.direction));
  result.status = hubsync::to_string(entry.status);
  result.retry_count = entry.retry_count;
  result.max_retries = max_retries;
  result.next_retry_at = entry.next_retry_at;
  result.error_message = non_empty(entry.error);
  result.correlation_id = non_empty(entry.correlation_id);
  result.duration_ms =
      entry.duration.transform([](Duration duration) { return std::int64_t{duration.count()}; });
  result.created_at = entry.created_at;
  result.completed_at = entry.completed_at;
  if (single) {
    result.payload = field_list(entry.payload);
    result.response = entry.response;
  }
  return result;
}

Conflict to_api(const hubsync::Conflict& conflict) {
  Conflict result;
  result.id = std::to_string(conflict.id);
  result.entity_type = conflict.type;
  result.entity_id = conflict.record.text;
  result.hubspot_id = id_text(conflict.hubspot_id);
  result.local_version = field_list(conflict.local_version);
  result.hubspot_version = field_list(conflict.hubspot_version);
  result.base_version = field_list(conflict.base_version);
  result.conflicting_fields = conflict.fields;
  result.local_timestamp = conflict.local_at;
  result.hubspot_timestamp = conflict.hubspot_at;
  result.detected_at = conflict.detected_at;
  result.resolved_at = conflict.resolved_at;
  result.resolution_type = hubsync::to_string(conflict.resolution);
  result.resolved_by = non_empty(conflict.resolved_by);
  result.merged_data = field_list(conflict.merged);
  result.priority = conflict.priority;
  for (const ConflictEvent& event : conflict.events) {
    result.audit_log.push_back({event.action, event.at, non_empty(event.user), non_empty(event.details)});
  }
  result.version = conflict.version;
  for (const auto& [field, version] : conflict.changes) {
    result.hubspot_changes.push_back(
        {.field = field,
         .value = non_empty(version.value),
         .timestamp = version.at,
         .source = non_empty(version.source),
         .user = non_empty(version.user)}
    );
  }
  for (const auto& [name, field] : conflict.decided) {
    result.decisions.push_back(
        {.field = name,
         .base = field.base ? non_empty(field.base->local) : std::nullopt,
         .local = non_empty(field.local),
         .hubspot = non_empty(field.remote),
         .kept = non_empty(field.kept)}
    );
  }
  return result;
}

WebhookItem to_api(const InboxItem& item) {
  const InboxEvent& event = item.event;
  WebhookItem result;
  result.id = std::to_string(item.id);
  result.subscription_type = event.subscription_type;
  result.property_name = event.property.empty() ? std::nullopt : std::optional{event.property};
  result.entity_type = event.hint.type.empty() ? std::nullopt : std::optional{event.hint.type};
  for (const HubspotId id : event.hint.ids) {
    result.hubspot_ids.push_back(hubsync::to_string(id));
  }
  result.state = hubsync::to_string(item.state);
  result.attempts = item.attempts;
  result.portal_id = std::to_string(event.portal_id);
  result.event_id = std::to_string(event.event_id);
  result.occurred_at = event.occurred_at;
  result.received_at = item.received_at;
  result.done_at = item.done_at;
  result.error_message = item.error.empty() ? std::nullopt : std::optional{item.error};
  return result;
}

DueItem to_api(const hubsync::DueItem& item) {
  DueItem result;
  result.id = item.record.text;
  result.entity_type = item.type;
  result.entity_id = item.record.text;
  result.hubspot_id = id_text(item.hubspot_id);
  result.state = hubsync::to_string(item.state);
  result.attempts = item.attempts;
  result.since = item.since;
  if (item.state == hubsync::DueItem::State::ready) {
    result.next_at = item.next_at;
  }
  result.error_message = non_empty(item.error);
  if (item.log_id != 0) {
    result.log_id = std::to_string(item.log_id);
  }
  return result;
}

Guard to_api(const hubsync::Guard& guard) {
  Guard result{
      .id = std::to_string(guard.id),
      .kind = "max_delete",
      .entity_type = guard.type,
      .direction = std::string{to_string(guard.direction)},
      .count = guard.count,
      .limit = guard.limit,
      .message = describe(guard),
      .created_at = guard.created_at,
      .released_at = guard.released_by.empty() ? std::nullopt : guard.closed_at,
      .released_by = guard.released_by.empty() ? std::nullopt : std::optional{guard.released_by}
  };
  for (const HeldRecord& held : guard.sample) {
    GuardedRecord record{.type = guard.type, .id = held.id.text};
    if (held.hubspot_id) {
      record.hubspot_id = to_string(*held.hubspot_id);
    }
    if (!held.key.empty()) {
      record.label = held.key;
    }
    result.sample.push_back(std::move(record));
  }
  return result;
}

Run to_api(const hubsync::Run& run) {
  Run result;
  result.id = run.id;
  result.kind = hubsync::to_string(run.kind);
  result.types = run.types;
  result.dry_run = run.dry_run;
  result.state = hubsync::to_string(run.state);
  result.started_at = run.started_at;
  result.finished_at = run.finished_at;
  for (const auto& [type, progress] : run.progress) {
    result.progress[type] = {.done = progress.done, .total = progress.total};
  }
  result.counts = {
      .to_hubspot = to_api(run.counts.to_hubspot), .from_hubspot = to_api(run.counts.from_hubspot)
  };
  for (const hubsync::Guard& guard : run.guards) {
    result.guards.push_back(to_api(guard));
  }
  result.api_calls = run.api_calls;
  result.error = run.error;
  return result;
}

std::vector<PlannedChange> to_api(const std::vector<hubsync::PlannedChange>& plan) {
  MergedPlan merged;
  for (const hubsync::PlannedChange& change : plan) {
    if (change.direction != SyncDirection::none) {
      merged.add(planned_travel(change));
    }
    if (!change.conflicts.empty() || change.action == RecordAction::deletion_conflict) {
      merged.add(planned_conflict(change));
    }
  }
  return merged.take();
}

EffectCounts to_api(const hubsync::EffectCounts& counts) {
  return {
      .created = counts.created,
      .updated = counts.updated,
      .deleted = counts.deleted,
      .unchanged = counts.unchanged,
      .conflicts = counts.conflicts,
      .failed = counts.failed
  };
}

RateStatus to_api(const Throttle::Snapshot& snapshot) {
  return {
      .capacity = snapshot.capacity,
      .available = snapshot.available,
      .waiting = static_cast<std::int64_t>(snapshot.waiting),
      .interval_ms = snapshot.interval.count(),
      .daily_used = snapshot.daily_used,
      .daily_limit = snapshot.daily_limit
  };
}

QueueStatus to_api(const QueueCounts& counts) {
  return {
      .pending = counts.pending,
      .running = counts.running,
      .retrying = counts.retrying,
      .failed = counts.failed,
      .completed = counts.completed
  };
}

RecordCounts to_api(const hubsync::RecordCounts& counts) {
  return {
      .total = counts.total,
      .synced = counts.synced,
      .pending = counts.pending,
      .conflict = counts.conflict,
      .error = counts.error
  };
}

std::string_view to_string(Engine::State state) {
  switch (state) {
    case Engine::State::idle:
      return "idle";
    case Engine::State::syncing:
      return "syncing";
    case Engine::State::paused:
      return "paused";
    case Engine::State::degraded:
      return "degraded";
  }
  assertion_failed("every state has a word", __FILE__, __LINE__);
}

}  // namespace hubsync::api
