#include "daemon/webhook_service.hpp"

#include <utility>

#include "daemon/http/listener.hpp"

namespace hubsync {
namespace {

std::unique_ptr<const webhook::Verifier> verifier_of(const LoadedSecret& loaded, bool older) {
  std::vector<std::string_view> secrets{loaded.secret.reveal()};
  if (loaded.second) {
    secrets.push_back(loaded.second->reveal());
  }
  return std::make_unique<const webhook::Verifier>(secrets, older);
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
    problem_ = loaded.error();
    problem_->message = "webhooks are off: " + problem_->message;
    parts_.log.log(LogLevel::warn, problem_->message);
    return {};
  }
  parts_.log.hide(loaded->secret);
  if (loaded->second) {
    parts_.log.hide(*loaded->second);
  }
  receiver_.set_verifier(verifier_of(*loaded, config_.older_signatures));
  auto listener = http::Listener::on_tcp(executor_, format_address(config_.listen));
  if (!listener) {
    return std::unexpected(listener.error());
  }
  parts_.log.log(
      LogLevel::info, "webhooks are taken", {{"address", listener->name()}, {"path", config_.path}}
  );
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

}  // namespace hubsync
