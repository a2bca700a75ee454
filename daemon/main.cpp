// hubsyncd: the composition root. Configuration → adapters → engine → listeners → run until SIGTERM.
// Every adapter is made here and nowhere else. Exit codes: 0 stopped, 1 failed, 2 usage or configuration.
#include <malloc.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "daemon/api/events.hpp"
#include "daemon/api/routes.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/throttle.hpp"
#include "daemon/http/listener.hpp"
#include "daemon/http/server.hpp"
#include "daemon/hubspot/client.hpp"
#include "daemon/hubspot/curl_transport.hpp"
#include "daemon/hubspot/paths.hpp"
#include "daemon/os/clock.hpp"
#include "daemon/os/config.hpp"
#include "daemon/os/lock.hpp"
#include "daemon/os/log.hpp"
#include "daemon/os/notify.hpp"
#include "daemon/os/random.hpp"
#include "daemon/os/secrets.hpp"
#include "daemon/rules_of.hpp"
#include "daemon/store/migrate.hpp"
#include "daemon/store/repository.hpp"
#include "daemon/store/store_thread.hpp"
#include "daemon/webhook_service.hpp"

namespace hubsync {
namespace {

/// A stop takes no longer: what is under way gets most of it, the answers to the control API's clients the rest.
constexpr Duration work_grace{8'500};
constexpr Duration answer_grace{1'000};

/// The fact that calls of the last process may still count in HubSpot's windows: "yes" or "no".
const std::string calls_fact = "calls_may_count";

/// True when every token has come back: the last call was answered more than an interval ago.
bool is_silent(const Throttle::Snapshot& snapshot, const Config& config) {
  return snapshot.available == snapshot.capacity &&
         snapshot.search_available == config.rate_limit.search_per_second;
}

/// The access token, replaced on reload.
class Token final : public TokenSource {
 public:
  explicit Token(Secret secret) : secret_(std::move(secret)) {}
  void append_token(std::string& header) const override { header.append(secret_.reveal()); }
  void replace(Secret secret) { secret_ = std::move(secret); }

 private:
  Secret secret_;
};

/// Events of the engine become lines of the log.
class LoggedEvents final : public Events {
 public:
  explicit LoggedEvents(Log& log) : log_(log) {}

  void emit(Event event) override {
    std::string text = event.text;
    for (const auto& [name, value] : event.fields) {
      text.append(" ").append(name).append("=").append(value);
    }
    log_.log(level_of(event.severity), text, {{"event", event.kind}});
  }

 private:
  static LogLevel level_of(Severity severity) {
    switch (severity) {
      case Severity::debug:
        return LogLevel::debug;
      case Severity::warning:
        return LogLevel::warn;
      case Severity::error:
        return LogLevel::error;
      case Severity::info:
        break;
    }
    return LogLevel::info;
  }

  Log& log_;
};

int report(const Error& error) {
  std::fprintf(stderr, "hubsyncd: %s\n", error.message.c_str());
  if (!error.hint.empty()) {
    std::fprintf(stderr, "  %s\n", error.hint.c_str());
  }
  return error.code == ErrorCode::invalid ? 2 : 1;
}

Engine::Options engine_options(const Config& config) {
  return {
      .rules = rules_of(config),
      .retry =
          {.base = config.retry.base,
           .multiplier = config.retry.multiplier,
           .max_delay = config.retry.max_delay,
           .max_retries = config.retry.max_retries},
      .poll_interval = config.sync.poll_interval,
      .full_interval = config.sync.full_interval,
      .log_retention = config.store.log_retention,
      .concurrency = config.sync.concurrency,
  };
}

Throttle::Options throttle_options(const Config& config) {
  return {
      .burst = {.capacity = config.rate_limit.requests, .interval = config.rate_limit.interval},
      .search = {.capacity = config.rate_limit.search_per_second, .interval = Duration{1'000}},
      .daily = config.rate_limit.daily,
  };
}

/// One arena for both threads, whose end is not given back to the kernel and asked for again with every page
/// of records, as glibc does with a second arena.
void configure_allocator() {
  constexpr int megabyte = 1 << 20;
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TOP_PAD, megabyte);
  ::mallopt(M_TRIM_THRESHOLD, 8 * megabyte);
}

store::RandomBytes random_bytes(Random& random) {
  return [&random] {
    std::array<std::uint8_t, 10> bytes{};
    const std::uint64_t first = random.bits();
    const std::uint64_t second = random.bits();
    std::memcpy(bytes.data(), &first, sizeof first);
    std::memcpy(bytes.data() + sizeof first, &second, bytes.size() - sizeof first);
    return bytes;
  };
}

CurlOptions curl_options(const Config& config) {
  return {
      .base_url = config.hubspot.base_url,
      .ca_file = config.hubspot.ca_file,
      .request_timeout = config.hubspot.request_timeout
  };
}

api::Services api_services(
    Store& store,
    api::SyncControl& control,
    Clock& clock,
    const Throttle& throttle,
    WebhookService& webhooks,
    const Config& config
) {
  return {
      .store = store,
      .engine = control,
      .clock = clock,
      .throttle = throttle,
      .started_at = clock.now(),
      .config =
          [&config] {
            const auto file = config.file.empty() ? std::nullopt : std::optional{config.file};
            return api::ConfigText{file, show_config(config)};
          },
      .webhooks = [&webhooks] { return webhooks.status(); },
      .webhook_problem = [&webhooks] { return webhooks.problem(); },
      .webhook_test = [&webhooks] { return webhooks.test(); },
      .webhook_setup = [&webhooks] { return webhooks.setup(); },
      .max_retries = config.retry.max_retries,
      .poll_interval = config.sync.poll_interval,
      .version = HUBSYNC_VERSION
  };
}

http::Service control_service(api::Services& services, api::EventFeed& feed, Log& log) {
  http::Service service{.handler = api::make_handler(services)};
  service.upgrade = api::event_stream(services, feed);
  service.on_failure = [&log](const http::Failure& failure) {
    log.log(
        LogLevel::error, "a request failed: " + failure.what, {{"id", failure.id}, {"path", failure.path}}
    );
  };
  return service;
}

std::string what(std::exception_ptr error) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

/// Everything between the start and a clean stop.
Task<void> work(
    Engine& engine,
    WebhookService& webhooks,
    http::Server& server,
    Store& store,
    const Throttle& throttle,
    const Config& config
) {
  co_await engine.run();
  co_await webhooks.stop(answer_grace);
  if (is_silent(throttle.snapshot(), config)) {
    co_await store.run([](Repository& repository) { repository.set_fact(calls_fact, "no"); });
  }
  co_await server.stop(answer_grace);
}

// lint:allow function-length: one scope, so that the parts are destroyed in the reverse order of their use.
int serve(const Config& config, const EnvironmentSecrets& environment) {
  const auto lock = DatabaseLock::acquire(config.store.path);
  if (!lock) {
    return report(lock.error());
  }
  const auto token = load_secret(access_token_places(environment, config.hubspot.access_token_file));
  if (!token) {
    return report(token.error());
  }
  Log log{LogOptions{.level = config.log.level, .format = config.log.format}};
  log.hide(token->secret);

  boost::asio::io_context loop{1};
  SystemClock clock{loop.get_executor()};
  KernelRandom random;
  KernelRandom store_random;
  LoggedEvents events{log};

  store::Db db{config.store.path};
  store::migrate(db);
  store::SqliteRepository repository{db, rules_of(config), random_bytes(store_random)};
  // Unless the process before has proven that none of its calls still counts at HubSpot, this one waits
  // (I26).
  const bool calls_may_count = repository.fact(calls_fact).value_or("no") != "no";
  repository.set_fact(calls_fact, "yes");
  api::EventFeed feed;
  store::StoreThread store{repository, loop.get_executor(), [&feed] { feed.changed(); }};

  Token token_source{token->secret};
  CurlTransport curl{loop.get_executor(), curl_options(config), token_source};
  Throttle throttle{curl, clock, throttle_options(config)};
  if (calls_may_count) {
    throttle.hold_after_restart();
  }
  HubspotClient hub{throttle, *find_api_version(config.hubspot.api_version)};
  Engine engine{{hub, store, clock, random, events}, engine_options(config), [&throttle] {
                  return throttle.snapshot().calls;
                }};

  api::EngineControl control{engine};
  WebhookService webhooks{loop.get_executor(), {store, clock, engine, log}, config};
  if (const auto started = webhooks.start(environment); !started) {
    return report(started.error());
  }
  api::Services services = api_services(store, control, clock, throttle, webhooks, config);
  http::Server server{loop.get_executor(), control_service(services, feed, log)};
  auto listener = http::Listener::on_unix(loop.get_executor(), config.control.socket);
  if (!listener) {
    return report(listener.error());
  }
  log.log(LogLevel::info, "hubsyncd " HUBSYNC_VERSION " is ready", {{"socket", listener->name()}});
  server.serve(std::move(*listener));

  boost::asio::steady_timer last_moment{loop};
  boost::asio::signal_set signals{loop, SIGTERM, SIGINT};
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) {
      return;
    }
    notify_stopping();
    throttle.stop();
    engine.stop();
    last_moment.expires_after(work_grace);
    last_moment.async_wait([&](const boost::system::error_code& cancelled) {
      if (!cancelled) {
        log.log(LogLevel::warn, "a call to HubSpot did not end in time; its effect is read after the next start");
        loop.stop();
      }
    });
  });
  int exit_code = 0;
  boost::asio::co_spawn(loop, work(engine, webhooks, server, store, throttle, config), [&](std::exception_ptr error) {
    signals.cancel();
    last_moment.cancel();
    if (error) {
      log.log(LogLevel::error, "stopped: " + what(error));
      exit_code = 1;
      loop.stop();
    }
  });
  notify_ready();
  loop.run();
  return exit_code;
}

int main_checked(int argc, char** argv) {
  CLI::App app{"The hubsync daemon: keeps a local store and HubSpot CRM the same, both ways", "hubsyncd"};
  std::string file;
  bool check = false;
  app.add_option(
      "--config", file, "Configuration file (default /etc/hubsync/hubsync.toml, or HUBSYNC_CONFIG)"
  );
  app.add_flag("--check-config", check, "Validate the configuration and exit");
  app.set_version_flag("--version", std::string{"hubsyncd " HUBSYNC_VERSION});
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  ConfigSources sources{.environment = config_environment()};
  if (!file.empty()) {
    sources.file = file;
  }
  const EnvironmentSecrets environment = take_environment_secrets();
  const Result<Config> config = load_config(sources);
  if (!config) {
    return report(config.error());
  }
  if (check) {
    std::puts("the configuration is valid");
    return 0;
  }
  return serve(*config, environment);
}

}  // namespace
}  // namespace hubsync

int main(int argc, char** argv) {
  hubsync::harden_process();
  hubsync::configure_allocator();
  try {
    return hubsync::main_checked(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hubsyncd: %s\n", error.what());
    return 1;
  }
}
