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

  WebhookService(boost::asio::any_io_executor executor, Parts parts, const Config& config);
  WebhookService(const WebhookService&) = delete;
  WebhookService& operator=(const WebhookService&) = delete;
  ~WebhookService();

  /// Listens, unless the configuration or a missing secret says no. An address that cannot be had is an
  /// error.
  [[nodiscard]] Result<void> start(const EnvironmentSecrets& environment);

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
  boost::asio::any_io_executor executor_;
  Parts parts_;
  Config::Webhooks config_;
  webhook::Receiver receiver_;
  Task<std::optional<InboxItem>> test_item(std::int64_t event_id);
  [[nodiscard]] std::string public_url() const;

  std::unique_ptr<http::Server> server_;
  std::string address_;  ///< Listened on, as HOST:PORT.
  std::uint16_t port_ = 0;
  std::optional<Error> problem_;
};

}  // namespace hubsync
