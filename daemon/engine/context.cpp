#include "daemon/engine/context.hpp"

#include <algorithm>

#include "daemon/ports/store_error.hpp"

namespace hubsync {
namespace {

bool is_written(const PushOutcome& outcome) {
  return !outcome.failure && !outcome.reference_failure;
}

/// The first failure for want of a scope.
const CallFailure* scope_failure(const std::vector<PushOutcome>& outcomes) {
  for (const PushOutcome& outcome : outcomes) {
    for (const auto* const failure : {&outcome.failure, &outcome.reference_failure}) {
      if (*failure && (*failure)->outcome == Outcome::denied && is_final(**failure)) {
        return &**failure;
      }
    }
  }
  return nullptr;
}

}  // namespace

std::vector<Error> EngineContext::problems() const {
  std::vector<Error> problems = obstacles();
  for (const auto* const refused : {&unreadable, &unwritable}) {
    for (const auto& [type, problem] : *refused) {
      problems.push_back(problem);
    }
  }
  return problems;
}

std::vector<Error> EngineContext::obstacles() const {
  std::vector<Error> problems;
  for (const std::optional<Error>& problem : {denied, unreachable, spent, store_failure, wrong_portal}) {
    if (problem) {
      problems.push_back(*problem);
    }
  }
  return problems;
}

void EngineContext::note_success() {
  const bool new_day = spent && ports.clock.steady() >= spent_until;
  if (unreachable || denied || new_day) {
    ports.events.emit({Severity::info, "hubspot.back", "HubSpot answers again"});
  }
  if (new_day) {
    spent.reset();
  }
  unreachable.reset();
  denied.reset();
}

void EngineContext::note_failure(const CallFailure& failure) {
  const bool refused_token = failure.outcome == Outcome::denied;
  if (is_final(failure) || (stopping && failure.outcome == Outcome::postponed)) {
    return;  // Says nothing about HubSpot's health.
  }
  const bool postponed = failure.outcome == Outcome::postponed;
  std::optional<Error>& slot = refused_token ? denied : postponed ? spent : unreachable;
  if (!slot) {
    ports.events.emit(
        {refused_token ? Severity::error : Severity::warning,
         refused_token ? "hubspot.denied" : "hubspot.failing",
         describe(failure),
         {{"status", std::to_string(failure.status)}, {"correlation_id", failure.correlation_id}}}
    );
  }
  slot = to_error(failure);
  if (postponed) {
    unreachable.reset();
    spent_until = ports.clock.steady() + failure.retry_after.value_or(Duration{0});
    changed();
  }
}

void EngineContext::note_reads(const std::string& type, const CallFailure* failure) {
  if (failure == nullptr) {
    if (allow(unreadable, type, "reads")) {
      readable_again.insert(type);
      changed();
    }
  } else if (is_final(*failure)) {
    refuse(unreadable, type, "reads", *failure);
  }
}

void EngineContext::note_writes(const std::string& type, const std::vector<PushOutcome>& outcomes) {
  if (const CallFailure* const failure = scope_failure(outcomes)) {
    refuse(unwritable, type, "writes", *failure);
  } else if (std::ranges::any_of(outcomes, is_written)) {
    allow(unwritable, type, "writes");
  }
}

void EngineContext::refuse(
    std::map<std::string, Error>& refused,
    const std::string& type,
    const std::string& what,
    const CallFailure& failure
) {
  Error problem = to_error(failure);
  problem.message = "HubSpot takes no " + what + " of " + type + ": " + problem.message;
  problem.field = type;
  if (!refused.contains(type)) {
    ports.events.emit(
        {Severity::error,
         "hubspot.denied",
         problem.message,
         {{"entity_type", type},
          {"status", std::to_string(failure.status)},
          {"correlation_id", failure.correlation_id}}}
    );
  }
  refused.insert_or_assign(type, std::move(problem));
}

bool EngineContext::allow(
    std::map<std::string, Error>& refused, const std::string& type, const std::string& what
) {
  if (refused.erase(type) == 0) {
    return false;
  }
  ports.events.emit(
      {Severity::info,
       "hubspot.back",
       "HubSpot takes " + what + " of " + type + " again",
       {{"entity_type", type}}}
  );
  return true;
}

void EngineContext::note_store_failure(const std::string& why) {
  if (!store_failure) {
    ports.events.emit({Severity::error, "store.failed", why});
  }
  store_failure = Error{
      ErrorCode::unavailable,
      "the store cannot be written: " + why,
      "free disk space or repair the disk; it is tried again by itself"
  };
  changed();
}

void EngineContext::note_store_success() {
  if (store_failure) {
    ports.events.emit({Severity::info, "store.back", "the store can be written again"});
  }
  store_failure.reset();
  changed();
}

void EngineContext::note_damage(const std::string& why) {
  ports.events.emit({Severity::error, "store.damaged", why});
  store_failure = Error{ErrorCode::unavailable, "nothing is written any more: " + why, damage_hint};
}

Task<void> EngineContext::pause_for(Duration duration) {
  const SteadyInstant deadline = ports.clock.steady() + duration;
  const std::uint64_t before = reloads;
  while (!stopping && reloads == before && ports.clock.steady() < deadline) {
    co_await wait_until(wake, ports.clock, deadline);
  }
}

bool is_final(const CallFailure& failure) {
  return failure.outcome == Outcome::refused || (failure.outcome == Outcome::denied && failure.status == 403);
}

std::string describe(const CallFailure& failure) {
  if (failure.outcome == Outcome::postponed) {
    return failure.message;
  }
  std::string text =
      failure.status == 0 ? "no answer from HubSpot" : "HubSpot answered " + std::to_string(failure.status);
  if (!failure.category.empty()) {
    text.append(" ").append(failure.category);
  }
  if (!failure.message.empty()) {
    text.append(": ").append(failure.message);
  }
  if (!failure.correlation_id.empty()) {
    text.append(" (correlation id ").append(failure.correlation_id).append(")");
  }
  return text;
}

Error to_error(const CallFailure& failure) {
  if (failure.outcome == Outcome::denied) {
    return {
        ErrorCode::refused,
        describe(failure),
        (failure.hint.empty() ? "check the access token and its scopes in HubSpot" : failure.hint) +
            ", then reload the daemon (systemctl reload hubsyncd)"
    };
  }
  if (failure.outcome == Outcome::postponed) {
    return {ErrorCode::unavailable, describe(failure), budget_hint};
  }
  return {ErrorCode::unavailable, describe(failure), "it is tried again by itself"};
}

}  // namespace hubsync
