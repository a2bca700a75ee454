// GET /metrics: the status as numbers, for a monitoring system.
#include <utility>

#include "daemon/api/convert.hpp"
#include "daemon/api/exposition.hpp"
#include "daemon/api/freshness.hpp"
#include "daemon/api/handlers.hpp"

namespace hubsync::api {
namespace {

using Kind = Exposition::Kind;

double in_seconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1'000;
}

void add_daemon(Exposition& text, const Services& services) {
  text.family("hubsync_build", Kind::info, "The running version.");
  text.sample(std::int64_t{1}, {{"version", services.version}});
  text.family("hubsync_state", Kind::gauge, "1 for the state the daemon is in.");
  const std::string_view now = to_string(services.engine.state());
  for (const std::string_view state : {"idle", "syncing", "paused", "degraded"}) {
    text.sample(std::int64_t{state == now}, {{"state", state}});
  }
  text.family("hubsync_problems", Kind::gauge, "Reasons why the daemon is degraded.");
  text.sample(static_cast<std::int64_t>(services.engine.problems().size()));
  const ProcessFigures process = services.process ? services.process() : ProcessFigures{};
  text.family("process_start_time_seconds", Kind::gauge, "Start of the process since the epoch.", "seconds");
  text.sample(in_seconds(services.started_at.time_since_epoch()));
  text.family("process_resident_memory_bytes", Kind::gauge, "Memory in use.", "bytes");
  text.sample(process.resident_bytes);
  text.family("process_cpu_seconds", Kind::counter, "Processor time used.", "seconds");
  text.sample(process.cpu_seconds);
  text.family("process_open_fds", Kind::gauge, "Open file descriptors.");
  text.sample(process.open_files);
}

void add_records(Exposition& text, const StoreStatus& status) {
  text.family("hubsync_records", Kind::gauge, "Live records by type and sync status.");
  for (const auto& [type, counts] : status.records) {
    text.sample(counts.synced, {{"type", type}, {"status", "synced"}});
    text.sample(counts.pending, {{"type", type}, {"status", "pending"}});
    text.sample(counts.conflict, {{"type", type}, {"status", "conflict"}});
    text.sample(counts.error, {{"type", type}, {"status", "error"}});
  }
  text.family("hubsync_queue", Kind::gauge, "Records that wait to be sent, by state.");
  text.sample(status.queue.pending, {{"state", "pending"}});
  text.sample(status.queue.running, {{"state", "running"}});
  text.sample(status.queue.retrying, {{"state", "retrying"}});
  text.sample(status.queue.failed, {{"state", "failed"}});
  text.family("hubsync_queue_paused", Kind::gauge, "1 while writes to HubSpot are held back.");
  text.sample(std::int64_t{status.paused});
  text.family("hubsync_conflicts_open", Kind::gauge, "Conflicts that wait for a person.");
  text.sample(status.open_conflicts);
  text.family("hubsync_guards_open", Kind::gauge, "Guards that hold deletions until a person releases them.");
  text.sample(status.open_guards);
}

void add_calls(Exposition& text, const Throttle::Snapshot& limits) {
  text.family("hubsync_api_calls", Kind::counter, "Calls to HubSpot since the start, by how they ended.");
  text.sample(limits.ended.succeeded, {{"outcome", "ok"}});
  text.sample(limits.ended.refused, {{"outcome", "refused"}});
  text.sample(limits.ended.throttled, {{"outcome", "throttled"}});
  text.sample(limits.ended.failed, {{"outcome", "server_error"}});
  text.sample(limits.ended.unanswered, {{"outcome", "no_answer"}});
  text.family("hubsync_rate_limit_capacity", Kind::gauge, "Calls allowed in one interval.");
  text.sample(std::int64_t{limits.capacity});
  text.family("hubsync_rate_limit_available", Kind::gauge, "Calls that could be sent now.");
  text.sample(std::int64_t{limits.available});
  text.family("hubsync_rate_limit_waiting", Kind::gauge, "Calls that wait for their turn.");
  text.sample(static_cast<std::int64_t>(limits.waiting));
  text.family("hubsync_rate_limit_interval_seconds", Kind::gauge, "Length of the interval.", "seconds");
  text.sample(in_seconds(limits.interval));
  text.family("hubsync_daily_budget_limit", Kind::gauge, "Calls allowed in one day of the portal.");
  text.sample(limits.daily_limit);
  text.family("hubsync_daily_budget_used", Kind::gauge, "Calls sent in this day of the portal.");
  text.sample(limits.daily_used);
  text.family("hubsync_breaker_open", Kind::gauge, "1 while most calls fail and only probes are sent.");
  text.sample(std::int64_t{limits.breaker_open});
  if (limits.clock_skew) {
    text.family("hubsync_clock_skew_seconds", Kind::gauge, "HubSpot's clock minus ours.", "seconds");
    text.sample(in_seconds(*limits.clock_skew));
  }
}

void add_webhooks(Exposition& text, const WebhookStatus& webhooks, const InboxStatus& inbox) {
  text.family("hubsync_webhook_listening", Kind::gauge, "1 while webhooks are taken.");
  text.sample(std::int64_t{webhooks.listening});
  text.family("hubsync_webhook_events", Kind::counter, "Events taken since the start.");
  text.sample(webhooks.received);
  text.family("hubsync_webhook_rejected", Kind::counter, "Requests rejected since the start.");
  text.sample(webhooks.rejected);
  text.family("hubsync_webhook_backlog", Kind::gauge, "Events not worked off yet.");
  text.sample(inbox.backlog);
}

void add_runs(Exposition& text, const Services& services) {
  text.family("hubsync_runs", Kind::counter, "Runs that ended since the start, by kind and result.");
  for (const auto& [run, count] : services.runs ? services.runs() : RunTally{}) {
    text.sample(count, {{"kind", run.first}, {"state", run.second}});
  }
}

/// Ages rather than times, so that an alert needs no clock of its own; what never happened has none.
void add_ages(Exposition& text, const Services& services, const StoreStatus& status) {
  const Instant now = services.clock.now();
  const auto add = [&](std::string_view name, std::string_view help, std::optional<Instant> at) {
    if (at) {
      text.family(name, Kind::gauge, help, "seconds");
      text.sample(in_seconds(now - *at));
    }
  };
  const auto end = [](const std::optional<hubsync::Run>& run) {
    return run ? run->finished_at : std::optional<Instant>{};
  };
  add("hubsync_last_poll_age_seconds", "Since the last poll ended, however it ended.", end(status.last_poll));
  add("hubsync_last_full_sync_age_seconds", "Since the last full run ended.", end(status.last_full));
  add("hubsync_last_webhook_age_seconds", "Since the last webhook event came.", status.inbox.last_event_at);
  add("hubsync_data_age_seconds",
      "Since HubSpot was last seen whole: begin of a run that succeeded.",
      status.seen_at);
  text.family("hubsync_freshness", Kind::gauge, "1 for the verdict about the age of the data.");
  const std::string_view verdict = to_string(freshness(services, status));
  for (const std::string_view word : {"current", "idle", "stalled", "unknown"}) {
    text.sample(std::int64_t{word == verdict}, {{"verdict", word}});
  }
}

}  // namespace

Answer show_metrics(Services& services, Call call) {
  const StoreStatus status =
      co_await services.store.run([](Repository& repository) { return repository.status(); });
  const auto format = accepted_format(call.request.headers.find("Accept").value_or(""));
  Exposition text{format};
  add_daemon(text, services);
  add_records(text, status);
  add_calls(text, services.throttle.snapshot());
  add_webhooks(text, services.webhooks(), status.inbox);
  add_runs(text, services);
  add_ages(text, services, status);
  http::Response response{.body = std::move(text).finish()};
  response.content_type = Exposition::content_type(format);
  co_return response;
}

}  // namespace hubsync::api
