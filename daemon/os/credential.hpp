// Which credential opens HubSpot: a static access token or the refresh token of an OAuth app. Start-up and
// reload; loop thread.
#pragma once

#include <string>
#include <variant>

#include "daemon/os/config.hpp"
#include "daemon/os/secrets.hpp"

namespace hubsync {

struct OauthSecrets {
  std::string client_id;
  LoadedSecret client_secret;
  LoadedSecret refresh_token;
};

/// The access token of a private app or a service key, or what gets one by OAuth.
using Credential = std::variant<LoadedSecret, OauthSecrets>;

/// Exactly one of the two is to be there: both are `invalid`, and the message names their keys.
[[nodiscard]] Result<Credential> load_credential(const Config& config, const EnvironmentSecrets& environment);

}  // namespace hubsync
