#include "daemon/engine/scheduler.hpp"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "daemon/engine/push.hpp"
#include "daemon/ports/store_error.hpp"

namespace hubsync {
namespace {

/// How long sending rests after the store refused to write.
constexpr Duration store_rest{5'000};

/// The fact that is written to see whether anything can be.
const std::string store_tried = "store_tried";

/// Wakes up at least this often, for what no signal tells.
constexpr Duration longest_wait{60'000};

/// When the store throws half-way, the claims are given back: whatever was sent is read again before the next
/// attempt.
Task<RunCounts> push_or_release(EngineContext& context, std::string type, std::vector<Claim> claims) {
  std::vector<LocalId> ids;
  ids.reserve(claims.size());
  for (const Claim& claim : claims) {
    ids.push_back(claim.id);
  }
  std::exception_ptr error;
  try {
    const PushResult pushed =
        co_await push_batch(context, std::move(type), std::move(claims), CallClass::change, false, nullptr);
    co_return pushed.counts;
  } catch (const std::exception&) {
    error = std::current_exception();
  }
  co_await context.ports.store.run([ids](Repository& repository) { repository.release_claims(ids); });
  std::rethrow_exception(error);
}

}  // namespace

Scheduler::Scheduler(EngineContext& context, std::function<void(const RunCounts&)> on_counts)
    : context_(context), on_counts_(std::move(on_counts)), clocks_(context) {}

Task<void> Scheduler::wait_for(std::function<bool()> connected) {
  while (!context_.stopping && !connected()) {
    const std::uint64_t seen = context_.changes;
    co_await clocks_.follow();
    if (context_.changes == seen && !context_.stopping && !connected()) {
      co_await wait_until(context_.wake, context_.ports.clock, context_.ports.clock.steady() + longest_wait);
    }
  }
}

Task<void> Scheduler::run() {
  co_await recover();
  while (!context_.stopping) {
    if (broken_) {
      std::rethrow_exception(broken_);
    }
    if (context_.store_failure) {
      co_await context_.pause_for(store_rest);
      co_await try_store_again();
      continue;
    }
    const std::uint64_t seen = context_.changes;
    co_await clocks_.follow();
    const std::optional<Duration> next = co_await start_what_is_due();
    if (context_.changes == seen && !context_.stopping) {
      const Duration wait = std::clamp(next.value_or(longest_wait), Duration{1}, longest_wait);
      co_await wait_until(context_.wake, context_.ports.clock, context_.ports.clock.steady() + wait);
    }
  }
  co_await begin_stop();
  while (in_flight_ > 0) {
    co_await context_.wake.wait();
  }
}

Task<void> Scheduler::recover() {
  const std::int64_t parked = co_await context_.ports.store.run([now = context_.now()](Repository& repository
                                                                ) { return repository.recover_claims(now); });
  if (parked > 0) {
    context_.ports.events.emit(
        {Severity::error,
         "push.set_aside",
         "the daemon died each time it sent one record alone: the record waits for an edit or `hubsync "
         "retry`",
         {{"records", std::to_string(parked)}}}
    );
  }
}

/// Calls that hang are cut at the end of the stop.
Task<void> Scheduler::begin_stop() {
  try {
    co_await context_.ports.store.run([](Repository& repository) { repository.begin_stop(); });
  } catch (const StoreUnavailable&) {
    co_return;  // Then it counts as a death, of which one makes no difference.
  }
}

Task<void> Scheduler::drained(std::vector<std::string> types) {
  while (may_send()) {
    const std::uint64_t seen = context_.changes;
    std::int64_t ready = in_flight_;
    for (const std::string& type : types) {
      const DueSummary summary =
          co_await context_.ports.store.run([type, now = context_.now()](Repository& repository) {
            return repository.due_summary(type, now);
          });
      ready += summary.ready;
    }
    if (ready == 0) {
      co_return;
    }
    if (context_.changes == seen) {
      co_await wait_until(context_.wake, context_.ports.clock, context_.ports.clock.steady() + burst_quiet);
    }
  }
}

bool Scheduler::may_send() const {
  return !context_.stopping && !context_.paused && !context_.store_failure;
}

/// How long until something not yet ready becomes so.
Task<std::optional<Duration>> Scheduler::start_what_is_due() {
  std::optional<Duration> next;
  for (const TypeRules& rules : context_.options.rules.types) {
    const std::optional<Duration> wait = co_await start_type(rules);
    if (wait && (!next || *wait < *next)) {
      next = wait;
    }
  }
  co_return next;
}

Task<std::optional<Duration>> Scheduler::start_type(const TypeRules& rules) {
  const auto executor = co_await boost::asio::this_coro::executor;
  while (may_send() && in_flight_ < context_.options.concurrency) {
    const Instant now = context_.now();
    const DueSummary summary =
        co_await context_.ports.store.run([type = rules.name, now](Repository& repository) {
          return repository.due_summary(type, now);
        });
    if (in_flight_ == 0 && summary.ready == 0 && !summary.next_at) {
      context_.unwritable.erase(rules.name);  // Nobody waits for the scope any more.
    }
    const std::optional<Instant> at = send_at(summary, now);
    if (!at || *at > now) {
      co_return at ? std::optional{*at - now} : std::nullopt;
    }
    std::vector<Claim> claims =
        co_await context_.ports.store.run([type = rules.name, now](Repository& repository) {
          return repository.claim_due(type, batch_limit, now);
        });
    if (claims.empty()) {
      break;
    }
    start_batch(rules, std::move(claims), executor);
  }
  co_return std::nullopt;
}

void Scheduler::start_batch(
    const TypeRules& rules, std::vector<Claim> claims, const boost::asio::any_io_executor& executor
) {
  ++in_flight_;
  boost::asio::co_spawn(
      executor,
      push_or_release(context_, rules.name, std::move(claims)),
      [this](std::exception_ptr error, RunCounts counts) {
        --in_flight_;
        if (error) {
          end_badly(std::move(error));
        } else {
          on_counts_(counts);
        }
        context_.changed();
      }
  );
}

void Scheduler::end_badly(std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const StoreUnavailable& failure) {
    context_.note_store_failure(failure.what());
  } catch (...) {
    broken_ = std::move(error);  // Nothing that a wait would mend (I36).
  }
}

Task<void> Scheduler::try_store_again() {
  try {
    co_await context_.ports.store.run([now = context_.now()](Repository& repository) {
      repository.set_fact(store_tried, format_instant(now));
    });
  } catch (const StoreUnavailable&) {
    co_return;
  }
  context_.note_store_success();
}

}  // namespace hubsync
