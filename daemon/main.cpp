// hubsyncd: the composition root. Configuration → adapters → engine → listeners → run until SIGTERM.
// Every adapter is made here and nowhere else. Exit codes: 0 stopped, 1 failed, 2 usage or configuration.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/assert.hpp"
#include "daemon/access_token.hpp"
#include "daemon/api/convert.hpp"
#include "daemon/api/events.hpp"
#include "daemon/api/routes.hpp"
#include "daemon/chronicle.hpp"
#include "daemon/daily_calls.hpp"
#include "daemon/engine/authorization.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/throttle.hpp"
#include "daemon/held_calls.hpp"
#include "daemon/http/listener.hpp"
#include "daemon/http/server.hpp"
#include "daemon/hubspot/client.hpp"
#include "daemon/hubspot/curl_transport.hpp"
#include "daemon/hubspot/oauth.hpp"
#include "daemon/hubspot/paths.hpp"
#include "daemon/logged_events.hpp"
#include "daemon/options_of.hpp"
#include "daemon/os/clock.hpp"
#include "daemon/os/config.hpp"
#include "daemon/os/credential.hpp"
#include "daemon/os/file_state.hpp"
#include "daemon/os/heartbeat.hpp"
#include "daemon/os/inherited.hpp"
#include "daemon/os/lock.hpp"
#include "daemon/os/log.hpp"
#include "daemon/os/notify.hpp"
#include "daemon/os/process.hpp"
#include "daemon/os/random.hpp"
#include "daemon/os/secrets.hpp"
#include "daemon/ports/store_error.hpp"
#include "daemon/reload.hpp"
#include "daemon/rules_of.hpp"
#include "daemon/store/migrate.hpp"
#include "daemon/store/repository.hpp"
#include "daemon/store/store_thread.hpp"
#include "daemon/webhook_service.hpp"

namespace hubsync {
namespace {

/// A stop takes no longer: what is under way gets most of it, the answers to the control API's clients the
/// rest.
constexpr Duration work_grace{8'500};
constexpr Duration answer_grace{1'000};

int report(const Error& error) {
  std::fprintf(stderr, "hubsyncd: %s\n", error.message.c_str());
  if (!error.hint.empty()) {
    std::fprintf(stderr, "  %s\n", error.hint.c_str());
  }
  return error.code == ErrorCode::invalid ? 2 : 1;
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

/// For the verdict about the age of the data.
Duration longest_poll_interval(const Config& config) {
  return std::max(config.sync.poll_interval, config.sync.poll_interval_with_webhooks);
}

/// What doctor tells of a file.
api::FileFacts file_facts(const std::string& path) {
  const FileState state = look_at_file(path);
  return {.path = path, .mode = state.mode, .free_bytes = state.free_bytes, .bytes = state.bytes};
}

api::Services api_services(
    Store& store,
    api::SyncControl& control,
    Clock& clock,
    const Throttle& throttle,
    WebhookService& webhooks,
    const LoggedEvents& events,
    const Config& config,
    const AccessToken& token
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
      .system =
          [&config, &token] {
            return api::SystemFacts{
                token.description(), file_facts(config.store.path), file_facts(config.control.socket)
            };
          },
      .max_retries = config.retry.max_retries,
      .poll_interval = longest_poll_interval(config),
      .version = HUBSYNC_VERSION,
      .process =
          [] {
            const ProcessUse use = process_use();
            return api::ProcessFigures{use.resident_bytes, use.cpu_seconds, use.open_files};
          },
      .runs = [&events] { return events.runs(); }
  };
}

http::Service control_service(api::Services& services, api::EventFeed& feed, Log& log) {
  http::Service service{.handler = api::make_handler(services)};
  service.upgrade = api::event_stream(services, feed);
  service.on_failure = [&log](const http::Failure& failure) {
    log.log(
        LogLevel::error,
        "a request failed: " + failure.what,
        {{"event", "request.failed"}, {"id", failure.id}, {"path", failure.path}}
    );
  };
  return service;
}

std::optional<int> find_socket(const std::map<std::string, int>& sockets, const std::string& name) {
  const auto found = sockets.find(name);
  return found == sockets.end() ? std::nullopt : std::optional{found->second};
}

/// For `systemctl status`: what is wrong first.
std::string status_line(const api::SyncControl& control) {
  const std::vector<Error> problems = control.problems();
  std::string text{api::to_string(control.state())};
  return problems.empty() ? text : text + ": " + problems.front().message;
}

/// The same API over TCP, where the bearer token says who may.
Result<void> serve_tcp(
    http::Server& server, const boost::asio::any_io_executor& executor, const Config& config, Log& log
) {
  if (!config.control.listen.enabled()) {
    return {};
  }
  const auto token = load_secret(control_token_places(config.control.token_file));
  if (!token) {
    return std::unexpected(token.error());
  }
  log.hide(token->secret);
  server.set_tcp_token(std::string{token->secret.reveal()});
  auto listener = http::Listener::on_tcp(executor, format_address(config.control.listen));
  if (!listener) {
    return std::unexpected(listener.error());
  }
  log.log(LogLevel::info, "the control API listens", {{"address", listener->name()}});
  server.serve(std::move(*listener));
  return {};
}

std::string what(std::exception_ptr error) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& failure) {
    return failure.what();
  }
}

/// One reload for each SIGHUP, until the signal is given up.
Task<void> reload_on_signal(boost::asio::signal_set& hangup, Reload& reload) {
  while (true) {
    const auto [error, number] =
        co_await hangup.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (error) {
      co_return;
    }
    try {
      co_await reload.run();
    } catch (const StoreCorrupt&) {
      notify_ready();  // The reload has ended, too; the engine tells of the damage.
    }
  }
}

/// Everything between the start and a clean stop.
Task<void> work(
    Engine& engine,
    WebhookService& webhooks,
    http::Server& server,
    Chronicle& chronicle,
    Store& store,
    const Throttle& throttle,
    const Clock& clock,
    boost::asio::steady_timer& stop
) {
  std::exception_ptr damage;
  try {
    co_await engine.run();
  } catch (const StoreCorrupt&) {
    damage = std::current_exception();
  }
  if (damage) {
    // No service manager is to start it again over that, and whoever asks is told why (I36).
    co_await stop.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
  co_await webhooks.stop(answer_grace);
  chronicle.stop();
  if (!damage) {
    co_await store_daily_calls(throttle, store);
    co_await store_holds(throttle, clock, store);
  }
  co_await server.stop(answer_grace);
  if (damage) {
    std::rethrow_exception(damage);
  }
}

// lint:allow function-length: one scope, so that the parts are destroyed in the reverse order of their use.
int serve(
    Config config,
    const ConfigSources& sources,
    const EnvironmentSecrets& environment,
    const std::map<std::string, int>& inherited
) {
  const auto lock = DatabaseLock::acquire(config.store.path);
  if (!lock) {
    return report(lock.error());
  }
  auto credential = load_credential(config, environment);
  if (!credential) {
    return report(credential.error());
  }
  Log log{LogOptions{
      .level = config.log.level, .format = config.log.format, .journal_socket = config.log.journal_socket
  }};

  boost::asio::io_context loop{1};
  boost::asio::signal_set hangup{loop, SIGHUP};
  SystemClock clock{loop.get_executor()};
  KernelRandom random;
  KernelRandom store_random;
  LoggedEvents events{log};

  store::Db db{config.store.path};
  store::migrate(db);
  store::SqliteRepository repository{db, rules_of(config), random_bytes(store_random)};
  const StoredHolds holds = take_stored_holds(repository);
  const auto calls_of_day = stored_calls(repository);
  api::EventFeed feed;
  store::StoreThread store{repository, loop.get_executor(), [&feed] { feed.changed(); }};

  AccessToken token{std::move(*credential), log};
  CurlTransport curl{loop.get_executor(), curl_options(config), token};
  Throttle throttle{curl, clock, throttle_options(config)};
  restore_holds(holds, throttle, clock);
  if (calls_of_day) {
    throttle.set_utc_offset(calls_of_day->utc_offset);
    throttle.restore_daily(calls_of_day->count);
  }
  keep_daily_calls(throttle, store);
  const ApiPaths& paths = *find_api_version(config.hubspot.api_version);
  OauthClient oauth{throttle, paths, [&token] { return token.app(); }};
  Authorization authorization{throttle, oauth, clock, random, token.app() != nullptr};
  HubspotClient hub{authorization, paths};
  Engine engine{
      {hub, store, clock, random, events},
      engine_options(config),
      {.calls = [&throttle] { return throttle.snapshot().calls; },
       .hubspot_time = [&throttle] { return throttle.hubspot_time(); }},
      [&throttle](const Account& account) { throttle.set_utc_offset(account.utc_offset); }
  };

  store.on_damage([&engine] { engine.local_edits(); });  // Its next look at the store ends it.
  Chronicle chronicle{store, clock, events, feed};
  api::EngineControl control{engine, throttle};
  WebhookService webhooks{
      loop.get_executor(), {store, clock, engine, log}, config, find_socket(inherited, "webhooks")
  };
  if (const auto started = webhooks.start(environment); !started) {
    return report(started.error());
  }
  api::Services services = api_services(store, control, clock, throttle, webhooks, events, config, token);
  http::Server server{loop.get_executor(), control_service(services, feed, log)};
  const auto inherited_control = find_socket(inherited, "control");
  auto listener = inherited_control ? http::Listener::inherited(loop.get_executor(), *inherited_control)
                                    : http::Listener::on_unix(loop.get_executor(), config.control.socket);
  if (!listener) {
    return report(listener.error());
  }
  log.log(
      LogLevel::info,
      "hubsyncd " HUBSYNC_VERSION " is ready",
      {{"event", "daemon.ready"}, {"socket", listener->name()}}
  );
  server.serve(std::move(*listener));
  if (const auto listening = serve_tcp(server, loop.get_executor(), config, log); !listening) {
    return report(listening.error());
  }

  Reload reload{
      {engine, store, repository, throttle, token, authorization, webhooks, server, log},
      sources,
      environment,
      config,
      [&services, &config] {
        services.max_retries = config.retry.max_retries;
        services.poll_interval = longest_poll_interval(config);
      }
  };
  boost::asio::steady_timer last_moment{loop};
  boost::asio::steady_timer stop{loop, boost::asio::steady_timer::time_point::max()};
  boost::asio::signal_set signals{loop, SIGTERM, SIGINT};
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) {
      return;
    }
    notify_stopping();
    throttle.stop();
    engine.stop();
    stop.cancel();
    last_moment.expires_after(work_grace);
    last_moment.async_wait([&](const boost::system::error_code& cancelled) {
      if (!cancelled) {
        log.log(
            LogLevel::warn,
            "a call to HubSpot did not end in time; its effect is read after the next start",
            {{"event", "call.cut"}}
        );
        loop.stop();
      }
    });
  });
  int exit_code = 0;
  Heartbeat heartbeat{loop.get_executor(), [&control] { return status_line(control); }};
  const auto ended = [&](const std::exception_ptr& error) {
    heartbeat.stop();
    signals.cancel();
    hangup.cancel();
    last_moment.cancel();
    if (error) {
      log.log(LogLevel::error, "stopped: " + what(error), {{"event", "daemon.failed"}});
      exit_code = 1;
      loop.stop();
    }
  };
  const auto ended_early = [&ended](const std::exception_ptr& error) {
    if (error) {
      ended(error);
    }
  };
  boost::asio::co_spawn(loop, work(engine, webhooks, server, chronicle, store, throttle, clock, stop), ended);
  boost::asio::co_spawn(loop, chronicle.run(), ended_early);
  boost::asio::co_spawn(loop, reload_on_signal(hangup, reload), ended_early);
  heartbeat.start();
  notify_ready();
  loop.run();
  return exit_code;
}

/// Flags that win over a setting of the file and of the environment. Secrets have none: others see a command
/// line.
void bind_overrides(CLI::App& app, std::vector<ConfigOverride>& overrides) {
  const auto bind = [&](const std::string& flag, const std::string& key, const std::string& help) {
    app.add_option_function<std::string>(
        flag,
        [&overrides, flag, key](const std::string& value) { overrides.push_back({key, value, flag}); },
        help
    );
  };
  bind("--db", "store.path", "The database, instead of store.path and HUBSYNC_DB");
  bind("--socket", "control.socket", "The control socket, instead of control.socket and HUBSYNC_SOCKET");
  bind(
      "--log-level",
      "log.level",
      "trace, debug, info, warn or error, instead of log.level and HUBSYNC_LOG_LEVEL"
  );
}

int main_checked(int argc, char** argv) {
  CLI::App app{"The hubsync daemon: keeps a local store and HubSpot CRM the same, both ways", "hubsyncd"};
  std::string file;
  bool check = false;
  ConfigSources sources{.environment = config_environment()};
  app.add_option(
      "--config", file, "Configuration file (default /etc/hubsync/hubsync.toml, or HUBSYNC_CONFIG)"
  );
  bind_overrides(app, sources.overrides);
  app.add_flag("--check-config", check, "Validate the configuration and exit");
  app.set_version_flag("--version", std::string{"hubsyncd " HUBSYNC_VERSION});
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!file.empty()) {
    sources.file = file;
  }
  const EnvironmentSecrets environment = take_environment_secrets();
  const auto inherited = take_inherited_sockets();
  if (!inherited) {
    return report(inherited.error());
  }
  const Result<Config> config = load_config(sources);
  if (!config) {
    report(config.error());
    return 2;
  }
  if (check) {
    std::puts("the configuration is valid");
    return 0;
  }
  return serve(*config, sources, environment, *inherited);
}

}  // namespace
}  // namespace hubsync

int main(int argc, char** argv) {
  hubsync::harden_process();
  hubsync::set_assert_handler([](const char* expression, const char*, int) {
    hubsync::notify_status(std::string{"stopped by a failed assertion: "} + expression);
  });
  std::signal(SIGHUP, SIG_IGN);  // Until there is something to reload.
  try {
    return hubsync::main_checked(argc, argv);
  } catch (const hubsync::StoreCorrupt& damage) {
    std::fprintf(stderr, "hubsyncd: %s; %s\n", damage.what(), hubsync::damage_hint.c_str());
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hubsyncd: %s\n", error.what());
    return 1;
  }
}
