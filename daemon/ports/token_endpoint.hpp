// Where access tokens come from when the credential is an OAuth refresh token (HUBSPOT.md §10). Loop thread.
#pragma once

#include "common/time.hpp"
#include "daemon/ports/hub_types.hpp"
#include "daemon/ports/task.hpp"

namespace hubsync {

class TokenEndpoint {
 public:
  virtual ~TokenEndpoint() = default;

  /// Asks once for a new access token and has it kept for the calls that follow; how long it is good for.
  /// `denied` means that a person has to act: the refresh token is revoked, or the app is another.
  virtual Task<Reply<Duration>> renew() = 0;
};

}  // namespace hubsync
