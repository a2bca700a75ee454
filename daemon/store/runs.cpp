#include "daemon/store/runs.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "daemon/ports/store_error.hpp"
#include "daemon/store/views_json.hpp"

namespace hubsync::store {
namespace {

#define SELECT_RUN                                                                                  \
  "SELECT id, kind, types, dry_run, state, started_at, finished_at, progress, api_calls, error, "   \
  "to_created, to_updated, to_deleted, to_unchanged, to_conflicts, to_failed, "                     \
  "from_created, from_updated, from_deleted, from_unchanged, from_conflicts, from_failed, guards, " \
  "error_code, error_hint FROM runs "

#define ADDED_COUNTS                                                                              \
  "to_created = to_created + ?, to_updated = to_updated + ?, to_deleted = to_deleted + ?, "       \
  "to_unchanged = to_unchanged + ?, to_conflicts = to_conflicts + ?, to_failed = to_failed + ?, " \
  "from_created = from_created + ?, from_updated = from_updated + ?, "                            \
  "from_deleted = from_deleted + ?, from_unchanged = from_unchanged + ?, "                        \
  "from_conflicts = from_conflicts + ?, from_failed = from_failed + ?"

#define SET_COUNTS                                                                                      \
  "to_created = ?, to_updated = ?, to_deleted = ?, to_unchanged = ?, to_conflicts = ?, to_failed = ?, " \
  "from_created = ?, from_updated = ?, from_deleted = ?, from_unchanged = ?, from_conflicts = ?, "      \
  "from_failed = ?"

template <class T>
T known(std::optional<T> value) {
  if (!value) {
    throw StoreCorrupt("the database: a stored run has an unknown kind, state or error");
  }
  return *value;
}

std::string write_progress(const Run& run) {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [type, progress] : run.progress) {
    object[type] = {progress.done, progress.total ? nlohmann::json(*progress.total) : nlohmann::json()};
  }
  return object.dump();
}

std::map<std::string, RunProgress, std::less<>> read_progress(const std::string& text) {
  std::map<std::string, RunProgress, std::less<>> progress;
  try {
    for (const auto& [type, pair] : nlohmann::json::parse(text).items()) {
      RunProgress& of_type = progress[type];
      of_type.done = pair.at(0).get<std::int64_t>();
      if (!pair.at(1).is_null()) {
        of_type.total = pair.at(1).get<std::int64_t>();
      }
    }
  } catch (const nlohmann::json::exception&) {
    throw StoreCorrupt("the database: the progress of a run is not readable");
  }
  return progress;
}

EffectCounts read_counts(const Query& row, int first) {
  return {
      .created = row.integer(first),
      .updated = row.integer(first + 1),
      .deleted = row.integer(first + 2),
      .unchanged = row.integer(first + 3),
      .conflicts = row.integer(first + 4),
      .failed = row.integer(first + 5)
  };
}

std::string write_guards(const std::vector<Guard>& guards) {
  nlohmann::json ids = nlohmann::json::array();
  for (const Guard& guard : guards) {
    ids.push_back(guard.id);
  }
  return ids.dump();
}

std::vector<Guard> read_guards(GuardTable& table, const std::string& ids) {
  std::vector<Guard> guards;
  try {
    for (const std::int64_t id : nlohmann::json::parse(ids).get<std::vector<std::int64_t>>()) {
      if (auto guard = table.find(id)) {
        guards.push_back(std::move(*guard));
      }
    }
  } catch (const nlohmann::json::exception&) {
    throw StoreCorrupt("the database: the guards of a run are not readable");
  }
  return guards;
}

std::optional<Error> read_error(const Query& row) {
  const std::string code = row.text(23);
  if (code.empty()) {
    return std::nullopt;
  }
  return Error{known(parse_error_code(code)), row.text(9), row.text(24)};
}

Run read_run(const Query& row, GuardTable& guards) {
  return {
      .id = row.text(0),
      .kind = known(parse_run_kind(row.text(1))),
      .types = read_strings(row.text(2)),
      .dry_run = row.integer(3) != 0,
      .state = known(parse_run_state(row.text(4))),
      .started_at = row.instant(5),
      .finished_at = row.maybe_instant(6),
      .progress = read_progress(row.text(7)),
      .counts = {.to_hubspot = read_counts(row, 10), .from_hubspot = read_counts(row, 16)},
      .api_calls = row.integer(8),
      .error = read_error(row),
      .guards = read_guards(guards, row.text(22))
  };
}

void put_counts(Query& query, const EffectCounts& counts) {
  query.put(counts.created);
  query.put(counts.updated);
  query.put(counts.deleted);
  query.put(counts.unchanged);
  query.put(counts.conflicts);
  query.put(counts.failed);
}

}  // namespace

void RunTable::save(const Run& run) {
  const Error error = run.error.value_or(Error{});
  Query{
      db_,
      "INSERT INTO runs (id, kind, types, dry_run, state, started_at, finished_at, progress, api_calls, "
      "error, error_code, error_hint, guards) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT "
      "(id) DO UPDATE SET "
      "kind = excluded.kind, types = excluded.types, dry_run = excluded.dry_run, state = excluded.state, "
      "started_at = excluded.started_at, finished_at = excluded.finished_at, progress = excluded.progress, "
      "api_calls = excluded.api_calls, error = excluded.error, error_code = excluded.error_code, "
      "error_hint = excluded.error_hint, guards = excluded.guards",
      run.id,
      to_string(run.kind),
      write_strings(run.types),
      run.dry_run,
      to_string(run.state),
      run.started_at,
      run.finished_at,
      write_progress(run),
      run.api_calls,
      error.message,
      run.error ? error_code_name(error.code) : std::string_view{},
      error.hint,
      write_guards(run.guards)
  }
      .run();
  if (run.dry_run) {  // Nothing that it would do is counted as it is done.
    write_counts(run.id, run.counts, "UPDATE runs SET " SET_COUNTS " WHERE id = ?");
  }
}

void RunTable::add_counts(const std::string& id, const RunCounts& counts) {
  if (id.empty() || counts == RunCounts{}) {
    return;
  }
  write_counts(id, counts, "UPDATE runs SET " ADDED_COUNTS " WHERE id = ?");
}

void RunTable::write_counts(const std::string& id, const RunCounts& counts, const char* sql) {
  Query query{db_, sql};
  put_counts(query, counts.to_hubspot);
  put_counts(query, counts.from_hubspot);
  query.put(id);
  query.run();
}

void RunTable::add_counts_of_type(const std::string& type, const RunCounts& counts) {
  if (counts == RunCounts{}) {
    return;
  }
  for (const Run& run : unfinished()) {
    if (!run.dry_run && std::ranges::find(run.types, type) != run.types.end()) {
      add_counts(run.id, counts);
    }
  }
}

std::optional<Run> RunTable::find(const std::string& id) {
  Query query{db_, SELECT_RUN "WHERE id = ?", id};
  return query.next() ? std::optional{read_run(query, guards_)} : std::nullopt;
}

Page<Run> RunTable::list(std::int64_t page, std::int64_t limit) {
  Page<Run> result;
  {
    Query query{
        db_, SELECT_RUN "ORDER BY started_at DESC, id DESC LIMIT ? OFFSET ?", limit, (page - 1) * limit
    };
    while (query.next()) {
      result.items.push_back(read_run(query, guards_));
    }
  }
  Query query{db_, "SELECT count(*) FROM runs"};
  query.next();
  result.total = query.integer(0);
  return result;
}

std::vector<Run> RunTable::unfinished() {
  std::vector<Run> runs;
  Query query{db_, SELECT_RUN "WHERE state = 'running' ORDER BY id"};
  while (query.next()) {
    runs.push_back(read_run(query, guards_));
  }
  return runs;
}

std::optional<Run> RunTable::last(RunKind kind) {
  Query query{
      db_,
      SELECT_RUN
      "WHERE kind = ? AND state <> 'running' AND NOT dry_run ORDER BY started_at DESC, id DESC LIMIT 1",
      to_string(kind)
  };
  return query.next() ? std::optional{read_run(query, guards_)} : std::nullopt;
}

std::int64_t RunTable::purge(Instant before, std::int64_t limit) {
  Query{
      db_,
      "DELETE FROM runs WHERE id IN (SELECT id FROM runs AS run WHERE started_at < ?1 AND state <> 'running' "
      "AND EXISTS (SELECT 1 FROM runs AS later WHERE later.started_at > run.started_at AND "
      "(later.kind, later.types, later.state, later.dry_run) = "
      "(run.kind, run.types, run.state, run.dry_run)) ORDER BY started_at LIMIT ?2)",
      before,
      limit
  }
      .run();
  return db_.changes();
}

std::optional<Instant> RunTable::seen_at(const std::string& type) {
  Query query{
      db_,
      "SELECT started_at FROM runs WHERE kind IN ('full', 'incremental') AND state IN ('succeeded', "
      "'partial', 'stopped') "
      "AND NOT dry_run AND EXISTS (SELECT 1 FROM json_each(runs.types) WHERE value = ?) "
      "ORDER BY started_at DESC, id DESC LIMIT 1",
      type
  };
  return query.next() ? std::optional{query.instant(0)} : std::nullopt;
}

}  // namespace hubsync::store
