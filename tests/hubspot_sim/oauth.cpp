// The token endpoint of OAuth (HUBSPOT.md §10): a refresh token for an access token that expires.
#include "tests/hubspot_sim/handlers.hpp"

namespace hubspot_sim {
namespace {

std::string field(const Query& form, std::string_view name) {
  for (const auto& [key, value] : form) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

/// The endpoint's errors have HubSpot's words and OAuth's beside each other.
Response refused(Call& call, std::string_view status, std::string_view message, std::string_view error) {
  nlohmann::json body;
  body["status"] = status;
  body["message"] = message;
  body["correlationId"] = call.portal.correlation_id();
  body["error"] = error;
  body["error_description"] = message;
  return json_response(400, body.dump());
}

std::string letters(Random& random) {
  std::string text;
  for (int i = 0; i < 32; ++i) {
    text += static_cast<char>('a' + random.below(26));
  }
  return text;
}

Response grant(Call& call) {
  Portal& portal = call.portal;
  ModelOptions& options = portal.options;
  const std::string name = "oauth-access-" + letters(portal.random);
  // What expired long ago is forgotten, or a day of short lifetimes would fill the table.
  std::erase_if(portal.tokens, [&portal](const auto& known) {
    const Token& token = known.second;
    return token.oauth && token.expires + std::chrono::hours{1} < portal.now;
  });
  portal.tokens[name] = {options.scopes, false, portal.now + options.token_lifetime, true};
  if (options.rotate_refresh_token) {
    options.refresh_token = "oauth-refresh-" + letters(portal.random);
  }
  nlohmann::json body;
  body["access_token"] = name;
  body["refresh_token"] = options.refresh_token;
  body["expires_in"] = std::chrono::floor<std::chrono::seconds>(options.token_lifetime).count();
  body["token_type"] = "bearer";
  body["token_use"] = "access_token";
  body["hub_id"] = options.portal_id;
  body["user_id"] = 1;
  body["scopes"] = options.scopes;
  return json_response(200, body.dump());
}

}  // namespace

Response grant_token(Call& call) {
  const ModelOptions& options = call.portal.options;
  const Query form = parse_query(call.request.body);
  if (!call.query.empty()) {
    return error_response(call, validation_error("Secrets belong into the body, not into the URL"));
  }
  if (field(form, "grant_type") != "refresh_token") {
    return refused(call, "BAD_GRANT_TYPE", "missing or unknown grant type", "unsupported_grant_type");
  }
  if (options.oauth_client_id.empty() || field(form, "client_id") != options.oauth_client_id) {
    return refused(call, "BAD_CLIENT_ID", "missing or unknown client id", "invalid_client");
  }
  if (field(form, "client_secret") != options.oauth_client_secret) {
    return refused(call, "BAD_CLIENT_SECRET", "missing or invalid client secret", "invalid_client");
  }
  if (options.refresh_token.empty() || field(form, "refresh_token") != options.refresh_token) {
    return refused(call, "BAD_REFRESH_TOKEN", "missing or invalid refresh token", "invalid_grant");
  }
  return grant(call);
}

}  // namespace hubspot_sim
