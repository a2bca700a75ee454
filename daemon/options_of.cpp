#include "daemon/options_of.hpp"

#include "daemon/rules_of.hpp"

namespace hubsync {

Engine::Options engine_options(const Config& config) {
  return {
      .rules = rules_of(config),
      .retry =
          {.base = config.retry.base,
           .multiplier = config.retry.multiplier,
           .max_delay = config.retry.max_delay,
           .max_retries = config.retry.max_retries},
      .poll_interval = config.sync.poll_interval,
      .poll_interval_with_webhooks = config.sync.poll_interval_with_webhooks,
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

CurlOptions curl_options(const Config& config) {
  return {
      .base_url = config.hubspot.base_url,
      .ca_file = config.hubspot.ca_file,
      .request_timeout = config.hubspot.request_timeout
  };
}

}  // namespace hubsync
