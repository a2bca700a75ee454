#include "daemon/os/credential.hpp"

#include <optional>
#include <utility>

namespace hubsync {
namespace {

std::string origin_of_client_id(const Config& config) {
  const auto origin = config.origins.find("hubspot.client_id");
  return "hubspot.client_id" + (origin == config.origins.end() ? "" : " (" + origin->second + ")");
}

Error both(const Config& config, const LoadedSecret& token, const std::optional<LoadedSecret>& refresh) {
  const std::string oauth =
      refresh ? "a refresh token (" + refresh->source + ")" : origin_of_client_id(config);
  return {
      ErrorCode::invalid,
      "two credentials for HubSpot: a static access token (" + token.source + ") and " + oauth +
          "; allowed: one of them",
      "take away the token (hubspot.access_token_file, HUBSPOT_ACCESS_TOKEN, the systemd credential "
      "hubspot-access-token), or OAuth (hubspot.client_id, hubspot.refresh_token_file, "
      "HUBSPOT_REFRESH_TOKEN, the systemd credential hubspot-refresh-token)",
      "hubspot.client_id"
  };
}

Error no_client_id(const LoadedSecret& refresh) {
  return {
      ErrorCode::invalid,
      "a refresh token is there (" + refresh.source + "), but hubspot.client_id is not set",
      "set hubspot.client_id or HUBSPOT_CLIENT_ID to the client id of the HubSpot app",
      "hubspot.client_id"
  };
}

}  // namespace

Result<Credential> load_credential(const Config& config, const EnvironmentSecrets& environment) {
  const SecretPlaces token_places = access_token_places(environment, config.hubspot.access_token_file);
  const SecretPlaces refresh_places = refresh_token_places(environment, config.hubspot.refresh_token_file);
  const auto token = find_secret(token_places);
  if (!token) {
    return std::unexpected(token.error());
  }
  const auto refresh = find_secret(refresh_places);
  if (!refresh) {
    return std::unexpected(refresh.error());
  }
  const bool oauth = *refresh || !config.hubspot.client_id.empty();
  if (oauth && *token) {
    return std::unexpected(both(config, **token, *refresh));
  }
  if (!oauth) {
    return load_secret(token_places);
  }
  if (config.hubspot.client_id.empty()) {
    return std::unexpected(no_client_id(**refresh));
  }
  auto secret = load_secret(client_secret_places(environment, config.hubspot.client_secret_file));
  if (!secret) {
    return std::unexpected(secret.error());
  }
  auto refresh_token = load_secret(refresh_places);
  if (!refresh_token) {
    return std::unexpected(refresh_token.error());
  }
  return OauthSecrets{config.hubspot.client_id, std::move(*secret), std::move(*refresh_token)};
}

}  // namespace hubsync
