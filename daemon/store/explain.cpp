// Everything the store knows about one record.
#include <utility>

#include "daemon/store/repository.hpp"

namespace hubsync::store {
namespace {

/// Log entries shown, the newest first.
constexpr std::int64_t shown_logs = 5;

}  // namespace

Result<Explanation> SqliteRepository::explain(const std::string& type, const LocalId& id) {
  Result<Record> record = find_record(type, id);
  if (!record) {
    return std::unexpected(record.error());
  }
  const TypeRules& rules = *rules_.find(type);
  Explanation result;
  result.plan = hubsync::explain(*record, rules, rules_.detection, rules_.newest_margin);
  result.conflict = tables_.conflicts.find_open(id);
  result.logs = tables_.log.list({.limit = shown_logs, .type = rules.name, .record = id.text}).items;
  result.aliases = tables_.records.aliases_of(id);
  result.writers = tables_.audit.last_writers(id, automatic_actor);
  if (const auto row = tables_.due.find(id)) {
    result.due = DueItem{
        .record = id,
        .type = row->type,
        .hubspot_id = record->hubspot_id,
        .state = claims_.contains(id) ? DueItem::State::running : row->state,
        .attempts = row->attempts,
        .since = row->since,
        .next_at = std::max(row->next_at, row->since),
        .error = row->error,
        .log_id = row->log_id
    };
    result.waiting_on = row->waiting_on;
  }
  result.record = std::move(*record);
  return result;
}

}  // namespace hubsync::store
