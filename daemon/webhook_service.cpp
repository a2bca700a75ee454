#include "daemon/webhook_service.hpp"

#include <utility>

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

/// An event about a contact that both sides have, or about nobody.
std::string test_event(std::int64_t portal, std::int64_t event_id, std::int64_t object, Instant now) {
  return "[{\"eventId\":" + std::to_string(event_id) +
         ",\"subscriptionId\":0,\"portalId\":" + std::to_string(portal) +
         ",\"appId\":0,\"occurredAt\":" + std::to_string(to_ms(now)) +
         ",\"subscriptionType\":\"contact.propertyChange\",\"attemptNumber\":0,\"objectId\":" +
         std::to_string(object) + ",\"propertyName\":\"" + std::string{test_property} +
         "\",\"propertyValue\":\"\",\"changeSource\":\"HUBSYNC_TEST\"}]";
}

}  // namespace

WebhookService::WebhookService(boost::asio::any_io_executor executor, Parts parts, const Config& config)
    : executor_(std::move(executor)),
      parts_(parts),
      config_(config.webhooks),
      receiver_(
          parts.store,
          parts.clock,
          {.path = config.webhooks.path, .public_url = config.webhooks.public_url},
          [&engine = parts.engine]() -> const Rules& { return engine.rules(); },
          [&engine = parts.engine](std::int64_t count) { engine.webhook_events(count); }
      ) {}

WebhookService::~WebhookService() = default;

Result<void> WebhookService::start(const EnvironmentSecrets& environment) {
  if (!config_.listen.enabled()) {
    return {};
  }
  const auto loaded = load_secret(webhook_secret_places(environment, config_.secret_file));
  if (!loaded) {
    Error problem = loaded.error();
    problem.message = "webhooks are off: " + problem.message;
    parts_.log.log(LogLevel::warn, problem.message);
    problem_ = std::move(problem);
    return {};
  }
  parts_.log.hide(loaded->secret);
  if (const auto& second = loaded->second) {
    parts_.log.hide(*second);
  }
  receiver_.set_verifier(verifier_of(*loaded, config_.older_signatures));
  auto listener = http::Listener::on_tcp(executor_, format_address(config_.listen));
  if (!listener) {
    return std::unexpected(listener.error());
  }
  parts_.log.log(
      LogLevel::info, "webhooks are taken", {{"address", listener->name()}, {"path", config_.path}}
  );
  address_ = listener->name();
  port_ = listener->port();
  server_ = std::make_unique<http::Server>(executor_, receiver_.service(), http::webhook_limits());
  server_->serve(std::move(*listener));
  return {};
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
  return (config_.public_url.empty() ? "http://" + address_ : config_.public_url) + config_.path;
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
      {.address = config_.listen.host,
       .port = port_,
       .target = config_.path,
       .headers =
           {{"Host", address_},
            {"Content-Type", "application/json"},
            {"X-HubSpot-Signature-v3", receiver_.verifier()->sign("POST", result.url, body, time)},
            {"X-HubSpot-Request-Timestamp", time}},
       .body = body},
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
    for (const char* verb : {"creation", "deletion", "merge", "restore"}) {
      setup.subscriptions.push_back({.event_type = type.singular + "." + verb});
    }
    if (type.name == "contacts") {
      setup.subscriptions.push_back({.event_type = type.singular + ".privacyDeletion"});
    }
    if (type.reference() != nullptr) {
      setup.subscriptions.push_back({.event_type = type.singular + ".associationChange"});
    }
    for (const FieldRule& field : type.fields) {
      if (!field.property.empty() && field.direction != Direction::push) {
        setup.subscriptions.push_back(
            {.event_type = type.singular + ".propertyChange", .property_name = field.property}
        );
      }
    }
  }
  return setup;
}

}  // namespace hubsync
