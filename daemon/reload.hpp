// What SIGHUP does: reads configuration and secrets anew and hands them to the running parts. Loop thread.
// All or nothing: a file or a secret that is wrong changes nothing. What only a restart can change stays as
// it is, and the log names its keys.
#pragma once

#include <functional>
#include <optional>

#include "daemon/access_token.hpp"
#include "daemon/engine/authorization.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/throttle.hpp"
#include "daemon/http/server.hpp"
#include "daemon/os/config.hpp"
#include "daemon/os/credential.hpp"
#include "daemon/os/log.hpp"
#include "daemon/os/secrets.hpp"
#include "daemon/store/repository.hpp"
#include "daemon/webhook_service.hpp"

namespace hubsync {

class Reload {
 public:
  /// All of them outlive this.
  struct Parts {
    Engine& engine;
    Store& store;
    store::SqliteRepository& repository;  ///< Only touched by jobs of `store`.
    Throttle& throttle;
    AccessToken& token;
    Authorization& authorization;
    WebhookService& webhooks;
    http::Server& control;
    Log& log;
  };

  /// `config` is what is in effect, and is changed with it; `applied` is called after each change.
  Reload(
      Parts parts,
      ConfigSources sources,
      const EnvironmentSecrets& environment,
      Config& config,
      std::function<void()> applied
  );

  /// One reload, from reading the file to telling the service manager that it is done.
  Task<void> run();

 private:
  /// Everything a reload needs, read and checked.
  struct Fresh {
    Config config;
    Credential credential;
    WebhookService::Fresh webhooks;
    std::optional<LoadedSecret> control_token;
  };

  [[nodiscard]] Result<Fresh> read() const;
  Task<void> apply(Fresh fresh);
  void report(const std::vector<std::string>& changed, const std::vector<std::string>& later) const;

  Parts parts_;
  ConfigSources sources_;
  const EnvironmentSecrets& environment_;
  Config& config_;
  std::function<void()> applied_;
};

}  // namespace hubsync
