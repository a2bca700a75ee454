// The queue and the sync log as people see and steer them.
#include <utility>

#include "daemon/store/repository.hpp"

namespace hubsync::store {

DueSummary SqliteRepository::due_summary(const std::string& type, Instant now) {
  const TypeRules* const rules = rules_.find(type);
  if (rules == nullptr || is_paused(tables_)) {
    return {};
  }
  DueSummary summary = tables_.due.summary(rules->name, now);
  for (const auto& [record, claim] : claims_.all()) {
    const auto row = tables_.due.find(record);
    if (row && row->type == rules->name && row->state == DueItem::State::ready && row->next_at <= now) {
      --summary.ready;
    }
  }
  return summary;
}

Page<DueItem> SqliteRepository::list_due(std::int64_t page, std::int64_t limit) {
  Page<DueItem> result;
  for (const DueRow& row : tables_.due.list((page - 1) * limit, limit)) {
    const bool running = claims_.contains(row.record);
    result.items.push_back(
        {.record = row.record,
         .type = row.type,
         .hubspot_id = tables_.records.link_of(row.record),
         .state = running ? DueItem::State::running : row.state,
         .attempts = row.attempts,
         .since = row.since,
         .next_at = std::max(row.next_at, row.since),
         .error = row.error,
         .log_id = row.log_id}
    );
  }
  result.total = tables_.due.count();
  return result;
}

Result<void> SqliteRepository::cancel_due(const LocalId& id, const std::string& actor, Instant now) {
  auto row = tables_.due.find(id);
  if (!row) {
    return fail(
        ErrorCode::not_found,
        "nothing waits to be sent for " + id.text,
        "`hubsync queue list` shows what does"
    );
  }
  if (claims_.contains(id)) {
    return fail(ErrorCode::conflict, id.text + " is being sent now", "try again in a moment");
  }
  const std::string why = "cancelled by " + actor;
  row->state = DueItem::State::failed;
  row->error = why;
  tables_.due.update(*row);
  if (auto entry = tables_.log.find(row->log_id)) {
    entry->status = LogStatus::failed;
    entry->error = why;
    entry->next_retry_at.reset();
    entry->completed_at = now;
    tables_.log.update(*entry);
  }
  auto record = tables_.records.find(id);
  const TypeRules* const rules = rules_.find(row->type);
  if (record && rules != nullptr && record->status == SyncStatus::pending) {
    record->status = SyncStatus::error;
    record->error = why;
    tables_.records.update(*record, *rules);
  }
  tables_.audit.append({.actor = actor, .action = "cancel", .type = row->type, .record = id}, now);
  tables_.events.append("queue.cancelled", id, {{"type", row->type}}, now);
  return {};
}

void SqliteRepository::set_paused(bool paused, const std::string& actor, Instant now) {
  if (is_paused(tables_) == paused) {
    return;
  }
  tables_.facts.set_fact("paused", paused ? "1" : "0");
  tables_.audit.append({.actor = actor, .action = paused ? "pause" : "resume"}, now);
  tables_.events.append(paused ? "queue.paused" : "queue.resumed", {}, {}, now);
}

Page<LogEntry> SqliteRepository::list_logs(const LogQuery& query) {
  LogQuery named = query;
  if (const TypeRules* const rules = rules_.find(query.type)) {
    named.type = rules->name;
  }
  return tables_.log.list(named);
}

Result<LogEntry> SqliteRepository::find_log(std::int64_t id) {
  if (auto entry = tables_.log.find(id)) {
    return std::move(*entry);
  }
  return fail(ErrorCode::not_found, "there is no log entry " + std::to_string(id));
}

Result<LogEntry> SqliteRepository::retry_log(std::int64_t id) {
  Result<LogEntry> entry = find_log(id);
  if (!entry) {
    return entry;
  }
  if (entry->status == LogStatus::success) {
    return fail(ErrorCode::unprocessable, "log entry " + std::to_string(id) + " succeeded already");
  }
  auto row = tables_.due.find(entry->record);
  if (!row) {
    return fail(
        ErrorCode::unprocessable,
        "nothing of log entry " + std::to_string(id) + " waits to be sent",
        "a full sync reads what could not be read"
    );
  }
  revive(*row);
  return find_log(row->log_id == 0 ? id : row->log_id);
}

std::int64_t SqliteRepository::retry_all(Instant now) {
  std::vector<DueRow> failed = tables_.due.failed();
  for (DueRow& row : failed) {
    revive(row);
  }
  return static_cast<std::int64_t>(failed.size()) + hasten_retries(now);
}

std::int64_t SqliteRepository::hasten_retries(Instant now) {
  return tables_.due.hasten(now);
}

void SqliteRepository::revive(DueRow& row) {
  revive_due(tables_, row);
  auto record = tables_.records.find(row.record);
  const TypeRules* const rules = rules_.find(row.type);
  if (record && rules != nullptr && record->status == SyncStatus::error) {
    record->status = SyncStatus::pending;
    record->error.clear();
    tables_.records.update(*record, *rules);
  }
}

}  // namespace hubsync::store
