#include "daemon/engine/engine.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "daemon/engine/apply.hpp"
#include "daemon/engine/connection.hpp"
#include "daemon/engine/context.hpp"
#include "daemon/engine/gate.hpp"
#include "daemon/engine/histories.hpp"
#include "daemon/engine/inbox.hpp"
#include "daemon/engine/inspect.hpp"
#include "daemon/engine/resolve.hpp"
#include "daemon/engine/runs.hpp"
#include "daemon/engine/scheduler.hpp"
#include "daemon/engine/verify.hpp"
#include "daemon/ports/store_error.hpp"

namespace hubsync {
namespace {

using boost::asio::experimental::awaitable_operators::operator&&;

/// Log entries removed in one transaction, and how often at the least.
constexpr std::int64_t purge_batch = 5'000;
constexpr Duration purge_interval{3'600'000};

/// How long a flow rests that the store could not serve.
constexpr Duration flow_rest{5'000};

/// The fact that tells which mapping the records were last read with.
const std::string known_mapping = "mapping";

/// The mapping as one line; another one means that there are values nobody has read yet.
std::string mapping_text(const Rules& rules) {
  std::string text;
  for (const TypeRules& type : rules.types) {
    text.append(type.name).append("(");
    for (const FieldRule& field : type.fields) {
      text.append(field.name).append("=").append(field.property).append(";");
    }
    text.append(")");
  }
  return text;
}

}  // namespace

class Engine::Impl {
 public:
  Impl(Ports ports, Options options, Line line, OnAccount on_account)
      : gate_(ports.hub),
        context_{
            .ports = {gate_, ports.store, ports.clock, ports.random, ports.events},
            .options = std::move(options),
            .hubspot_time = std::move(line.hubspot_time),
            .wake = {}
        },
        connection_(context_, ports.hub, gate_, std::move(on_account)),
        scheduler_(context_, [this](const RunCounts& counts) { runs_.add(counts); }),
        runs_(context_, scheduler_, std::move(line.calls)),
        inbox_(context_) {}

  Task<void> run() {
    context_.paused = (co_await context_.ports.store.run([](Repository& r) { return r.status(); })).paused;
    try {
      co_await (work() && keep_on([this] { return purge(); }));
    } catch (const std::exception&) {
      // Flows that end together leave an exception that tells nothing of theirs.
      if (damage_) {
        std::rethrow_exception(damage_);
      }
      throw;
    }
  }

  void stop() {
    context_.stopping = true;
    gate_.open();  // The throttle sends nothing any more.
    context_.changed();
    inbox_.arrived(0);
  }

  void reload(Options options) {
    if (options.rules == context_.options.rules) {
      options.rules = std::move(context_.options.rules);
    } else {
      context_.former_rules.push_back(std::move(context_.options.rules));
    }
    context_.options = std::move(options);
    context_.spent.reset();  // The budget may be another one.
    ++context_.reloads;
    context_.changed();
  }

  EngineContext& context() { return context_; }
  Connection& connection() { return connection_; }
  Runs& runs() { return runs_; }
  void events_came(std::int64_t count) {
    last_event_ = context_.ports.clock.steady();
    inbox_.arrived(count);
  }

  [[nodiscard]] State state() const {
    if (!context_.problems().empty()) {
      return State::degraded;
    }
    if (context_.paused) {
      return State::paused;
    }
    return runs_.busy() || scheduler_.in_flight() > 0 ? State::syncing : State::idle;
  }

 private:
  Task<void> work() {
    co_await (keep_on([this] { return connection_.establish(); }) && keep_on([this] {
                return scheduler_.wait_for([this] { return connection_.is_ready(); });
              }));
    if (!context_.stopping) {
      co_await (
          keep_on([this] { return scheduler_.run(); }) && keep_on([this] { return runs_.run(); }) &&
          keep_on([this] { return runs_.give_up_plans(); }) && keep_on([this] { return schedule(); }) &&
          keep_on([this] { return keep_histories(context_); }) && keep_on([this] { return inbox_.run(); }) &&
          keep_on([this] { return connection_.keep(); })
      );
    }
  }

  /// A flow that the store could not serve begins anew after a rest: what it had begun is in the store, as
  /// after a restart.
  template <class Flow>
  Task<void> keep_on(Flow flow) {
    for (;;) {
      const bool last = context_.stopping;
      try {
        co_await flow();
        co_return;
      } catch (const StoreUnavailable& failure) {
        context_.note_store_failure(failure.what());
      } catch (const StoreCorrupt& damage) {
        if (!damage_) {
          damage_ = std::current_exception();
          context_.note_damage(damage.what());
        }
        throw;
      }
      if (last) {
        co_return;
      }
      co_await context_.pause_for(flow_rest);
    }
  }

  /// Starts polls and full runs by the clock.
  Task<void> schedule() {
    const StoreStatus status = co_await context_.ports.store.run([](Repository& r) { return r.status(); });
    std::optional<SteadyInstant> last_full;
    if (status.last_full) {
      // Once only: whoever sets the clock later moves no run. One in the future was left by a wrong clock.
      const Duration ago = context_.now() - status.last_full->started_at;
      last_full = context_.ports.clock.steady() - (ago < Duration{0} ? context_.options.full_interval : ago);
    }
    std::optional<SteadyInstant> last_poll;
    std::optional<std::uint64_t> reloads;
    while (!context_.stopping) {
      if (reloads != context_.reloads) {
        reloads = context_.reloads;
        last_poll.reset();
        co_await hasten_retries();
        co_await compare_mapping();
      }
      const SteadyInstant now = context_.ports.clock.steady();
      const SteadyInstant next_full = last_full ? *last_full + context_.options.full_interval : now;
      const bool full_by_clock = context_.options.full_interval > Duration{0};
      if ((full_by_clock && now >= next_full) || (mapping_changed_ && !runs_.busy())) {
        mapping_changed_ = false;
        last_full = now;
        last_poll = now;
        co_await runs_.trigger({}, RunKind::full, false);
        continue;
      }
      const SteadyInstant next_poll = last_poll ? poll_due(*last_poll, now) : now;
      if (now >= next_poll) {
        last_poll = now;
        if (auto types = co_await polled_types(); !types.empty()) {
          co_await runs_.trigger(std::move(types), RunKind::incremental, false);
        }
        continue;
      }
      const SteadyInstant wake_at = full_by_clock ? std::min(next_poll, next_full) : next_poll;
      if (!context_.stopping && reloads == context_.reloads) {
        co_await wait_until(context_.wake, context_.ports.clock, wake_at);
      }
    }
  }

  /// When the next poll is due, or has to be thought about again: webhooks flow while one came within a poll
  /// interval.
  [[nodiscard]] SteadyInstant poll_due(SteadyInstant last_poll, SteadyInstant now) const {
    const SteadyInstant usual = last_poll + context_.options.poll_interval;
    const SteadyInstant slow = last_poll + context_.options.poll_interval_with_webhooks;
    if (slow <= usual || !last_event_ || now < usual) {
      return usual;
    }
    const SteadyInstant silent = *last_event_ + context_.options.poll_interval;
    return silent <= now ? usual : std::min(slow, silent);
  }

  /// After a start or a reload, a person may have changed what made them fail.
  Task<void> hasten_retries() {
    const std::int64_t hastened = co_await context_.ports.store.run([now = context_.now()](Repository& r) {
      return r.hasten_retries(now);
    });
    if (hastened > 0) {
      context_.changed();
    }
  }

  /// A property that joined was never read: after a changed mapping everything is.
  Task<void> compare_mapping() {
    const std::string mapping = mapping_text(context_.options.rules);
    mapping_changed_ |= co_await context_.ports.store.run([mapping](Repository& repository) {
      const auto known = repository.fact(known_mapping);
      if (known != mapping) {
        repository.set_fact(known_mapping, mapping);
      }
      return known && known != mapping;
    });
  }

  /// The types that had a full run: without one there is nothing that a poll could go on from. Where full
  /// runs go by the clock, a type whose first one failed has it made up for, rather than wait for the next
  /// day's.
  Task<std::vector<std::string>> polled_types() {
    const bool full_by_clock = context_.options.full_interval > Duration{0};
    std::vector<std::string> types;
    for (const TypeRules& rules : std::vector{context_.options.rules.types}) {  // A reload may replace them.
      if (full_by_clock || co_await poll_cursor(context_, rules)) {
        types.push_back(rules.name);
      }
    }
    co_return types;
  }

  /// Keeps the sync log to its retention.
  Task<void> purge() {
    while (!context_.stopping) {
      const Instant before = context_.now() - context_.options.log_retention;
      std::int64_t removed = purge_batch;
      while (removed == purge_batch && !context_.stopping) {
        removed = co_await context_.ports.store.run([before](Repository& repository) {
          return repository.purge_logs(before, purge_batch);
        });
      }
      co_await context_.pause_for(std::clamp(context_.options.log_retention, Duration{100}, purge_interval));
    }
  }

  GatedHub gate_;
  EngineContext context_;
  Connection connection_;
  Scheduler scheduler_;
  Runs runs_;
  Inbox inbox_;
  std::exception_ptr damage_;                ///< The StoreCorrupt that ends all flows (I36).
  std::optional<SteadyInstant> last_event_;  ///< When the last webhook came.
  bool mapping_changed_ = false;             ///< A full run has to follow.
};

Engine::Engine(Ports ports, Options options, Line line, OnAccount on_account)
    : impl_(std::make_unique<Impl>(ports, std::move(options), std::move(line), std::move(on_account))) {}

Engine::~Engine() = default;

Task<void> Engine::run() {
  return impl_->run();
}

void Engine::stop() {
  impl_->stop();
}

void Engine::local_edits() {
  impl_->context().changed();
}

void Engine::webhook_events(std::int64_t count) {
  impl_->events_came(count);
}

void Engine::set_paused(bool paused) {
  impl_->context().paused = paused;
  impl_->context().changed();
}

void Engine::reload(Options options) {
  impl_->reload(std::move(options));
}

Task<void> Engine::renew_token(TokenChange change) {
  return impl_->connection().renew_token(std::move(change));
}

Task<Result<Engine::Triggered>> Engine::trigger(std::vector<std::string> types, bool full, bool dry_run) {
  if (auto reason = impl_->connection().locked_out()) {
    co_return std::unexpected(std::move(*reason));
  }
  co_return co_await impl_->runs().trigger(
      std::move(types), full ? RunKind::full : RunKind::incremental, dry_run
  );
}

Task<void> Engine::guard_released(std::string type) {
  co_await impl_->runs().carry_out_release(std::move(type));
}

Task<Result<Run>> Engine::sync_entity(std::string type, LocalId id) {
  if (auto reason = co_await impl_->connection().ready()) {
    co_return std::unexpected(std::move(*reason));
  }
  co_return co_await impl_->runs().sync_entity(std::move(type), std::move(id));
}

Task<Result<VerifyPart>> Engine::verify(std::string type, std::string after) {
  if (auto reason = co_await impl_->connection().ready()) {
    co_return std::unexpected(std::move(*reason));
  }
  co_return co_await verify_part(impl_->context(), std::move(type), std::move(after));
}

Task<Result<ApplyOutcome>> Engine::apply(ApplyWish wish) {
  if (auto reason = co_await impl_->connection().ready()) {
    co_return std::unexpected(std::move(*reason));
  }
  co_return co_await apply_part(impl_->context(), std::move(wish));
}

Task<Inspection> Engine::inspect() {
  // What the start is about to make is not missing. Where HubSpot cannot be reached, the inspection tells
  // why.
  (void)co_await impl_->connection().ready();
  co_return co_await inspect_hubspot(impl_->context(), impl_->connection().hub());
}

Task<std::vector<MadeProperty>> Engine::make_properties() {
  if (co_await impl_->connection().ready()) {
    co_return std::vector<MadeProperty>{};
  }
  std::vector<MadeProperty> made = co_await make_missing_properties(impl_->context());
  impl_->context().changed();
  co_return made;
}

Task<Histories> Engine::histories(std::string type, HubspotId id) {
  if (!impl_->connection().is_ready()) {
    co_return Histories{};
  }
  co_return co_await read_history(impl_->context(), std::move(type), id);
}

Task<std::vector<ResolveOutcome>> Engine::resolve(
    std::vector<ConflictWish> wishes, std::string user, OnDecided on_decided
) {
  std::optional<Error> away = co_await impl_->connection().ready();
  co_return co_await resolve_conflicts(
      impl_->context(), std::move(wishes), std::move(user), std::move(on_decided), std::move(away)
  );
}

const std::vector<PlannedChange>* Engine::plan_of(const std::string& run_id) const {
  return impl_->runs().plan_of(run_id);
}

const Run* Engine::running(const std::string& run_id) const {
  return impl_->runs().running(run_id);
}

Engine::State Engine::state() const {
  return impl_->state();
}

std::vector<Error> Engine::problems() const {
  return impl_->context().problems();
}

const Rules& Engine::rules() const {
  return impl_->context().options.rules;
}

}  // namespace hubsync
