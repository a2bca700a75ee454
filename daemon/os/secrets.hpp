// Secrets: the type that holds one and the three places they are read from. Start-up and reload; loop thread.
// A secret is never printed, compared or stored elsewhere here; messages name its source only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace hubsync {

/// The text of a secret. Copies share one buffer, which is locked in memory and wiped when the last copy
/// goes. There is deliberately no stream operator, no comparison and no conversion.
class Secret {
 public:
  explicit Secret(std::string_view text);

  /// The text itself; ask for it only where it is put on the wire or into a key.
  [[nodiscard]] std::string_view reveal() const;

 private:
  class Buffer;
  std::shared_ptr<const Buffer> buffer_;
};

/// A secret and where it was found: "credential hubspot-access-token", "environment X", "file
/// /etc/hubsync/token".
struct LoadedSecret {
  Secret secret;
  std::string source;
  std::optional<Secret> second = {
  };  ///< Only of the webhook secret: the other one, while it is being changed.
  std::string file = {};  ///< Its path when it came from a file.
};

/// What the environment held at start; the variables are wiped from it (and from /proc/PID/environ) when
/// taken.
struct EnvironmentSecrets {
  std::optional<Secret> access_token;
  std::optional<Secret> webhook_secret;
  std::optional<Secret> client_secret;
  std::optional<Secret> refresh_token;
};

/// Takes HUBSPOT_ACCESS_TOKEN, HUBSPOT_WEBHOOK_SECRET, HUBSPOT_CLIENT_SECRET and HUBSPOT_REFRESH_TOKEN. Call
/// once, before any thread starts; keep the result, a reload needs it again.
[[nodiscard]] EnvironmentSecrets take_environment_secrets();

/// Where to look for one secret, in this order; an empty part is skipped.
struct SecretPlaces {
  std::string what;        ///< "HubSpot access token", for messages.
  std::string credential;  ///< Its name below $CREDENTIALS_DIRECTORY.
  std::string variable;    ///< The environment variable's name, for messages.
  std::optional<Secret> from_environment;
  std::string file;
  bool may_have_second = false;  ///< A second line is a second secret.
};

/// The places of each secret.
[[nodiscard]] SecretPlaces access_token_places(const EnvironmentSecrets& environment, std::string file);
[[nodiscard]] SecretPlaces webhook_secret_places(const EnvironmentSecrets& environment, std::string file);
[[nodiscard]] SecretPlaces client_secret_places(const EnvironmentSecrets& environment, std::string file);
[[nodiscard]] SecretPlaces refresh_token_places(const EnvironmentSecrets& environment, std::string file);

/// The bearer token of the control API's TCP listener: a file only.
[[nodiscard]] SecretPlaces control_token_places(std::string file);

/// The first one found. not_found when no place has it; any other error is a place that has it and must not
/// be used: somebody else may read it, it is empty, it is a link, it is not one line of printable text.
[[nodiscard]] Result<LoadedSecret> load_secret(const SecretPlaces& places);

/// The same for a secret that need not be: nothing instead of not_found.
[[nodiscard]] Result<std::optional<LoadedSecret>> find_secret(const SecretPlaces& places);

}  // namespace hubsync
