// The control API: paths and methods to handlers, over the store and the engine. Loop thread. Knows no
// sockets (daemon/http serves it) and makes no decision about records: the store and the engine do.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/api.hpp"
#include "common/api_webhooks.hpp"
#include "common/time.hpp"
#include "daemon/api/sync_control.hpp"
#include "daemon/engine/throttle.hpp"
#include "daemon/http/message.hpp"
#include "daemon/ports/clock.hpp"
#include "daemon/ports/store.hpp"

namespace hubsync::api {

/// What the process uses of the machine.
struct ProcessFigures {
  std::int64_t resident_bytes = 0;
  double cpu_seconds = 0;
  std::int64_t open_files = 0;
};

/// How many runs ended since the start, by kind and state.
using RunTally = std::map<std::pair<std::string, std::string>, std::int64_t>;

/// A file or directory as doctor looks at it.
struct FileFacts {
  std::string path;
  std::optional<int> mode = {};                 ///< Permission bits; none when it cannot be looked at.
  std::optional<std::int64_t> free_bytes = {};  ///< Of its file system.
  std::int64_t bytes = 0;
};

struct SystemFacts {
  std::string credential;  ///< "static, file /etc/hubsync/token"
  FileFacts database;
  FileFacts socket;
};

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
  std::function<SystemFacts()> system = {};  ///< As of now.
  int max_retries = 5;
  Duration poll_interval{5 * 60'000};  ///< For the freshness.
  std::string version;
  std::function<ProcessFigures()> process = {};
  std::function<RunTally()> runs = {};
};

/// The handler of the control listeners; `services` outlives it and every request under way.
[[nodiscard]] http::Handler make_handler(Services& services);

}  // namespace hubsync::api
