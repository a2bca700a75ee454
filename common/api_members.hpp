// Which JSON members each struct of api.hpp has, said once for reading and writing. Included by api_codec.cpp
// only.
//
// An Io is called with a name and the member that belongs to it, in the order of the JSON. Beside that it has
// if_present() for members that lists leave out, and other_members() for a record's fields, which stand at
// its top.
#pragma once

#include <concepts>
#include <type_traits>

#include "common/api.hpp"
#include "common/api_webhooks.hpp"

namespace hubsync::api {

template <class T, class U>
concept Like = std::same_as<std::remove_const_t<T>, U>;

template <class T>
struct IsPage : std::false_type {};
template <class T>
struct IsPage<Page<T>> : std::true_type {};
template <class T>
struct IsWalkPage : std::false_type {};
template <class T>
struct IsWalkPage<WalkPage<T>> : std::true_type {};

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T, std::less<>>> : std::true_type {};

template <class T>
concept AnyPage = IsPage<std::remove_const_t<T>>::value;
template <class T>
concept AnyWalkPage = IsWalkPage<std::remove_const_t<T>>::value;

void members(auto& io, AnyPage auto& v) {
  io("items", v.items);
  io("page", v.page);
  io("limit", v.limit);
  io("total", v.total);
}

void members(auto& io, AnyWalkPage auto& v) {
  io("items", v.items);
  io("next", v.next);
}

void members(auto& io, Like<Record> auto& v) {
  io("id", v.id);
  io("hubspotId", v.hubspot_id);
  io.other_members(v.fields);
  io("customFields", v.custom_fields);
  io("syncStatus", v.sync_status);
  io("syncDirection", v.sync_direction);
  io("lastModifiedLocal", v.last_modified_local);
  io("lastModifiedHubspot", v.last_modified_hubspot);
  io("lastSyncedAt", v.last_synced_at);
  io("version", v.version);
  io("deleted", v.deleted);
  io("createdAt", v.created_at);
  io("updatedAt", v.updated_at);
  io("errorMessage", v.error_message);
}

void members(auto& io, Like<SyncLog> auto& v) {
  io("id", v.id);
  io("entityType", v.entity_type);
  io("entityId", v.entity_id);
  io("hubspotId", v.hubspot_id);
  io("action", v.action);
  io("direction", v.direction);
  io("status", v.status);
  io("retryCount", v.retry_count);
  io("maxRetries", v.max_retries);
  io("nextRetryAt", v.next_retry_at);
  io("errorMessage", v.error_message);
  io("correlationId", v.correlation_id);
  io("durationMs", v.duration_ms);
  io("createdAt", v.created_at);
  io("completedAt", v.completed_at);
  io.if_present("payload", v.payload);
  io.if_present("response", v.response);
}

void members(auto& io, Like<AuditEntry> auto& v) {
  io("action", v.action);
  io("timestamp", v.timestamp);
  io("user", v.user);
  io("details", v.details);
}

void members(auto& io, Like<Conflict> auto& v) {
  io("id", v.id);
  io("entityType", v.entity_type);
  io("entityId", v.entity_id);
  io("hubspotId", v.hubspot_id);
  io("localVersion", v.local_version);
  io("hubspotVersion", v.hubspot_version);
  io("baseVersion", v.base_version);
  io("conflictingFields", v.conflicting_fields);
  io("localTimestamp", v.local_timestamp);
  io("hubspotTimestamp", v.hubspot_timestamp);
  io("detectedAt", v.detected_at);
  io("resolvedAt", v.resolved_at);
  io("resolutionType", v.resolution_type);
  io("resolvedBy", v.resolved_by);
  io("mergedData", v.merged_data);
  io("priority", v.priority);
  io("auditLog", v.audit_log);
  io("version", v.version);
  io("hubspotChanges", v.hubspot_changes);
  io("decisions", v.decisions);
}

void members(auto& io, Like<HubspotChange> auto& v) {
  io("field", v.field);
  io("value", v.value);
  io("timestamp", v.timestamp);
  io("source", v.source);
  io("user", v.user);
}

void members(auto& io, Like<DecidedField> auto& v) {
  io("field", v.field);
  io("base", v.base);
  io("local", v.local);
  io("hubspot", v.hubspot);
  io("kept", v.kept);
}

void members(auto& io, Like<ResolveResult> auto& v) {
  io("id", v.id);
  io("error", v.error);
  io("conflict", v.conflict);
}

void members(auto& io, Like<ResolveResults> auto& v) {
  io("items", v.items);
}

void members(auto& io, Like<GuardedRecord> auto& v) {
  io("type", v.type);
  io("id", v.id);
  io("hubspotId", v.hubspot_id);
  io("label", v.label);
}

void members(auto& io, Like<Guard> auto& v) {
  io("id", v.id);
  io("kind", v.kind);
  io("entityType", v.entity_type);
  io("direction", v.direction);
  io("count", v.count);
  io("limit", v.limit);
  io("message", v.message);
  io("createdAt", v.created_at);
  io("releasedAt", v.released_at);
  io("releasedBy", v.released_by);
  io("sample", v.sample);
}

void members(auto& io, Like<EffectCounts> auto& v) {
  io("created", v.created);
  io("updated", v.updated);
  io("deleted", v.deleted);
  io("unchanged", v.unchanged);
  io("conflicts", v.conflicts);
  io("failed", v.failed);
}

void members(auto& io, Like<RunCounts> auto& v) {
  io("toHubspot", v.to_hubspot);
  io("fromHubspot", v.from_hubspot);
}

void members(auto& io, Like<RunProgress> auto& v) {
  io("done", v.done);
  io("total", v.total);
}

void members(auto& io, Like<PlannedField> auto& v) {
  io("field", v.field);
  io("before", v.before);
  io("after", v.after);
}

void members(auto& io, Like<PlannedConflict> auto& v) {
  io("field", v.field);
  io("base", v.base);
  io("local", v.local);
  io("hubspot", v.hubspot);
}

void members(auto& io, Like<PlannedChange> auto& v) {
  io("type", v.type);
  io("id", v.id);
  io("hubspotId", v.hubspot_id);
  io("direction", v.direction);
  io("action", v.action);
  io("fields", v.fields);
  io("conflicts", v.conflicts);
}

void members(auto& io, Like<Run> auto& v) {
  io("id", v.id);
  io("kind", v.kind);
  io("types", v.types);
  io("dryRun", v.dry_run);
  io("state", v.state);
  io("startedAt", v.started_at);
  io("finishedAt", v.finished_at);
  io("progress", v.progress);
  io("counts", v.counts);
  io("apiCalls", v.api_calls);
  io("guards", v.guards);
  io("error", v.error);
  io.if_present("plan", v.plan);
}

void members(auto& io, Like<ReleaseRequest> auto& v) {
  io("count", v.count);
}

void members(auto& io, Like<TriggerRequest> auto& v) {
  io("types", v.types);
  io("full", v.full);
  io("dryRun", v.dry_run);
}

void members(auto& io, Like<Triggered> auto& v) {
  io("runId", v.run_id);
  io("joined", v.joined);
}

void members(auto& io, Like<RecordCounts> auto& v) {
  io("total", v.total);
  io("synced", v.synced);
  io("pending", v.pending);
  io("conflict", v.conflict);
  io("error", v.error);
}

void members(auto& io, Like<QueueStatus> auto& v) {
  io("pending", v.pending);
  io("running", v.running);
  io("retrying", v.retrying);
  io("failed", v.failed);
  io("completed", v.completed);
}

void members(auto& io, Like<RateStatus> auto& v) {
  io("capacity", v.capacity);
  io("available", v.available);
  io("waiting", v.waiting);
  io("intervalMs", v.interval_ms);
  io("dailyUsed", v.daily_used);
  io("dailyLimit", v.daily_limit);
}

void members(auto& io, Like<WebhookStatus> auto& v) {
  io("listening", v.listening);
  io("received", v.received);
  io("rejected", v.rejected);
  io("backlog", v.backlog);
  io("lastEventAt", v.last_event_at);
}

void members(auto& io, Like<Waiting> auto& v) {
  io("pending", v.pending);
}

void members(auto& io, Like<Status> auto& v) {
  io("state", v.state);
  io("version", v.version);
  io("uptimeSeconds", v.uptime_seconds);
  io("records", v.records);
  io("queue", v.queue);
  io("rateLimit", v.rate_limit);
  io("webhooks", v.webhooks);
  io("conflicts", v.conflicts);
  io("lastFullSync", v.last_full_sync);
  io("lastPoll", v.last_poll);
  io("freshness", v.freshness);
  io("guards", v.guards);
  io("problems", v.problems);
  io("portalId", v.portal_id);
}

void members(auto& io, Like<DueItem> auto& v) {
  io("id", v.id);
  io("entityType", v.entity_type);
  io("entityId", v.entity_id);
  io("hubspotId", v.hubspot_id);
  io("state", v.state);
  io("attempts", v.attempts);
  io("since", v.since);
  io("nextAt", v.next_at);
  io("errorMessage", v.error_message);
  io("logId", v.log_id);
}

void members(auto& io, Like<LastWriter> auto& v) {
  io("timestamp", v.timestamp);
  io("user", v.user);
  io("source", v.source);
}

void members(auto& io, Like<ExplainedField> auto& v) {
  io("field", v.field);
  io("property", v.property);
  io("rule", v.rule);
  io("local", v.local);
  io("base", v.base);
  io("baseHubspot", v.base_hubspot);
  io("hubspot", v.hubspot);
  io("state", v.state);
  io("why", v.why);
  io("lastLocal", v.last_local);
  io("lastHubspot", v.last_hubspot);
}

void members(auto& io, Like<Explanation> auto& v) {
  io("type", v.type);
  io("id", v.id);
  io("hubspotId", v.hubspot_id);
  io("formerHubspotIds", v.former_hubspot_ids);
  io("uid", v.uid);
  io("summary", v.summary);
  io("localPresence", v.local_presence);
  io("hubspotPresence", v.hubspot_presence);
  io("basePresence", v.base_presence);
  io("syncStatus", v.sync_status);
  io("version", v.version);
  io("lastSyncedAt", v.last_synced_at);
  io("errorMessage", v.error_message);
  io("fields", v.fields);
  io("pending", v.pending);
  io("waitingOn", v.waiting_on);
  io("conflict", v.conflict);
  io("recentLogs", v.recent_logs);
}

void members(auto& io, Like<QueuePaused> auto& v) {
  io("paused", v.paused);
}

void members(auto& io, Like<Retried> auto& v) {
  io("retried", v.retried);
}

void members(auto& io, Like<WebhookItem> auto& v) {
  io("id", v.id);
  io("subscriptionType", v.subscription_type);
  io("propertyName", v.property_name);
  io("entityType", v.entity_type);
  io("hubspotIds", v.hubspot_ids);
  io("state", v.state);
  io("attempts", v.attempts);
  io("portalId", v.portal_id);
  io("eventId", v.event_id);
  io("occurredAt", v.occurred_at);
  io("receivedAt", v.received_at);
  io("doneAt", v.done_at);
  io("errorMessage", v.error_message);
}

void members(auto& io, Like<WebhookSubscription> auto& v) {
  io("eventType", v.event_type);
  io("objectTypeId", v.object_type_id);
  io("propertyName", v.property_name);
}

void members(auto& io, Like<WebhookSetup> auto& v) {
  io("listening", v.listening);
  io("targetUrl", v.target_url);
  io("subscriptions", v.subscriptions);
}

void members(auto& io, Like<WebhookTest> auto& v) {
  io("url", v.url);
  io("status", v.status);
  io("event", v.event);
  io("durationMs", v.duration_ms);
}

void members(auto& io, Like<ConfigText> auto& v) {
  io("file", v.file);
  io("toml", v.toml);
}

}  // namespace hubsync::api
