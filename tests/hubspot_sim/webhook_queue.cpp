#include "tests/hubspot_sim/webhook_queue.hpp"

#include <utility>

#include "tests/hubspot_sim/event_json.hpp"

namespace hubspot_sim {
namespace {

constexpr std::int64_t app_id = 1'160'452;
constexpr std::int64_t subscription_id = 912'345;
constexpr std::size_t remembered_ids = 100;

}  // namespace

void WebhookQueue::collect(hubsync::Instant now) {
  if (portal_.options.webhook_url.empty()) {
    return;
  }
  portal_.options.record_events = true;
  std::vector<ChangeEvent> events = std::exchange(portal_.events, {});
  if (portal_.options.webhook_shuffle) {
    portal_.random.shuffle(events);
  }
  for (const ChangeEvent& event : events) {
    add(event, now);
    if (portal_.random.percent(portal_.options.webhook_duplicate_percent)) {
      add(event, now);
    }
  }
  portal_.counters.webhooks.waiting = static_cast<std::int64_t>(waiting_.size());
}

void WebhookQueue::add(const ChangeEvent& event, hubsync::Instant now) {
  Random& random = portal_.random;
  const ModelOptions& options = portal_.options;
  ++portal_.counters.webhooks.events;
  if (random.percent(options.webhook_loss_percent)) {
    ++portal_.counters.webhooks.lost;
    return;
  }
  auto id = random.between(1, 4'294'967'295);
  if (!used_ids_.empty() && random.percent(options.webhook_reused_id_percent)) {
    id = used_ids_[random.below(used_ids_.size())];
  } else if (used_ids_.size() < remembered_ids) {
    used_ids_.push_back(id);
  } else {
    used_ids_[random.below(used_ids_.size())] = id;
  }
  nlohmann::json json = event_json(event);
  json["eventId"] = id;
  json["subscriptionId"] = subscription_id;
  json["portalId"] = options.portal_id;
  json["appId"] = app_id;
  std::string text = json.dump();
  text.pop_back();
  const auto delay = hubsync::Duration{random.between(0, options.webhook_delay.count())};
  waiting_.emplace(now + delay, Waiting{.event = std::move(text)});
}

std::optional<WebhookQueue::Delivery> WebhookQueue::next(hubsync::Instant now) {
  const auto most = static_cast<std::size_t>(portal_.options.webhook_concurrency);
  if (waiting_.empty() || waiting_.begin()->first > now || under_way_.size() >= most) {
    return std::nullopt;
  }
  Delivery delivery{.id = ++last_delivery_, .body = "["};
  std::vector<Waiting>& batch = under_way_[delivery.id];
  while (!waiting_.empty() && waiting_.begin()->first <= now && batch.size() < webhook_batch) {
    auto node = waiting_.extract(waiting_.begin());
    delivery.body += (batch.empty() ? "" : ",") + node.mapped().event +
                     ",\"attemptNumber\":" + std::to_string(node.mapped().attempt) + "}";
    batch.push_back(std::move(node.mapped()));
  }
  delivery.body += "]";
  ++portal_.counters.webhooks.requests;
  return delivery;
}

void WebhookQueue::answered(std::int64_t id, bool accepted, hubsync::Instant now) {
  auto batch = under_way_.extract(id);
  ++(accepted ? portal_.counters.webhooks.accepted : portal_.counters.webhooks.failed);
  if (!batch.empty() && !accepted) {
    const std::int64_t step = portal_.options.webhook_retry_spread.count() / webhook_retries;
    const auto delay = hubsync::Duration{portal_.random.between(step / 2, step + step / 2)};
    for (Waiting& event : batch.mapped()) {
      if (++event.attempt > webhook_retries) {
        ++portal_.counters.webhooks.given_up;
      } else {
        waiting_.emplace(now + delay, std::move(event));
      }
    }
  }
  portal_.counters.webhooks.waiting = static_cast<std::int64_t>(waiting_.size());
}

}  // namespace hubspot_sim
