#include "daemon/webhook_service.hpp"

#include <fcntl.h>

#include <utility>

#include "common/object_type.hpp"
#include "daemon/api/convert.hpp"
#include "daemon/engine/context.hpp"
#include "daemon/http/listener.hpp"
#include "daemon/http/post.hpp"

namespace hubsync {
namespace {

std::unique_ptr<const webhook::Verifier> verifier_of(const LoadedSecret& loaded, bool older) {
  std::vector<std::string_view> secrets{loaded.secret.reveal()};
  if (loaded.second) {
    secrets.push_back(loaded.second->reveal());
  }
  return std::make_unique<const webhook::Verifier>(secrets, older);
}

/// A property that nobody has: reading its record changes nothing.
constexpr std::string_view test_property = "hubsync_test";
constexpr Duration test_time{10'000};
constexpr Duration test_look{50};

/// For requests under way, when a reload turns the listener off.
constexpr Duration reload_grace{1'000};

/// An event about a contact that both sides have, or about nobody.
std::string test_event(std::int64_t portal, std::int64_t event_id, std::int64_t object, Instant now) {
  return "[{\"eventId\":" + std::to_string(event_id) +
         ",\"subscriptionId\":0,\"portalId\":" + std::to_string(portal) +
         ",\"appId\":0,\"occurredAt\":" + std::to_string(to_ms(now)) +
         ",\"subscriptionType\":\"contact.propertyChange\",\"attemptNumber\":0,\"objectId\":" +
         std::to_string(object) + ",\"propertyName\":\"" + std::string{test_property} +
         "\",\"propertyValue\":\"\",\"changeSource\":\"HUBSYNC_TEST\"}]";
}

/// The events of one type: HubSpot's own types have names for them, of all others it says "object.…".
void add_subscriptions(const TypeRules& type, std::vector<api::WebhookSubscription>& subscriptions) {
  const bool standard = find_standard_type(type.name) != nullptr;
  const auto add = [&](std::string_view verb, std::optional<std::string> property = std::nullopt) {
    subscriptions.push_back(
        {.event_type = (standard ? type.singular : "object") + "." + std::string{verb},
         .object_type_id = standard ? std::nullopt : std::optional{type.object_type_id},
         .property_name = std::move(property)}
    );
  };
  for (const char* verb : {"creation", "deletion", "merge", "restore"}) {
    add(verb);
  }
  if (type.name == "contacts") {
    add("privacyDeletion");
  }
  if (type.reference() != nullptr) {
    add("associationChange");
  }
  for (const FieldRule& field : type.fields) {
    if (!field.property.empty() && field.direction != Direction::push) {
      add("propertyChange", field.property);
    }
  }
}

}  // namespace

WebhookService::WebhookService(
    boost::asio::any_io_executor executor, Parts parts, const Config& config, std::optional<int> inherited
)
    : executor_(std::move(executor)),
      parts_(parts),
      config_(config.webhooks),
      receiver_(
          parts.store,
          parts.clock,
          {.path = config.webhooks.path,
           .public_url = config.webhooks.public_url,
           .scheme = config.webhooks.tls_certificate.empty() ? "http://" : "https://"},
          [&engine = parts.engine]() -> const Rules& { return engine.rules(); },
          [&engine = parts.engine](std::int64_t count) { engine.webhook_events(count); }
      ),
      inherited_(inherited) {}

WebhookService::~WebhookService() = default;

Result<WebhookService::Fresh> WebhookService::load(
    const EnvironmentSecrets& environment, const Config& config
) const {
  Fresh fresh;
  if (!wanted()) {
    return fresh;
  }
  auto loaded = load_secret(webhook_secret_places(environment, config.webhooks.secret_file));
  if (loaded) {
    fresh.secret = std::move(*loaded);
  } else if (loaded.error().code != ErrorCode::not_found) {
    return std::unexpected(loaded.error());
  }
  if (!config.webhooks.tls_certificate.empty()) {
    auto identity = http::load_tls_identity(config.webhooks.tls_certificate, config.webhooks.tls_key);
    if (!identity) {
      return std::unexpected(identity.error());
    }
    fresh.identity = std::move(*identity);
  }
  return fresh;
}

Result<void> WebhookService::start(const EnvironmentSecrets& environment) {
  if (!wanted()) {
    return {};
  }
  const auto loaded = load_secret(webhook_secret_places(environment, config_.secret_file));
  if (!loaded) {
    miss_secret(loaded.error());
    return {};
  }
  if (is_tls()) {
    auto identity = http::load_tls_identity(config_.tls_certificate, config_.tls_key);
    if (!identity) {
      return std::unexpected(identity.error());
    }
    identity_ = std::move(*identity);
  }
  use(*loaded);
  return listen();
}

void WebhookService::miss_secret(Error problem) {
  problem.code = ErrorCode::unavailable;
  problem.message = "webhooks are off: " + problem.message;
  parts_.log.log(LogLevel::warn, problem.message, {{"event", "webhooks.off"}});
  problem_ = std::move(problem);
}

void WebhookService::use(const LoadedSecret& secret) {
  parts_.log.hide(secret.secret);
  if (const auto& second = secret.second) {
    parts_.log.hide(*second);
  }
  receiver_.set_verifier(verifier_of(secret, config_.older_signatures));
}

Result<void> WebhookService::listen() {
  // A copy, since the listener closes what it has and a reload may open it again.
  auto listener = inherited_ ? http::Listener::inherited(executor_, ::fcntl(*inherited_, F_DUPFD_CLOEXEC, 0))
                             : http::Listener::on_tcp(executor_, format_address(config_.listen));
  if (!listener) {
    return std::unexpected(listener.error());
  }
  parts_.log.log(
      LogLevel::info, "webhooks are taken", {{"address", listener->name()}, {"path", config_.path}}
  );
  address_ = listener->name();
  host_ = listener->host();
  port_ = listener->port();
  server_ = std::make_unique<http::Server>(executor_, receiver_.service(), http::webhook_limits());
  server_->set_tls(identity_);
  server_->serve(std::move(*listener));
  problem_.reset();
  return {};
}

Task<void> WebhookService::reload(Fresh fresh, Config::Webhooks config) {
  config_.public_url = std::move(config.public_url);
  config_.older_signatures = config.older_signatures;
  config_.secret_file = std::move(config.secret_file);
  receiver_.set_public_url(config_.public_url);
  if (!wanted()) {
    co_return;
  }
  config_.tls_certificate = std::move(config.tls_certificate);
  config_.tls_key = std::move(config.tls_key);
  identity_ = std::move(fresh.identity);
  if (fresh.secret) {
    use(*fresh.secret);
    if (server_) {
      server_->set_tls(identity_);
    } else {
      if (const auto listening = listen(); !listening) {
        parts_.log.log(
            LogLevel::error, "webhooks are off: " + listening.error().message, {{"event", "webhooks.off"}}
        );
        problem_ = listening.error();
      }
    }
    co_return;
  }
  if (server_) {
    receiver_.set_verifier(nullptr);
    co_await server_->stop(reload_grace);
    server_.reset();
  }
  miss_secret(
      {ErrorCode::not_found,
       "there is no webhook secret",
       "put it into " + config_.secret_file + " with mode 0600"}
  );
}

Task<void> WebhookService::stop(Duration grace) {
  if (server_) {
    co_await server_->stop(grace);
  }
}

api::WebhookStatus WebhookService::status() const {
  return {
      .listening = server_ != nullptr,
      .received = receiver_.counters().received,
      .rejected = receiver_.counters().rejected
  };
}

std::string WebhookService::public_url() const {
  const std::string scheme = is_tls() ? "https://" : "http://";
  return (config_.public_url.empty() ? scheme + address_ : config_.public_url) + config_.path;
}

Task<std::optional<InboxItem>> WebhookService::test_item(std::int64_t event_id) {
  const auto recent = co_await parts_.store.run([](Repository& repository) {
    return repository.list_inbox({.limit = api::max_limit});
  });
  for (const InboxItem& item : recent.items) {
    if (item.event.event_id == event_id && item.event.property == test_property) {
      co_return item;
    }
  }
  co_return std::nullopt;
}

Task<Result<api::WebhookTest>> WebhookService::test() {
  if (!server_) {
    co_return std::unexpected(problem_.value_or(
        Error{ErrorCode::unavailable, "webhooks are turned off", "set [webhooks] listen in the configuration"}
    ));
  }
  const Instant begin = parts_.clock.now();
  const auto [portal, object] = co_await parts_.store.run([](Repository& repository) {
    const auto pinned = parse_hubspot_id(repository.fact(pinned_portal).value_or(""));
    const auto some = repository.list_records({.type = "contacts", .limit = 1});
    const bool linked = !some.items.empty() && some.items.front().hubspot_id;
    return std::pair{pinned ? pinned->number : 0, linked ? some.items.front().hubspot_id->number : 1};
  });
  const std::int64_t event_id = to_ms(begin);
  const std::string body = test_event(portal, event_id, object, begin);
  const std::string time = std::to_string(to_ms(begin));
  api::WebhookTest result{.url = public_url()};
  const auto status = co_await http::post(
      executor_,
      {.address = host_,
       .port = port_,
       .target = config_.path,
       .headers =
           {{"Host", address_},
            {"Content-Type", "application/json"},
            {"X-HubSpot-Signature-v3", receiver_.verifier()->sign("POST", result.url, body, time)},
            {"X-HubSpot-Request-Timestamp", time}},
       .body = body,
       .tls = is_tls()},
      test_time
  );
  if (!status) {
    co_return std::unexpected(status.error());
  }
  result.status = *status;
  const SteadyInstant deadline = parts_.clock.steady() + test_time;
  std::optional<InboxItem> item = co_await test_item(event_id);
  while (item && item->state == InboxState::pending && parts_.clock.steady() < deadline) {
    co_await parts_.clock.sleep_for(test_look);
    item = co_await test_item(event_id);
  }
  if (item) {
    result.event = api::to_api(*item);
  }
  result.duration_ms = (parts_.clock.now() - begin).count();
  co_return result;
}

api::WebhookSetup WebhookService::setup() const {
  api::WebhookSetup setup{.listening = server_ != nullptr};
  if (!config_.public_url.empty()) {
    setup.target_url = public_url();
  }
  for (const TypeRules& type : parts_.engine.rules().types) {
    add_subscriptions(type, setup.subscriptions);
  }
  return setup;
}

}  // namespace hubsync
