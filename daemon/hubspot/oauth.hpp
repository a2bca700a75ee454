// TokenEndpoint over a Transport: a refresh token for an access token (HUBSPOT.md §10). Loop thread. One call
// each, no retry.
#pragma once

#include <functional>
#include <memory>

#include "daemon/hubspot/paths.hpp"
#include "daemon/hubspot/token_source.hpp"
#include "daemon/ports/token_endpoint.hpp"
#include "daemon/ports/transport.hpp"

namespace hubsync {

class OauthClient final : public TokenEndpoint {
 public:
  /// The app in use; never null while somebody may ask for a token.
  using CurrentApp = std::function<std::shared_ptr<OauthApp>()>;

  /// Transport and paths outlive the client.
  OauthClient(Transport& transport, const ApiPaths& paths, CurrentApp app);

  Task<Reply<Duration>> renew() override;

 private:
  Transport& transport_;
  const ApiPaths& paths_;
  CurrentApp app_;
};

}  // namespace hubsync
