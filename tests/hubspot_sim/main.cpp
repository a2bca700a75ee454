// hubspot-sim: the simulated HubSpot as a program.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "tests/hubspot_sim/admin.hpp"
#include "tests/hubspot_sim/server.hpp"
#include "tests/hubspot_sim/webhook_sender.hpp"

namespace {

using hubspot_sim::ModelOptions;

struct Arguments {
  std::uint16_t port = 0;
  hubspot_sim::SeedCounts counts;
  std::string latency = "0ms";
  std::string search_lag = "0ms";
  std::string webhook_delay = "0ms";
  std::string webhook_retry_spread = "24h";
  std::string token_lifetime = "30m";
  bool no_limits = false;
  bool no_bump = false;
  ModelOptions options;
};

std::string check_duration(const std::string& text) {
  return hubsync::parse_duration(text) ? std::string{} : "a duration such as 0ms, 250ms or 30s is needed";
}

void add_options(CLI::App& app, Arguments& arguments) {
  auto& options = arguments.options;
  app.add_option("--port", arguments.port, "Port on 127.0.0.1; 0 takes a free one and prints it");
  app.add_option("--contacts", arguments.counts.contacts, "Seeded contacts");
  app.add_option("--companies", arguments.counts.companies, "Seeded companies");
  app.add_option("--deals", arguments.counts.deals, "Seeded deals");
  app.add_option("--seed", options.seed, "Seed of records and of all chance");
  app.add_option("--token", options.token, "The access token that is accepted");
  app.add_option(
      "--oauth-client-id", options.oauth_client_id, "The OAuth app that may refresh access tokens"
  );
  app.add_option("--oauth-client-secret", options.oauth_client_secret, "Its secret");
  app.add_option("--refresh-token", options.refresh_token, "What it gets access tokens for");
  app.add_option("--token-lifetime", arguments.token_lifetime, "How long such an access token is accepted")
      ->check(check_duration);
  app.add_flag(
      "--rotate-refresh-token",
      options.rotate_refresh_token,
      "Each access token comes with a new refresh token"
  );
  app.add_option("--scopes", options.scopes, "What the token may do, comma-separated")->delimiter(',');
  app.add_option("--portal-id", options.portal_id, "The portal's id");
  app.add_option("--limit", options.burst_limit, "Calls in any 10 seconds");
  app.add_option("--search-limit", options.search_limit, "Searches in any second");
  app.add_option("--daily", options.daily_limit, "Calls a day");
  app.add_flag(
      "--no-limits", arguments.no_limits, "Count, but never answer 429, and name no limit in headers"
  );
  app.add_option("--latency", arguments.latency, "Added to every answer")->check(check_duration);
  app.add_option("--search-lag", arguments.search_lag, "How far searches lag behind writes")
      ->check(check_duration);
  app.add_flag("--no-bump", arguments.no_bump, "No later writes of HubSpot's own to the modified time");
  app.add_flag("--auto-company", options.auto_company, "A contact's business e-mail creates its company");
  app.add_flag("--large-ids", options.large_ids, "Ids beyond 2^31");
  app.add_flag("--record-events", options.record_events, "Record change events for /_sim/events");
  app.add_option(
      "--webhook-url", options.webhook_url, "Send change events there: http://127.0.0.1:PORT/PATH"
  );
  app.add_option("--webhook-secret", options.webhook_secret, "What they are signed with");
  app.add_option("--webhook-delay", arguments.webhook_delay, "Each event is sent after at most this long")
      ->check(check_duration);
  app.add_option("--webhook-loss", options.webhook_loss_percent, "Percent of the events that are never sent");
  app.add_option("--webhook-duplicates", options.webhook_duplicate_percent, "Percent that are sent twice");
  app.add_flag(
      "--webhook-shuffle", options.webhook_shuffle, "Send events in another order than they happened"
  );
  app.add_option("--webhook-retry-spread", arguments.webhook_retry_spread, "What ten retries are spread over")
      ->check(check_duration);
  app.footer("\n" + std::string{hubspot_sim::admin_help()});
}

int serve(const Arguments& arguments) {
  auto options = arguments.options;
  options.limits = !arguments.no_limits;
  options.bump = !arguments.no_bump;
  options.latency = *hubsync::parse_duration(arguments.latency);
  options.search_lag = *hubsync::parse_duration(arguments.search_lag);
  options.webhook_delay = *hubsync::parse_duration(arguments.webhook_delay);
  options.webhook_retry_spread = *hubsync::parse_duration(arguments.webhook_retry_spread);
  options.token_lifetime = *hubsync::parse_duration(arguments.token_lifetime);
  options.record_events = options.record_events || !options.webhook_url.empty();
  hubspot_sim::Model model{options};
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  model.seed(arguments.counts, now);
  boost::asio::io_context loop{1};
  boost::asio::signal_set signals{loop, SIGINT, SIGTERM};
  signals.async_wait([&loop](const boost::system::error_code&, int) { loop.stop(); });
  const hubspot_sim::Server server{loop, model, arguments.port};
  const hubspot_sim::WebhookSender webhooks{loop, model};
  std::printf("listening on http://127.0.0.1:%u\n", static_cast<unsigned>(server.port()));
  std::fflush(stdout);
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A simulated HubSpot to develop and test against. Serves HTTP on loopback only."};
  Arguments arguments;
  add_options(app, arguments);
  CLI11_PARSE(app, argc, argv);
  try {
    return serve(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hubspot-sim: %s\n", error.what());
    return 1;
  }
}
