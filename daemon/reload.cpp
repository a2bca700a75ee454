#include "daemon/reload.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include "daemon/options_of.hpp"
#include "daemon/os/notify.hpp"
#include "daemon/rules_of.hpp"

namespace hubsync {
namespace {

/// What is fixed when the daemon starts: where it listens, what it opens, whom it calls.
constexpr std::array<std::string_view, 10> restart_keys{
    "hubspot.base_url",
    "hubspot.api_version",
    "hubspot.request_timeout",
    "hubspot.ca_file",
    "store.path",
    "control.socket",
    "control.listen",
    "webhooks.listen",
    "webhooks.path",
    "log.format"
};

void keep_origins(const std::string& prefix, const Config& before, Config& after) {
  const auto concerns = [&prefix](const auto& origin) { return origin.first.starts_with(prefix); };
  std::erase_if(after.origins, concerns);
  std::ranges::copy_if(before.origins, std::inserter(after.origins, after.origins.end()), concerns);
}

/// Types come and go with a restart only: what is under way holds on to those that there are.
void keep_types(const Config& before, Config& after) {
  std::vector<ObjectConfig> objects;
  for (const ObjectConfig& object : before.objects) {
    const auto same = std::ranges::find_if(after.objects, [&object](const ObjectConfig& other) {
      return other.name == object.name && other.object_type_id == object.object_type_id &&
             other.singular == object.singular;
    });
    if (same == after.objects.end()) {
      keep_origins("objects." + object.name + ".", before, after);
    }
    objects.push_back(same == after.objects.end() ? object : *same);
  }
  after.objects = std::move(objects);
}

/// The new configuration, with what only a restart changes left as it was.
Config effective(const Config& before, Config after) {
  after.hubspot.base_url = before.hubspot.base_url;
  after.hubspot.api_version = before.hubspot.api_version;
  after.hubspot.request_timeout = before.hubspot.request_timeout;
  after.hubspot.ca_file = before.hubspot.ca_file;
  after.store.path = before.store.path;
  after.control.socket = before.control.socket;
  after.control.listen = before.control.listen;
  after.webhooks.listen = before.webhooks.listen;
  after.webhooks.path = before.webhooks.path;
  after.log.format = before.log.format;
  keep_types(before, after);
  if (before.webhooks.tls_certificate.empty() != after.webhooks.tls_certificate.empty()) {
    after.webhooks.tls_certificate = before.webhooks.tls_certificate;
    after.webhooks.tls_key = before.webhooks.tls_key;
  }
  for (const std::string_view restart_key : restart_keys) {
    const std::string key{restart_key};
    after.origins.erase(key);
    if (const auto origin = before.origins.find(key); origin != before.origins.end()) {
      after.origins.insert(*origin);
    }
  }
  return after;
}

/// A message has one line for each problem.
void log_refusal(Log& log, std::string_view message) {
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    log.log(
        LogLevel::error,
        "reload refused, nothing changed: " + std::string{message.substr(0, end)},
        {{"event", "reload.refused"}}
    );
    message.remove_prefix(std::min(end + 1, message.size()));
  }
}

std::string joined(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) {
    text.append(text.empty() ? "" : ", ").append(key);
  }
  return text;
}

}  // namespace

Reload::Reload(
    Parts parts,
    ConfigSources sources,
    const EnvironmentSecrets& environment,
    Config& config,
    std::function<void()> applied
)
    : parts_(parts),
      sources_(std::move(sources)),
      environment_(environment),
      config_(config),
      applied_(std::move(applied)) {}

Task<void> Reload::run() {
  notify_reloading();
  auto fresh = read();
  if (fresh) {
    co_await apply(std::move(*fresh));
  } else {
    log_refusal(parts_.log, fresh.error().message);
  }
  notify_ready();
}

Result<Reload::Fresh> Reload::read() const {
  auto config = load_config(sources_);
  if (!config) {
    return std::unexpected(config.error());
  }
  auto credential = load_credential(*config, environment_);
  if (!credential) {
    return std::unexpected(credential.error());
  }
  // Whether there is a listener is fixed, so the secrets are those of the listeners that there are.
  Config kept = effective(config_, *config);
  auto webhooks = parts_.webhooks.load(environment_, kept);
  if (!webhooks) {
    return std::unexpected(webhooks.error());
  }
  std::optional<LoadedSecret> control_token;
  if (kept.control.listen.enabled()) {
    auto loaded = load_secret(control_token_places(kept.control.token_file));
    if (!loaded) {
      return std::unexpected(loaded.error());
    }
    control_token = std::move(*loaded);
  }
  return Fresh{
      .config = std::move(*config),
      .credential = std::move(*credential),
      .webhooks = std::move(*webhooks),
      .control_token = std::move(control_token)
  };
}

Task<void> Reload::apply(Fresh fresh) {
  Config kept = effective(config_, fresh.config);
  const std::vector<std::string> changed = changed_keys(config_, kept);
  const std::vector<std::string> later = changed_keys(kept, fresh.config);
  config_ = std::move(kept);
  parts_.log.set_level(config_.log.level);
  parts_.throttle.configure(throttle_options(config_));
  if (fresh.control_token) {
    parts_.log.hide(fresh.control_token->secret);
    parts_.control.set_tcp_token(std::string{fresh.control_token->secret.reveal()});
  }
  co_await parts_.webhooks.reload(std::move(fresh.webhooks), config_.webhooks);
  co_await parts_.store.run([&repository = parts_.repository, rules = rules_of(config_)](Repository&) {
    repository.set_rules(rules);
  });
  parts_.engine.reload(engine_options(config_));
  applied_();
  report(changed, later);
  const bool same = parts_.token.is(fresh.credential);
  if (!same || parts_.engine.state() == Engine::State::degraded) {
    co_await parts_.engine.renew_token([this, &fresh, same] {
      std::function<void()> back;
      // The same one stays as it is: HubSpot may have changed its refresh token since.
      if (!same) {
        back = [this, former = parts_.token.replace(std::move(fresh.credential))] {
          parts_.token.put_back(former);
          parts_.authorization.restart(parts_.token.app() != nullptr);
        };
        parts_.log.log(
            LogLevel::info, "the new access token is tried", {{"source", parts_.token.description()}}
        );
      }
      parts_.authorization.restart(parts_.token.app() != nullptr);
      return back;
    });
  }
}

void Reload::report(const std::vector<std::string>& changed, const std::vector<std::string>& later) const {
  parts_.log.log(
      LogLevel::info,
      changed.empty() ? "reloaded; no setting changed" : "reloaded; changed: " + joined(changed),
      {{"event", "reload.done"}}
  );
  if (!later.empty()) {
    parts_.log.log(
        LogLevel::warn,
        "these settings are kept until hubsyncd is restarted: " + joined(later),
        {{"event", "reload.later"}}
    );
  }
}

}  // namespace hubsync
