#include "daemon/engine/connection.hpp"

#include <algorithm>
#include <utility>

namespace hubsync {
namespace {

/// How often a refused token is tried again.
constexpr Duration denied_interval{60'000};
constexpr Duration unreachable_interval{5'000};

}  // namespace

Connection::Connection(EngineContext& context, Hub& hub, GatedHub& gate, Engine::OnAccount on_account)
    : context_(context), hub_(hub), gate_(gate), on_account_(std::move(on_account)) {}

Task<void> Connection::establish() {
  while (!context_.stopping && !ready_) {
    connecting_ = true;
    const std::uint64_t attempt = context_.reloads;
    const bool right = co_await connect();
    connecting_ = false;
    if (right) {
      ready_ = true;
      gate_.open();
    }
    context_.changed();
    if (!right && attempt == context_.reloads) {
      co_await context_.pause_for(context_.denied ? denied_interval : unreachable_interval);
    }
  }
}

Task<void> Connection::keep() {
  while (!context_.stopping) {
    if (!ready_) {
      co_await establish();
    } else if (!context_.readable_again.empty()) {
      co_await prepare_again(*context_.readable_again.begin());
    } else {
      co_await context_.wake.wait();
    }
  }
}

/// A type that could not be read, and now can.
Task<void> Connection::prepare_again(std::string type) {
  const TypeRules* const rules = context_.options.rules.find(type);
  connecting_ = true;  // Past the gate: another token has to wait for it.
  const bool prepared = rules == nullptr || co_await prepare_type(*rules);
  connecting_ = false;
  context_.changed();
  if (prepared) {
    context_.readable_again.erase(type);
  } else {
    co_await context_.pause_for(unreachable_interval);
  }
}

Task<void> Connection::renew_token(Engine::TokenChange change) {
  const bool was_right = ready_;
  gate_.close();
  ready_ = false;
  co_await gate_.idle();
  while (connecting_) {
    co_await context_.wake.wait();
  }
  std::function<void()> back = change();
  if (was_right) {
    put_back_ = std::move(back);
  }
  context_.denied.reset();
  context_.unreadable.clear();
  context_.unwritable.clear();
  context_.wrong_portal.reset();
  ++context_.reloads;
  context_.changed();
}

Task<std::optional<Error>> Connection::ready() {
  while (!ready_ && context_.obstacles().empty() && !context_.stopping) {
    co_await context_.wake.wait();
  }
  if (ready_) {
    co_return std::nullopt;
  }
  if (context_.stopping) {
    co_return Error{ErrorCode::unavailable, "the daemon is stopping"};
  }
  co_return context_.obstacles().front();
}

std::optional<Error> Connection::locked_out() const {
  return ready_ ? std::nullopt : context_.denied ? context_.denied : context_.wrong_portal;
}

Task<bool> Connection::connect() {
  const auto account = co_await hub_.account(CallClass::interactive);
  if (account || is_final(account.error())) {
    put_back_ = {};
  }
  bool right = false;
  if (account) {
    context_.note_success();
    right = co_await pin(*account);
  } else {
    right = co_await goes_unpinned(account.error());
  }
  if (!right) {
    co_return false;
  }
  for (const TypeRules& rules : context_.options.rules.types) {
    if (!co_await prepare_type(rules)) {
      co_return false;
    }
  }
  co_return true;
}

/// The details of the account need a scope of their own, `oauth`, that a token may lack which can do all the
/// rest (HUBSPOT.md §10). A store that has never been synced has no portal to be mistaken about; another one
/// waits for a person.
Task<bool> Connection::goes_unpinned(CallFailure failure) {
  if (failure.outcome == Outcome::denied && put_back_) {
    put_back(failure);
    co_return true;
  }
  if (!is_final(failure)) {
    context_.note_failure(failure);
    co_return false;
  }
  const std::string what = "HubSpot does not say whose portal the access token opens: " + describe(failure);
  const auto pinned = co_await context_.ports.store.run([](Repository& repository) {
    return repository.fact(pinned_portal);
  });
  if (!pinned) {
    context_.ports.events.emit({Severity::warning, "portal.unknown", what});
    co_return true;
  }
  if (!context_.wrong_portal) {
    context_.ports.events.emit({Severity::error, "portal.unknown", what});
  }
  context_.wrong_portal = Error{
      ErrorCode::guarded,
      what + "; this store is synced with portal " + *pinned,
      "use a token of that portal that may read the account's details (scope oauth)"
  };
  co_return false;
}

/// HubSpot refuses the token that was put in place.
void Connection::put_back(const CallFailure& failure) {
  std::exchange(put_back_, {})();
  context_.ports.events.emit(
      {Severity::error,
       "token.refused",
       "HubSpot refuses the new access token, and the one before stays in use: " + describe(failure),
       {{"status", std::to_string(failure.status)}, {"correlation_id", failure.correlation_id}}}
  );
}

Task<bool> Connection::pin(Account account) {
  if (on_account_) {
    on_account_(account);
  }
  const std::string found = std::to_string(account.portal_id);
  const std::string pinned = co_await context_.ports.store.run([found](Repository& repository) {
    const auto known = repository.fact(pinned_portal);
    if (!known) {
      repository.set_fact(pinned_portal, found);
    }
    return known.value_or(found);
  });
  if (pinned == found) {
    context_.wrong_portal.reset();
    co_return true;
  }
  context_.wrong_portal = Error{
      ErrorCode::guarded,
      "the access token belongs to portal " + found + ", but this store is synced with portal " + pinned,
      "put the right token in place, or give this portal a store of its own ([store] path)"
  };
  context_.ports.events.emit({Severity::error, "portal.changed", context_.wrong_portal->message});
  co_return false;
}

/// Learns whether the type has the unique property that makes creates safe, and makes it where the token
/// may (I7). A type whose properties the token may not read keeps no other one waiting.
Task<bool> Connection::prepare_type(const TypeRules& rules) {
  const auto definitions = co_await hub_.properties(rules, CallClass::interactive);
  if (!definitions && is_final(definitions.error())) {
    context_.ports.events.emit(
        {Severity::warning,
         "properties.unreadable",
         "the properties of " + rules.name +
             " cannot be read, so hubsync_id is not used: " + describe(definitions.error()),
         {{"entity_type", rules.name}, {"correlation_id", definitions.error().correlation_id}}}
    );
    context_.has_uid_property[rules.name] = false;
    co_return true;
  }
  if (!definitions) {
    context_.note_failure(definitions.error());
    co_return false;
  }
  const auto found = std::ranges::find(*definitions, uid_property, &PropertyDefinition::name);
  const Reply<bool> has_uid =
      found == definitions->end() ? co_await make_uid_property(rules) : Reply<bool>{found->has_unique_value};
  if (!has_uid) {
    context_.note_failure(has_uid.error());
    co_return false;
  }
  context_.has_uid_property[rules.name] = *has_uid;
  co_return true;
}

/// Whether the type has it then. Only a portal that says no goes without it; after any other failure it may
/// be there, or be made yet. Made already (409), by a request of ours that came late, it has to be looked at.
Task<Reply<bool>> Connection::make_uid_property(const TypeRules& rules) {
  const auto made = co_await hub_.create_uid_property(rules, CallClass::interactive);
  if (made) {
    co_return true;
  }
  const CallFailure& failure = made.error();
  if (failure.status == 409) {
    const auto definitions = co_await hub_.properties(rules, CallClass::interactive);
    if (!definitions) {
      co_return std::unexpected(definitions.error());
    }
    const auto found = std::ranges::find(*definitions, uid_property, &PropertyDefinition::name);
    co_return found != definitions->end() && found->has_unique_value;
  }
  if (is_final(failure)) {
    co_return false;
  }
  co_return std::unexpected(failure);
}

}  // namespace hubsync
