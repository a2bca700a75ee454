// The webhook listener as a part of the daemon: secret, server and receiver put together for main. Loop
// thread. Without a secret there is no listener, and polling does all the work.
#pragma once

#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>

#include "common/api.hpp"
#include "common/api_webhooks.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/http/server.hpp"
#include "daemon/os/config.hpp"
#include "daemon/os/log.hpp"
#include "daemon/os/secrets.hpp"
#include "daemon/webhook/receiver.hpp"

namespace hubsync {

class WebhookService {
 public:
  /// All of them outlive this.
  struct Parts {
    Store& store;
    Clock& clock;
    Engine& engine;
    Log& log;
  };

  /// `inherited` is a listening socket of the service manager's, used instead of the configured address.
  WebhookService(
      boost::asio::any_io_executor executor,
      Parts parts,
      const Config& config,
      std::optional<int> inherited = {}
  );
  WebhookService(const WebhookService&) = delete;
  WebhookService& operator=(const WebhookService&) = delete;
  ~WebhookService();

  /// Listens, unless the configuration or a missing secret says no. An address that cannot be had is an
  /// error.
  [[nodiscard]] Result<void> start(const EnvironmentSecrets& environment);

  /// Secret and certificate as they are now: none when there is no secret, or when no listener is wanted; an
  /// error when there is one that must not be used.
  struct Fresh {
    std::optional<LoadedSecret> secret;
    std::shared_ptr<http::TlsIdentity> identity;  ///< Null without TLS.
  };
  [[nodiscard]] Result<Fresh> load(const EnvironmentSecrets& environment, const Config& config) const;

  /// Takes over secret, accepted signatures, public URL and certificate; begins to listen when the secret
  /// came, ends when it went. Address and path stay, and whether there is TLS.
  Task<void> reload(Fresh fresh, Config::Webhooks config);

  /// Stops accepting and lets requests under way finish.
  Task<void> stop(Duration grace);

  /// As of now; the backlog is the store's to know.
  [[nodiscard]] api::WebhookStatus status() const;

  /// Signs an event, sends it through the listener and waits for a moment until it is worked off.
  Task<Result<api::WebhookTest>> test();

  /// The address and the subscriptions that HubSpot has to know.
  [[nodiscard]] api::WebhookSetup setup() const;

  /// Why nothing listens although it is configured.
  [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }

 private:
  [[nodiscard]] bool wanted() const { return inherited_ || config_.listen.enabled(); }
  [[nodiscard]] bool is_tls() const { return !config_.tls_certificate.empty(); }
  void use(const LoadedSecret& secret);
  [[nodiscard]] Result<void> listen();
  void miss_secret(Error problem);

  boost::asio::any_io_executor executor_;
  Parts parts_;
  Config::Webhooks config_;
  webhook::Receiver receiver_;
  Task<std::optional<InboxItem>> test_item(std::int64_t event_id);
  [[nodiscard]] std::string public_url() const;

  std::unique_ptr<http::Server> server_;
  std::string address_;  ///< Listened on, as HOST:PORT.
  std::string host_;     ///< The same without the port.
  std::uint16_t port_ = 0;
  std::optional<int> inherited_;
  std::shared_ptr<http::TlsIdentity> identity_;
  std::optional<Error> problem_;
};

}  // namespace hubsync
