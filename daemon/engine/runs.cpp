#include "daemon/engine/runs.hpp"

#include <algorithm>
#include <cstdio>
#include <set>
#include <tuple>

#include "daemon/engine/push.hpp"
#include "daemon/ports/store_error.hpp"

namespace hubsync {
namespace {

/// How many dry runs keep their plan.
constexpr std::size_t kept_plans = 5;

bool covers(const Run& run, const std::vector<std::string>& types, RunKind kind) {
  const bool kind_fits = run.kind == kind || (run.kind == RunKind::full && kind == RunKind::incremental);
  return kind_fits && !run.dry_run && std::ranges::all_of(types, [&run](const std::string& type) {
           return std::ranges::find(run.types, type) != run.types.end();
         });
}

/// Counts what a plan would do: each record once for a direction, however often the plan meets it.
void count_plan(const std::vector<PlannedChange>& plan, RunCounts& counts) {
  std::set<std::tuple<std::string, std::string, std::optional<HubspotId>, SyncDirection>> counted;
  const auto is_new = [&counted](const PlannedChange& change, SyncDirection direction) {
    return counted.emplace(change.type, change.record.text, change.hubspot_id, direction).second;
  };
  for (EffectCounts* const side : {&counts.to_hubspot, &counts.from_hubspot}) {
    side->created = side->updated = side->deleted = side->conflicts = 0;
  }
  for (const PlannedChange& change : plan) {
    if (change.direction != SyncDirection::none && is_new(change, change.direction)) {
      EffectCounts& side =
          change.direction == SyncDirection::to_hubspot ? counts.to_hubspot : counts.from_hubspot;
      const bool creates =
          change.action == RecordAction::create_local || change.action == RecordAction::create_remote;
      const bool deletes =
          change.action == RecordAction::delete_local || change.action == RecordAction::delete_remote;
      ++(creates ? side.created : deletes ? side.deleted : side.updated);
    }
    const bool disputed = !change.conflicts.empty() || change.action == RecordAction::deletion_conflict;
    if (disputed && is_new(change, SyncDirection::none)) {
      ++counts.from_hubspot.conflicts;
    }
  }
}

Severity severity_of(RunState state) {
  switch (state) {
    case RunState::failed:
      return Severity::error;
    case RunState::partial:
    case RunState::stopped:
      return Severity::warning;
    case RunState::running:
    case RunState::succeeded:
      break;
  }
  return Severity::info;
}

/// How it ended, for people.
std::string told(const Run& run) {
  switch (run.state) {
    case RunState::failed:
      return "the run failed: " + (run.error ? run.error->message : std::string{});
    case RunState::partial:
      return "the run is done, but " + (run.error ? run.error->message : "some records failed");
    case RunState::stopped:
      return "the run is done, but a guard holds deletions back";
    case RunState::running:
    case RunState::succeeded:
      break;
  }
  return "the run is done";
}

}  // namespace

Runs::Runs(EngineContext& context, Scheduler& scheduler, std::function<std::int64_t()> calls)
    : context_(context), scheduler_(scheduler), calls_(std::move(calls)) {}

Run Runs::new_run(std::vector<std::string> types, RunKind kind, bool dry_run) {
  char id[17];
  std::snprintf(id, sizeof id, "%016llx", static_cast<unsigned long long>(context_.ports.random.bits()));
  Run run{.id = id, .kind = kind, .types = {}, .dry_run = dry_run, .started_at = context_.now()};
  for (const TypeRules& rules : context_.options.rules.types) {
    if (types.empty() || std::ranges::find(types, rules.name) != types.end()) {
      run.types.push_back(rules.name);
      run.progress[rules.name] = {};
    }
  }
  return run;
}

Task<Engine::Triggered> Runs::trigger(std::vector<std::string> types, RunKind kind, bool dry_run) {
  const Run wished = new_run(std::move(types), kind, dry_run);
  if (!dry_run) {
    if (current_ && covers(current_->run, wished.types, kind)) {
      co_return Engine::Triggered{current_->run.id, true};
    }
    for (const Item& item : waiting_) {
      if (covers(item->run, wished.types, kind)) {
        co_return Engine::Triggered{item->run.id, true};
      }
    }
  }
  co_return co_await enqueue(wished);
}

Task<Engine::Triggered> Runs::enqueue(Run wished) {
  const auto item = std::make_shared<RunUnderWay>(RunUnderWay{.run = wished});
  waiting_.push_back(item);
  try {
    co_await context_.ports.store.run([wished](Repository& repository) { repository.save_run(wished); });
  } catch (const StoreUnavailable&) {
    std::erase(waiting_, item);
    throw;
  }
  context_.changed();
  co_return Engine::Triggered{wished.id, false};
}

Task<Engine::Triggered> Runs::carry_out_release(std::string type) {
  return enqueue(new_run({std::move(type)}, RunKind::incremental, false));
}

Task<void> Runs::run() {
  current_.reset();
  co_await resume();
  while (!context_.stopping) {
    if (waiting_.empty()) {
      co_await context_.wake.wait();
      continue;
    }
    current_ = waiting_.front();
    waiting_.pop_front();
    co_await execute(*current_);
    current_.reset();
    context_.changed();
  }
}

Task<void> Runs::give_up_plans() {
  while (!context_.stopping) {
    const auto dry = std::ranges::find_if(waiting_, [](const Item& item) { return item->run.dry_run; });
    if (!context_.spent || !current_ || dry == waiting_.end()) {
      co_await context_.wake.wait();
      continue;
    }
    const Item item = std::move(*dry);
    waiting_.erase(dry);
    co_await finish(*item, context_.spent);
  }
}

/// An interrupted full run goes on from its cursor; anything else is closed as failed.
Task<void> Runs::resume() {
  const std::vector<Run> unfinished =
      co_await context_.ports.store.run([](Repository& repository) { return repository.unfinished_runs(); });
  for (const Run& run : unfinished) {
    if (running(run.id) != nullptr) {
      continue;  // Asked for before this flow began, and not of an earlier process.
    }
    RunUnderWay item{.run = run};
    if (run.kind == RunKind::full && !run.dry_run) {
      waiting_.push_back(std::make_shared<RunUnderWay>(std::move(item)));
    } else {
      co_await finish(
          item, Error{ErrorCode::unavailable, "the daemon was stopped, or could store nothing, while it ran"}
      );
    }
  }
}

Task<Reply<void>> Runs::pull_type(RunUnderWay& item, const TypeRules& rules) {
  if (!item.run.dry_run) {
    if (auto carried = co_await carry_released(context_, item, rules); !carried) {
      co_return carried;
    }
  }
  const bool first_time = !(co_await poll_cursor(context_, rules));
  if (item.run.kind != RunKind::full && !first_time) {
    co_return co_await poll_changes(context_, item, rules);
  }
  const Instant began = item.run.dry_run ? Instant{} : co_await walk_began(context_, item.run, rules);
  RunProgress& progress = item.run.progress[rules.name];
  if (!progress.total) {
    progress.total = co_await expect_records(context_, rules, first_time);
  }
  auto walked = co_await walk_all(context_, item, rules);
  if (walked && !item.run.dry_run && !context_.stopping) {
    // Not the moment of a restart: what the walk had passed by then may have changed before it.
    co_await set_poll_cursor(context_, rules, began);
  }
  co_return walked;
}

Task<void> Runs::execute(RunUnderWay& item) {
  const std::int64_t calls_before = calls_();
  std::optional<Error> error;
  bool others_too = true;
  try {
    for (const std::string& type : item.run.types) {
      const TypeRules* const rules = context_.options.rules.find(type);
      if (rules == nullptr || !others_too || context_.stopping) {
        continue;
      }
      const auto pulled = co_await pull_type(item, *rules);
      context_.note_reads(type, pulled ? nullptr : &pulled.error());
      if (!pulled) {
        error = error.value_or(to_error(pulled.error()));
        others_too = is_final(pulled.error());
      }
    }
    if (item.run.dry_run) {
      const auto unplanned = co_await plan_pushes(item);
      error = error ? error : unplanned;
    } else if (!error) {
      co_await scheduler_.drained(item.run.types);
    }
  } catch (const StoreUnavailable&) {
    throw;
  } catch (const StoreCorrupt&) {
    throw;
  } catch (const std::exception& failure) {
    error = Error{ErrorCode::internal, failure.what()};
  }
  item.run.api_calls += calls_() - calls_before;
  if (context_.stopping && item.run.kind == RunKind::full && !item.run.dry_run) {
    co_return;  // It goes on after the restart.
  }
  co_await finish(item, error, item.run.dry_run ? std::nullopt : unsent_of(item.run));
}

/// What a dry run would send: every due record, read and planned, then given back. Why not all of it could be
/// planned.
Task<std::optional<Error>> Runs::plan_pushes(RunUnderWay& item) {
  std::vector<LocalId> claimed;
  std::optional<Error> error;
  for (const std::string& type : item.run.types) {
    while (!context_.stopping && !error) {
      std::vector<Claim> claims =
          co_await context_.ports.store.run([type, now = context_.now()](Repository& repository) {
            return repository.claim_for_plan(type, batch_limit, now);
          });
      if (claims.empty()) {
        break;
      }
      for (const Claim& claim : claims) {
        claimed.push_back(claim.id);
      }
      const PushResult pushed =
          co_await push_batch(context_, type, std::move(claims), CallClass::sweep, true, &item.planned);
      item.run.counts += pushed.counts;
      error = pushed.failure.transform(to_error);
    }
  }
  co_await context_.ports.store.run([claimed](Repository& repository) { repository.release_claims(claimed); }
  );
  co_return error;
}

std::optional<Error> Runs::unsent_of(const Run& run) const {
  for (const std::string& type : run.types) {
    if (const auto problem = context_.unwritable.find(type); problem != context_.unwritable.end()) {
      return problem->second;
    }
  }
  return std::nullopt;
}

Task<void> Runs::finish(RunUnderWay& item, std::optional<Error> error, std::optional<Error> unsent) {
  Run& run = item.run;
  run.finished_at = context_.now();
  const bool some_failed = run.counts.to_hubspot.failed + run.counts.from_hubspot.failed > 0;
  run.error = error ? error : unsent;
  if (!run.dry_run) {
    run.guards = co_await context_.ports.store.run(
        [types = run.types, record = item.record, now = context_.now()](Repository& repository) {
          return repository.guards_over(types, record, now);
        }
    );
  }
  run.state = error                   ? RunState::failed
              : !run.guards.empty()   ? RunState::stopped
              : some_failed || unsent ? RunState::partial
                                      : RunState::succeeded;
  if (run.dry_run) {
    count_plan(item.planned, run.counts);
    plans_[run.id] = std::move(item.planned);
    plan_order_.push_back(run.id);
    if (plan_order_.size() > kept_plans) {
      plans_.erase(plan_order_.front());
      plan_order_.pop_front();
    }
  }
  co_await context_.ports.store.run([run](Repository& repository) {
    repository.save_run(run);
    repository.remove_cursors(walk_cursors(run));
  });
  context_.ports.events.emit(
      {severity_of(run.state),
       "run.finished",
       told(run),
       {{"run_id", run.id},
        {"kind", std::string{to_string(run.kind)}},
        {"state", std::string{to_string(run.state)}},
        {"calls", std::to_string(run.api_calls)}}}
  );
}

Task<Result<Run>> Runs::sync_entity(std::string type, LocalId id) {
  const Result<Record> record = co_await context_.ports.store.run([type, id](Repository& repository) {
    return repository.find_record(type, id);
  });
  if (!record) {
    co_return std::unexpected(record.error());
  }
  RunUnderWay item{.run = new_run({type}, RunKind::entity, false), .record = id};
  const std::int64_t calls_before = calls_();
  std::optional<Claim> claim;
  for (int attempt = 0; attempt < 100 && !claim; ++attempt) {
    claim = co_await context_.ports.store.run([type, id, now = context_.now()](Repository& repository) {
      return repository.claim_record(type, id, now);
    });
    if (!claim) {  // It is on its way already; what that batch does not cover is done after it.
      co_await wait_until(context_.wake, context_.ports.clock, context_.ports.clock.steady() + Duration{100});
    }
  }
  if (!claim) {
    co_return fail(ErrorCode::unavailable, "the record is being sent already", "try again in a moment");
  }
  // Who asks for one record wants all of it: HubSpot need not call it modified when its links change.
  const TypeRules* const rules = context_.options.rules.find(type);
  claim->reference_edited |= rules != nullptr && rules->reference() != nullptr;
  const PushResult pushed =
      co_await push_batch(context_, type, {*claim}, CallClass::interactive, false, nullptr);
  item.run.counts += pushed.counts;
  item.run.api_calls = calls_() - calls_before;
  item.run.progress[type] = {.done = 1, .total = 1};
  co_await finish(item, pushed.failure.transform(to_error));
  context_.changed();
  co_return item.run;
}

void Runs::add(const RunCounts& counts) {
  if (current_ && !current_->run.dry_run) {  // What is really sent meanwhile is not of its plan.
    current_->run.counts += counts;
  }
}

const Run* Runs::running(const std::string& id) const {
  if (current_ && current_->run.id == id) {
    return &current_->run;
  }
  const auto found = std::ranges::find_if(waiting_, [&id](const Item& item) { return item->run.id == id; });
  return found == waiting_.end() ? nullptr : &(*found)->run;
}

const std::vector<PlannedChange>* Runs::plan_of(const std::string& id) const {
  const auto found = plans_.find(id);
  return found == plans_.end() ? nullptr : &found->second;
}

}  // namespace hubsync
