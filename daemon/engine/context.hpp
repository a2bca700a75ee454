// What every flow of the engine shares: the ports, the options, the signals between flows, and why it is
// degraded. Loop thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/engine/engine.hpp"
#include "daemon/engine/signal.hpp"

namespace hubsync {

/// The fact that pins the portal (I11).
inline const std::string pinned_portal = "portal_id";

struct EngineContext {
  Engine::Ports ports;
  Engine::Options options;
  std::function<std::optional<Instant>()> hubspot_time = {};  ///< See Engine::Line.

  bool stopping = false;
  bool paused = false;
  std::map<std::string, bool> has_uid_property = {
  };  ///< By type: HubSpot has the unique property hubsync_id.
  std::optional<Error> denied = {};  ///< HubSpot refuses the token.
  std::map<std::string, Error> unreadable = {
  };  ///< By type: HubSpot refused to have it read. Only a run over all of it proves the contrary.
  std::set<std::string> readable_again = {};  ///< Types that were unreadable: what they offer is not known.
  std::map<std::string, Error> unwritable = {
  };  ///< By type: HubSpot refused its last write for want of a scope. Reading says nothing about it.
  std::optional<Error> unreachable = {};    ///< The last call got no useful answer.
  std::optional<Error> spent = {};          ///< The day's calls are used up.
  SteadyInstant spent_until{};              ///< An answer on its way before then proves nothing.
  std::optional<Error> store_failure = {};  ///< The store cannot write.
  std::optional<Error> wrong_portal = {};   ///< The token opens another portal than the store's (I11).

  std::uint64_t reloads = 0;  ///< Grows with each reload; a pause that began before it ends.
  std::vector<Rules> former_rules = {
  };  ///< Flows under way still refer to them; moving a Rules leaves its types in place.

  Signal wake;  ///< Something changed: due work, a run to start, a stop, a reload.
  std::uint64_t changes =
      0;  ///< Grows with each wake; a flow that looked before compares it before it waits.

  void changed() {
    ++changes;
    wake.notify_all();
  }

  /// Why the state is degraded, each with what to do. One of a single type has it as its field.
  [[nodiscard]] std::vector<Error> problems() const;
  /// Those of them that concern everything.
  [[nodiscard]] std::vector<Error> obstacles() const;

  [[nodiscard]] Instant now() const { return ports.clock.now(); }
  /// For what is compared with HubSpot's times: a cursor must not depend on how our clock is set (I34).
  [[nodiscard]] Instant hubspot_now() const { return hubspot_time ? hubspot_time().value_or(now()) : now(); }

  /// Remembers what a reply says about HubSpot's health and tells it once.
  void note_success();
  void note_failure(const CallFailure& failure);
  /// Remembers that HubSpot refused for good to have a type read (other failures say nothing about that), or
  /// with none that it was read, and tells it once.
  void note_reads(const std::string& type, const CallFailure* failure);
  /// Remembers whether HubSpot takes writes of a type, and tells it once.
  void note_writes(const std::string& type, const std::vector<PushOutcome>& outcomes);
  /// The store cannot write: no new work until it can.
  void note_store_failure(const std::string& why);
  void note_store_success();
  /// What is stored contradicts itself: nothing is written any more until a person has looked (I36).
  void note_damage(const std::string& why);

  /// Waits, but no longer than until stop() or a reload.
  Task<void> pause_for(Duration duration);

 private:
  /// What is refused of a type, "reads" or "writes", and given again; each told once.
  void refuse(
      std::map<std::string, Error>& refused,
      const std::string& type,
      const std::string& what,
      const CallFailure& failure
  );
  bool allow(std::map<std::string, Error>& refused, const std::string& type, const std::string& what);
};

/// What to do about a spent budget.
inline const std::string budget_hint =
    "local edits are kept and sent then; [rate_limit] daily is the limit, if the portal allows more";

/// HubSpot said no to this one thing, a path, an object type or a scope, and will go on saying it: no verdict
/// on the token or on anything else.
[[nodiscard]] bool is_final(const CallFailure& failure);

/// The failure in a person's words, with HubSpot's correlation id.
[[nodiscard]] std::string describe(const CallFailure& failure);
[[nodiscard]] Error to_error(const CallFailure& failure);

/// What a flow does once the day's calls are used up: a person who waits is told instead.
enum class WhenSpent : std::uint8_t { wait, give_up };

/// Makes a call that only reads, again and again by the retry schedule, until it answers or gives up. One
/// layer retries, none below it (I27). `call` returns the awaitable of a Hub method.
template <class Call>
auto persist(EngineContext& context, Call call, WhenSpent when_spent = WhenSpent::wait) -> decltype(call()) {
  int retries = 0;
  for (;;) {
    auto reply = co_await call();
    if (reply) {
      context.note_success();
      co_return reply;
    }
    context.note_failure(reply.error());
    const RetryDecision decision = after_failure(
        context.options.retry,
        reply.error().outcome,
        retries,
        reply.error().retry_after,
        context.ports.random.unit()
    );
    const bool in_vain = reply.error().outcome == Outcome::postponed && when_spent == WhenSpent::give_up;
    if (decision.verdict != Verdict::retry || context.stopping || in_vain) {
      co_return reply;
    }
    retries = decision.retries;
    co_await context.pause_for(decision.wait);
  }
}

}  // namespace hubsync
