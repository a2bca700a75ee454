// `hubsync webhooks`: what HubSpot sent, and what it needs to know to send it.
#pragma once

#include <cstdint>
#include <string>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct WebhookListArgs {
  std::string status = {};
  std::int64_t page = 1;
  std::int64_t limit = api::default_limit;
};

struct WebhookArgs {
  std::string id;
};

ExitCode run_webhook_list(const WebhookListArgs& args, Context& context);
ExitCode run_webhook_show(const WebhookArgs& args, Context& context);
ExitCode run_webhook_replay(const WebhookArgs& args, Context& context);
ExitCode run_webhook_subscriptions(Context& context);
ExitCode run_webhook_test(Context& context);

}  // namespace hubsync::cli
