// The credential in use, replaced on reload, and the access token that calls are made with: the credential
// itself when it is static, else the last one that HubSpot granted for the refresh token. In memory only, but
// for a refresh token that HubSpot changes: that goes into its file. Loop thread.
#pragma once

#include <memory>
#include <string>

#include "daemon/hubspot/token_source.hpp"
#include "daemon/os/credential.hpp"
#include "daemon/os/log.hpp"

namespace hubsync {

class AccessToken final : public TokenSource {
  class App;

 public:
  /// A credential that was in use, with what HubSpot has granted for it.
  struct Used {
    Credential credential;  ///< As it was loaded.
    std::shared_ptr<App> app = {};
  };

  /// The log, which outlives this, never shows any of the secrets.
  AccessToken(Credential credential, Log& log);
  AccessToken(const AccessToken&) = delete;
  AccessToken& operator=(const AccessToken&) = delete;
  ~AccessToken() override;

  void append_token(std::string& header) const override;

  /// What was in use before.
  Used replace(Credential credential);
  void put_back(Used used);
  /// Whether a reload has brought nothing new.
  [[nodiscard]] bool is(const Credential& other) const;

  /// Access tokens have to be asked for, on behalf of this app; null when the token is static.
  [[nodiscard]] std::shared_ptr<OauthApp> app() const;

  /// "static, file /etc/hubsync/token": its kind and where it was found, for people.
  [[nodiscard]] std::string description() const;

 private:
  [[nodiscard]] Used begin(Credential credential) const;

  Log& log_;
  Used used_;
};

}  // namespace hubsync
