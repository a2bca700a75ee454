#include "daemon/core/token_lifetime.hpp"

#include <algorithm>

namespace hubsync {
namespace {

constexpr Duration shortest_lifetime{1'000};
constexpr Duration longest_lifetime{24 * 3'600'000};
/// So long before its end a token is renewed: longer than a call may take.
constexpr Duration early{60'000};

}  // namespace

TokenNeed TokenLifetime::need(SteadyInstant now) const {
  if (renewing_) {
    return TokenNeed::wait;
  }
  if (now < renew_at_) {
    return TokenNeed::none;
  }
  if (now >= blocked_until_) {
    return TokenNeed::renew;
  }
  return usable(now) ? TokenNeed::none : TokenNeed::refused;
}

TokenLifetime::Number TokenLifetime::begin() {
  renewing_ = true;
  return ++attempt_;
}

void TokenLifetime::renewed(Number attempt, SteadyInstant now, Duration lifetime) {
  if (!is_current(attempt)) {
    return;
  }
  const Duration bounded = std::clamp(lifetime, shortest_lifetime, longest_lifetime);
  renewing_ = false;
  token_ = attempt;
  expires_at_ = now + bounded;
  // A token of a few seconds would otherwise be renewed before every call.
  renew_at_ = expires_at_ - std::min(early, bounded / 10);
  blocked_until_ = SteadyInstant::min();
  failures_ = 0;
}

void TokenLifetime::failed(Number attempt, SteadyInstant until) {
  if (!is_current(attempt)) {
    return;
  }
  renewing_ = false;
  blocked_until_ = until;
  ++failures_;
}

void TokenLifetime::abandoned(Number attempt) {
  if (is_current(attempt)) {
    renewing_ = false;
  }
}

void TokenLifetime::rejected(Number token) {
  if (token == token_) {
    renew_at_ = SteadyInstant::min();
    expires_at_ = SteadyInstant::min();
  }
}

void TokenLifetime::restart() {
  const Number last = attempt_;
  *this = {};
  attempt_ = last;
}

}  // namespace hubsync
