// When an OAuth access token is renewed, and by whom of those that need it (HUBSPOT.md §10). Pure; any
// thread. Knows no token, only how long it is good for.
#pragma once

#include <cstdint>

#include "common/time.hpp"

namespace hubsync {

/// What somebody who wants to call HubSpot has to do first.
enum class TokenNeed : std::uint8_t {
  none,    ///< Nothing: the token is good.
  renew,   ///< Ask for a new one.
  wait,    ///< Somebody asks already.
  refused  ///< The last who asked got none, and it is too early to ask again.
};

class TokenLifetime {
 public:
  /// Names a token, or the attempt to get one.
  using Number = std::uint64_t;

  [[nodiscard]] TokenNeed need(SteadyInstant now) const;
  /// The token is good still, although a new one may be needed soon.
  [[nodiscard]] bool usable(SteadyInstant now) const { return now < expires_at_; }

  /// Somebody asks for a token; one of the next three ends it, and does nothing after a restart().
  [[nodiscard]] Number begin();
  void renewed(Number attempt, SteadyInstant now, Duration lifetime);
  /// Nobody asks again before `until`; SteadyInstant::max(): not before a restart.
  void failed(Number attempt, SteadyInstant until);
  void abandoned(Number attempt);

  /// The token that calls are made with now.
  [[nodiscard]] Number token() const { return token_; }
  /// HubSpot took that one for no good (401); a newer one stays good.
  void rejected(Number token);

  /// Another credential is in place.
  void restart();

  /// Attempts that failed since the last that did not.
  [[nodiscard]] int failures() const { return failures_; }
  [[nodiscard]] SteadyInstant blocked_until() const { return blocked_until_; }

 private:
  [[nodiscard]] bool is_current(Number attempt) const { return attempt_ == attempt && renewing_; }

  SteadyInstant renew_at_ = SteadyInstant::min();
  SteadyInstant expires_at_ = SteadyInstant::min();
  SteadyInstant blocked_until_ = SteadyInstant::min();
  Number attempt_ = 0;
  Number token_ = 0;
  int failures_ = 0;
  bool renewing_ = false;
};

}  // namespace hubsync
