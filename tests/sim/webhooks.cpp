#include "tests/sim/webhooks.hpp"

#include <utility>

namespace hubsync::sim {
namespace {

constexpr std::int64_t room_in_the_inbox = 100'000;
constexpr int attempts_most = 10;
constexpr Duration longest_retry{10 * 60'000};

std::optional<HubspotId> id_or_nothing(std::int64_t id) {
  return id == 0 ? std::nullopt : std::optional{HubspotId{id}};
}

WebhookEvent decoded(const hubspot_sim::ChangeEvent& change) {
  WebhookEvent event;
  event.subscription_type = change.subscription_type;
  event.object_type_id = change.object_type_id;
  event.occurred_at = change.occurred_at;
  event.property = change.property_name;
  event.object = id_or_nothing(change.object_id);
  for (const std::int64_t id : change.merged_object_ids) {
    event.merged.push_back({id});
  }
  if (change.new_object_id != 0) {
    event.merged.push_back({change.primary_object_id});
    event.merged.push_back({change.new_object_id});
    event.survivor = HubspotId{change.new_object_id};
  }
  event.association_type = change.association_type;
  event.from = id_or_nothing(change.from_object_id);
  event.to = id_or_nothing(change.to_object_id);
  return event;
}

}  // namespace

void Webhooks::collect() {
  const auto& events = world_.crm.portal().events;
  for (; taken_ < events.size(); ++taken_) {
    const hubspot_sim::ChangeEvent& change = events[taken_];
    const WebhookEvent event = decoded(change);
    send(
        {.key = "event " + std::to_string(taken_),
         .portal_id = world_.setup.portal.portal_id,
         .event_id = static_cast<std::int64_t>(draw_.below(50)),  // Not unique (HUBSPOT.md §9.2).
         .subscription_type = event.subscription_type,
         .property = event.property,
         .occurred_at = event.occurred_at,
         .hint = hint_of(event, world_.setup.rules)}
    );
  }
}

void Webhooks::send(const InboxEvent& event) {
  const Post& post = world_.setup.post;
  if (!draw_.chance(post.share)) {
    return;
  }
  const int copies = draw_.chance(post.doubled) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    world_.timeline.after(draw_.skewed(Duration{1}, post.delay), [this, event] { deliver(event, 1); });
  }
}

Task<void> Webhooks::receive(Process& process, InboxEvent event) {
  const Instant now = process.wall();
  const std::string key = event.key;
  co_await process.store().run([event = std::move(event), now](Repository& repository) {
    return repository.receive_events({event}, room_in_the_inbox, now);
  });
  acknowledged_.insert(key);
  process.engine().webhook_events(1);
}

void Webhooks::check() {
  for (const std::string& key : acknowledged_) {
    store::Query rows{
        world_.process()->repository().db(),
        "SELECT count(*), sum(state = 'pending') FROM inbox WHERE key = CAST(? AS BLOB)",
        key
    };
    if (rows.next() && (rows.integer(0) != 1 || rows.integer(1) != 0)) {
      world_.verdict.breach(
          "I19 durable acknowledgement",
          key + " was acknowledged; the inbox has it " + rows.text(0) + " times, " + rows.text(1) +
              " of them pending"
      );
    }
  }
}

/// While the daemon is away HubSpot tries again, and gives up in the end.
void Webhooks::deliver(InboxEvent event, int attempt) {
  if (Process* const process = world_.process()) {
    world_.trace.line("hubspot", "webhook " + event.subscription_type + ", " + event.key);
    process->start(receive(*process, std::move(event)));
  } else if (attempt < attempts_most) {
    world_.timeline.after(
        draw_.skewed(Duration{1'000}, longest_retry),
        [this, event = std::move(event), attempt]() mutable { deliver(std::move(event), attempt + 1); }
    );
  }
}

}  // namespace hubsync::sim
