#include "daemon/engine/engine.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "daemon/engine/context.hpp"
#include "daemon/engine/histories.hpp"
#include "daemon/engine/inbox.hpp"
#include "daemon/engine/resolve.hpp"
#include "daemon/engine/runs.hpp"
#include "daemon/engine/scheduler.hpp"

namespace hubsync {
namespace {

using boost::asio::experimental::awaitable_operators::operator&&;

/// How often a refused token is tried again.
constexpr Duration denied_interval{60'000};
constexpr Duration unreachable_interval{5'000};

/// Log entries removed in one transaction, and how often at the least.
constexpr std::int64_t purge_batch = 5'000;
constexpr Duration purge_interval{3'600'000};

}  // namespace

class Engine::Impl {
 public:
  Impl(Ports ports, Options options, CallCount calls)
      : context_{.ports = ports, .options = std::move(options), .wake = {}},
        scheduler_(context_, [this](const RunCounts& counts) { runs_.add(counts); }),
        runs_(context_, scheduler_, std::move(calls)),
        inbox_(context_) {}

  Task<void> run() {
    context_.paused = (co_await context_.ports.store.run([](Repository& r) { return r.status(); })).paused;
    co_await (work() && purge());
  }

  void stop() {
    context_.stopping = true;
    context_.changed();
    inbox_.arrived(0);
  }

  EngineContext& context() { return context_; }
  Runs& runs() { return runs_; }
  Inbox& inbox() { return inbox_; }

  [[nodiscard]] State state() const {
    if (!problems().empty()) {
      return State::degraded;
    }
    if (context_.paused) {
      return State::paused;
    }
    return runs_.busy() || scheduler_.in_flight() > 0 ? State::syncing : State::idle;
  }

  /// Waits for the portal to be known as the right one; why it is not (I11).
  Task<std::optional<Error>> connected() {
    while (!connected_ && problems().empty() && !context_.stopping) {
      co_await context_.wake.wait();
    }
    if (connected_) {
      co_return std::nullopt;
    }
    if (context_.stopping) {
      co_return Error{ErrorCode::unavailable, "the daemon is stopping"};
    }
    co_return problems().front();
  }

  /// Why a run would wait for a person before it begins: HubSpot being away is no such reason.
  [[nodiscard]] std::optional<Error> locked_out() const {
    return connected_ ? std::nullopt : context_.denied ? context_.denied : portal_changed_;
  }

  [[nodiscard]] std::vector<Error> problems() const {
    std::vector<Error> problems;
    for (const std::optional<Error>& problem :
         {context_.denied, context_.unreachable, context_.store_failure, portal_changed_}) {
      if (problem) {
        problems.push_back(*problem);
      }
    }
    return problems;
  }

 private:
  /// Nothing is read or written before the portal is known to be the right one (I11).
  Task<void> work() {
    while (!context_.stopping && !co_await connect()) {
      context_.changed();
      co_await context_.pause_for(context_.denied ? denied_interval : unreachable_interval);
    }
    if (!context_.stopping) {
      connected_ = true;
      context_.changed();
      co_await (scheduler_.run() && runs_.run() && schedule() && keep_histories(context_) && inbox_.run());
    }
  }

  Task<bool> connect() {
    const auto account = co_await context_.ports.hub.account(CallClass::interactive);
    if (!account) {
      context_.note_failure(account.error());
      co_return false;
    }
    context_.note_success();
    if (!co_await pin(account->portal_id)) {
      co_return false;
    }
    for (const TypeRules& rules : context_.options.rules.types) {
      if (!co_await prepare_type(rules)) {
        co_return false;
      }
    }
    co_return true;
  }

  Task<bool> pin(std::int64_t portal_id) {
    const std::string found = std::to_string(portal_id);
    const std::string pinned = co_await context_.ports.store.run([found](Repository& repository) {
      const auto known = repository.fact(pinned_portal);
      if (!known) {
        repository.set_fact(pinned_portal, found);
      }
      return known.value_or(found);
    });
    if (pinned == found) {
      portal_changed_.reset();
      co_return true;
    }
    portal_changed_ = Error{
        ErrorCode::guarded,
        "the access token belongs to portal " + found + ", but this store is synced with portal " + pinned,
        "put the right token in place, or give this portal a store of its own ([store] path)"
    };
    context_.ports.events.emit({Severity::error, "portal.changed", portal_changed_->message});
    co_return false;
  }

  /// Learns whether the type has the unique property that makes creates safe, and makes it where the token
  /// may (I7).
  Task<bool> prepare_type(const TypeRules& rules) {
    const auto definitions = co_await context_.ports.hub.properties(rules, CallClass::interactive);
    if (!definitions) {
      context_.note_failure(definitions.error());
      co_return false;
    }
    const auto found = std::ranges::find(*definitions, uid_property, &PropertyDefinition::name);
    bool has_uid = found != definitions->end() && found->has_unique_value;
    if (found == definitions->end()) {
      const auto made = co_await context_.ports.hub.create_uid_property(rules, CallClass::interactive);
      has_uid = made.has_value();
      // Only a portal that says no goes without it; after any other failure it may be there, or be made yet.
      if (!made && made.error().outcome != Outcome::refused && made.error().outcome != Outcome::denied) {
        context_.note_failure(made.error());
        co_return false;
      }
    }
    context_.has_uid_property[rules.name] = has_uid;
    co_return true;
  }

  /// Starts polls and full runs by the clock.
  Task<void> schedule() {
    const StoreStatus status = co_await context_.ports.store.run([](Repository& r) { return r.status(); });
    Instant next_full =
        status.last_full ? status.last_full->started_at + context_.options.full_interval : context_.now();
    SteadyInstant next_poll = context_.ports.clock.steady();
    while (!context_.stopping) {
      const bool full_wanted = context_.options.full_interval > Duration{0};
      if (full_wanted && context_.now() >= next_full) {
        co_await runs_.trigger({}, RunKind::full, false);
        next_full = context_.now() + context_.options.full_interval;
        next_poll = context_.ports.clock.steady() + context_.options.poll_interval;
      } else if (context_.ports.clock.steady() >= next_poll) {
        if (co_await polled_before()) {
          co_await runs_.trigger({}, RunKind::incremental, false);
        }
        next_poll = context_.ports.clock.steady() + context_.options.poll_interval;
      }
      const SteadyInstant wake_at =
          full_wanted ? std::min(
                            next_poll,
                            context_.ports.clock.steady() + std::max(Duration{1}, next_full - context_.now())
                        )
                      : next_poll;
      const std::uint64_t seen = context_.changes;
      if (context_.changes == seen && !context_.stopping) {
        co_await wait_until(context_.wake, context_.ports.clock, wake_at);
      }
    }
  }

  /// Without a full run there is nothing a poll could go on from; the first one is triggered.
  Task<bool> polled_before() {
    for (const TypeRules& rules : context_.options.rules.types) {
      if (!co_await poll_cursor(context_, rules)) {
        co_return false;
      }
    }
    co_return true;
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

  EngineContext context_;
  Scheduler scheduler_;
  Runs runs_;
  Inbox inbox_;
  std::optional<Error> portal_changed_;
  bool connected_ = false;  ///< The portal was found to be the right one.
};

Engine::Engine(Ports ports, Options options, CallCount calls)
    : impl_(std::make_unique<Impl>(ports, std::move(options), std::move(calls))) {}

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
  impl_->inbox().arrived(count);
}

void Engine::set_paused(bool paused) {
  impl_->context().paused = paused;
  impl_->context().changed();
}

void Engine::reload(Options options) {
  impl_->context().options = std::move(options);
  impl_->context().changed();
}

Task<Result<Engine::Triggered>> Engine::trigger(std::vector<std::string> types, bool full, bool dry_run) {
  if (auto reason = impl_->locked_out()) {
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
  if (auto reason = co_await impl_->connected()) {
    co_return std::unexpected(std::move(*reason));
  }
  co_return co_await impl_->runs().sync_entity(std::move(type), std::move(id));
}

Task<Histories> Engine::histories(std::string type, HubspotId id) {
  if (impl_->locked_out()) {
    co_return Histories{};
  }
  co_return co_await read_history(impl_->context(), std::move(type), id);
}

Task<std::vector<ResolveOutcome>> Engine::resolve(std::vector<ConflictWish> wishes, std::string user) {
  co_return co_await resolve_conflicts(
      impl_->context(), std::move(wishes), std::move(user), co_await impl_->connected()
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
  return impl_->problems();
}

const Rules& Engine::rules() const {
  return impl_->context().options.rules;
}

}  // namespace hubsync
