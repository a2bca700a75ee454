#include "daemon/store/repository.hpp"

#include <algorithm>
#include <ranges>
#include <string_view>
#include <utility>

namespace hubsync::store {

SqliteRepository::SqliteRepository(Db& db, Rules rules, RandomBytes random)
    : db_(db), tables_(db, std::move(random)), claims_(db), drafts_(tables_, claims_, rules_), backup_(db) {
  set_rules(std::move(rules));
}

void SqliteRepository::set_rules(Rules rules) {
  rules_ = std::move(rules);
  rules_.newest_margin += clock_skew_;
  Savepoint whole{db_};
  for (const TypeRules& type : rules_.types) {
    forget_unmapped(type);
    follow_key(type);
  }
  whole.release();
}

/// A field that leaves the mapping, or goes to another property, is not watched any more: when it joins again
/// it is compared as if it had never been here.
void SqliteRepository::forget_unmapped(const TypeRules& type) {
  std::string mapping;
  for (const FieldRule& field : type.fields) {
    mapping.append(field.name).append("=").append(field.property).append(";");
  }
  const std::string name = "fields of " + type.name;
  const std::string known = tables_.facts.fact(name).value_or("");
  if (known == mapping) {
    return;
  }
  std::vector<std::string> gone;
  for (const auto part : known | std::views::split(';')) {
    const std::string_view entry{part.begin(), part.end()};
    const std::string_view field = entry.substr(0, entry.find('='));
    const FieldRule* const rule = type.find(field);
    if (!field.empty() && (rule == nullptr || entry.substr(field.size() + 1) != rule->property)) {
      gone.emplace_back(field);
    }
  }
  if (!gone.empty()) {
    tables_.records.forget_fields(type, gone);
  }
  tables_.facts.set_fact(name, mapping);
}

/// The stored keys follow from the key field and how its values compare.
void SqliteRepository::follow_key(const TypeRules& type) {
  const FieldRule* const key = type.find(type.key);
  const FieldRule* const reference = type.reference();
  const std::string shape = type.key + "/" +
                            (key == nullptr ? "" : std::to_string(static_cast<int>(key->kind))) + "/" +
                            (reference == nullptr ? "" : reference->name);
  const std::string name = "key of " + type.name;
  const auto known = tables_.facts.fact(name);
  if (known == shape) {
    return;
  }
  if (known) {
    tables_.records.rekey(type);
  }
  tables_.facts.set_fact(name, shape);
}

void SqliteRepository::save_run(const Run& run) {
  const auto known = tables_.runs.find(run.id);
  const bool ended = run.finished_at && !(known && known->finished_at);
  if (!known || ended) {
    tables_.events.append(
        ended ? "run.finished" : "run.started",
        {},
        {{"run", run.id},
         {"kind", std::string{to_string(run.kind)}},
         {"state", std::string{to_string(run.state)}}},
        ended ? *run.finished_at : run.started_at
    );
  }
  tables_.runs.save(run);
}

Result<Run> SqliteRepository::find_run(const std::string& id) {
  if (auto run = tables_.runs.find(id)) {
    return std::move(*run);
  }
  return fail(ErrorCode::not_found, "no run " + id, "`GET /api/sync/runs` lists them");
}

Page<Run> SqliteRepository::list_runs(std::int64_t page, std::int64_t limit) {
  return tables_.runs.list(page, limit);
}

std::vector<Run> SqliteRepository::unfinished_runs() {
  return tables_.runs.unfinished();
}

StoreStatus SqliteRepository::status() {
  StoreStatus status;
  status.records = tables_.records.counts();
  for (const TypeRules& rules : rules_.types) {
    status.records.try_emplace(rules.name);
  }
  status.queue = tables_.due.counts();
  for (const auto& [record, claim] : claims_.all()) {
    const auto row = tables_.due.find(record);
    if (!row) {
      continue;
    }
    ++status.queue.running;
    if (row->state == DueItem::State::failed) {
      --status.queue.failed;
    } else {
      --(row->attempts > 0 ? status.queue.retrying : status.queue.pending);
    }
  }
  status.queue.completed = tables_.log.completed();
  status.open_conflicts = tables_.conflicts.count(true);
  status.open_guards = tables_.guards.count(false);
  status.last_full = tables_.runs.last(RunKind::full);
  status.last_poll = tables_.runs.last(RunKind::incremental);
  for (const TypeRules& rules : rules_.types) {
    const auto seen = tables_.runs.seen_at(rules.name);
    const bool first = &rules == &rules_.types.front();
    status.seen_at = first || !seen ? seen : status.seen_at ? std::min(status.seen_at, seen) : std::nullopt;
  }
  for (const Run& run : tables_.runs.unfinished()) {
    if (!run.dry_run && (!status.running_since || run.started_at < *status.running_since)) {
      status.running_since = run.started_at;
    }
  }
  status.last_work = tables_.log.newest();
  status.inbox = inbox_status();
  status.paused = is_paused(tables_);
  return status;
}

std::optional<std::string> SqliteRepository::cursor(const std::string& name) {
  return tables_.facts.cursor(name);
}

void SqliteRepository::set_cursors(const std::vector<CursorMove>& cursors) {
  for (const CursorMove& move : cursors) {
    tables_.facts.set_cursor(move.name, move.value);
  }
}

void SqliteRepository::remove_cursors(const std::string& beginning) {
  tables_.facts.remove_cursors(beginning);
}

std::optional<std::string> SqliteRepository::fact(const std::string& name) {
  return tables_.facts.fact(name);
}

void SqliteRepository::set_fact(const std::string& name, const std::string& value) {
  tables_.facts.set_fact(name, value);
}

std::int64_t SqliteRepository::purge_logs(Instant before, std::int64_t limit) {
  tables_.events.purge(before, limit);
  tables_.inbox.purge(before, limit);
  return std::max(tables_.log.purge(before, limit), tables_.runs.purge(before, limit));
}

}  // namespace hubsync::store
