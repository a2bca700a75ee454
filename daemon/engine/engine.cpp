#include "daemon/engine/engine.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "daemon/engine/apply.hpp"
#include "daemon/engine/context.hpp"
#include "daemon/engine/gate.hpp"
#include "daemon/engine/histories.hpp"
#include "daemon/engine/inbox.hpp"
#include "daemon/engine/inspect.hpp"
#include "daemon/engine/resolve.hpp"
#include "daemon/engine/runs.hpp"
#include "daemon/engine/scheduler.hpp"
#include "daemon/engine/verify.hpp"

namespace hubsync {
namespace {

using boost::asio::experimental::awaitable_operators::operator&&;

/// How often a refused token is tried again.
constexpr Duration denied_interval{60'000};
constexpr Duration unreachable_interval{5'000};

/// Log entries removed in one transaction, and how often at the least.
constexpr std::int64_t purge_batch = 5'000;
constexpr Duration purge_interval{3'600'000};

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
  Impl(Ports ports, Options options, CallCount calls, OnAccount on_account)
      : hub_(ports.hub),
        gate_(ports.hub),
        context_{
            .ports = {gate_, ports.store, ports.clock, ports.random, ports.events},
            .options = std::move(options),
            .wake = {}
        },
        scheduler_(context_, [this](const RunCounts& counts) { runs_.add(counts); }),
        runs_(context_, scheduler_, std::move(calls)),
        inbox_(context_),
        on_account_(std::move(on_account)) {}

  Task<void> run() {
    context_.paused = (co_await context_.ports.store.run([](Repository& r) { return r.status(); })).paused;
    co_await (work() && purge());
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
    ++context_.reloads;
    context_.changed();
  }

  Task<void> renew_token(std::function<void()> change) {
    gate_.close();
    connected_ = false;
    co_await gate_.idle();
    while (connecting_) {
      co_await context_.wake.wait();
    }
    change();
    context_.denied.reset();
    portal_changed_.reset();
    ++context_.reloads;
    context_.changed();
  }

  [[nodiscard]] bool is_connected() const { return connected_; }

  EngineContext& context() { return context_; }
  /// Past the gate.
  Hub& hub() { return hub_; }
  Runs& runs() { return runs_; }
  void events_came(std::int64_t count) {
    last_event_ = context_.ports.clock.steady();
    inbox_.arrived(count);
  }

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
  Task<void> work() {
    co_await establish();
    if (!context_.stopping) {
      co_await (
          scheduler_.run() && runs_.run() && schedule() && keep_histories(context_) && inbox_.run() &&
          keep_established()
      );
    }
  }

  /// Nothing is read or written before the portal is known to be the right one (I11).
  Task<void> establish() {
    while (!context_.stopping && !connected_) {
      connecting_ = true;
      const std::uint64_t attempt = context_.reloads;
      const bool right = co_await connect();
      connecting_ = false;
      if (right) {
        connected_ = true;
        gate_.open();
      }
      context_.changed();
      if (!right && attempt == context_.reloads) {
        co_await context_.pause_for(context_.denied ? denied_interval : unreachable_interval);
      }
    }
  }

  /// Another token is as unknown as the first one was.
  Task<void> keep_established() {
    while (!context_.stopping) {
      if (connected_) {
        co_await context_.wake.wait();
      } else {
        co_await establish();
      }
    }
  }

  Task<bool> connect() {
    const auto account = co_await hub_.account(CallClass::interactive);
    if (!account) {
      context_.note_failure(account.error());
      co_return false;
    }
    context_.note_success();
    if (on_account_) {
      on_account_(*account);
    }
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
    const auto definitions = co_await hub_.properties(rules, CallClass::interactive);
    if (!definitions) {
      context_.note_failure(definitions.error());
      co_return false;
    }
    const auto found = std::ranges::find(*definitions, uid_property, &PropertyDefinition::name);
    bool has_uid = found != definitions->end() && found->has_unique_value;
    if (found == definitions->end()) {
      const auto made = co_await hub_.create_uid_property(rules, CallClass::interactive);
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
    std::optional<Instant> last_full =
        status.last_full ? std::optional{status.last_full->started_at} : std::nullopt;
    std::optional<SteadyInstant> last_poll;
    std::optional<std::uint64_t> reloads;
    while (!context_.stopping) {
      if (reloads != context_.reloads) {
        reloads = context_.reloads;
        last_poll.reset();
        co_await compare_mapping();
      }
      const SteadyInstant now = context_.ports.clock.steady();
      const Instant next_full = last_full ? *last_full + context_.options.full_interval : context_.now();
      const bool full_by_clock = context_.options.full_interval > Duration{0};
      if ((full_by_clock && context_.now() >= next_full) || (mapping_changed_ && !runs_.busy())) {
        mapping_changed_ = false;
        last_full = context_.now();
        last_poll = now;
        co_await runs_.trigger({}, RunKind::full, false);
        continue;
      }
      const SteadyInstant next_poll = last_poll ? poll_due(*last_poll, now) : now;
      if (now >= next_poll) {
        last_poll = now;
        if (co_await polled_before()) {
          co_await runs_.trigger({}, RunKind::incremental, false);
        }
        continue;
      }
      const SteadyInstant wake_at =
          full_by_clock ? std::min(next_poll, now + std::max(Duration{1}, next_full - context_.now()))
                        : next_poll;
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

  Hub& hub_;  ///< For finding out whose portal it is; everything else passes the gate.
  GatedHub gate_;
  EngineContext context_;
  Scheduler scheduler_;
  Runs runs_;
  Inbox inbox_;
  OnAccount on_account_;
  std::optional<Error> portal_changed_;
  bool connected_ = false;  ///< The portal was found to be the right one.
  bool connecting_ = false;
  std::optional<SteadyInstant> last_event_;  ///< When the last webhook came.
  bool mapping_changed_ = false;             ///< A full run has to follow.
};

Engine::Engine(Ports ports, Options options, CallCount calls, OnAccount on_account)
    : impl_(std::make_unique<Impl>(ports, std::move(options), std::move(calls), std::move(on_account))) {}

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

Task<void> Engine::renew_token(std::function<void()> change) {
  return impl_->renew_token(std::move(change));
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

Task<Result<VerifyPart>> Engine::verify(std::string type, std::string after) {
  if (auto reason = co_await impl_->connected()) {
    co_return std::unexpected(std::move(*reason));
  }
  co_return co_await verify_part(impl_->context(), std::move(type), std::move(after));
}

Task<Result<ApplyOutcome>> Engine::apply(ApplyWish wish) {
  if (auto reason = co_await impl_->connected()) {
    co_return std::unexpected(std::move(*reason));
  }
  co_return co_await apply_part(impl_->context(), std::move(wish));
}

Task<Inspection> Engine::inspect() {
  co_return co_await inspect_hubspot(impl_->context(), impl_->hub());
}

Task<std::vector<MadeProperty>> Engine::make_properties() {
  if (co_await impl_->connected()) {
    co_return std::vector<MadeProperty>{};
  }
  std::vector<MadeProperty> made = co_await make_missing_properties(impl_->context());
  impl_->context().changed();
  co_return made;
}

Task<Histories> Engine::histories(std::string type, HubspotId id) {
  if (!impl_->is_connected()) {
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
