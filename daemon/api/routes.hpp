// The control API: paths and methods to handlers, over the store and the engine. Loop thread. Knows no
// sockets (daemon/http serves it) and makes no decision about records: the store and the engine do.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/api.hpp"
#include "common/api_webhooks.hpp"
#include "common/time.hpp"
#include "daemon/api/sync_control.hpp"
#include "daemon/engine/throttle.hpp"
#include "daemon/http/message.hpp"
#include "daemon/ports/clock.hpp"
#include "daemon/ports/store.hpp"

namespace hubsync::api {

/// What the handlers work with; all of it outlives the handler.
struct Services {
  Store& store;
  SyncControl& engine;
  Clock& clock;
  const Throttle& throttle;
  Instant started_at;                       ///< For the uptime.
  std::function<ConfigText()> config;       ///< The effective configuration, as of now.
  std::function<WebhookStatus()> webhooks;  ///< As of now.
  std::function<std::optional<Error>()> webhook_problem = {
  };  ///< Why nothing listens although it is configured.
  std::function<Task<Result<WebhookTest>>()> webhook_test = {};  ///< Sends an event through the listener.
  std::function<WebhookSetup()> webhook_setup = {};
  int max_retries = 5;
  Duration poll_interval{5 * 60'000};  ///< Zero: nothing is polled.
  std::string version;
};

/// The handler of the control listeners; `services` outlives it and every request under way.
[[nodiscard]] http::Handler make_handler(Services& services);

}  // namespace hubsync::api
