#include "cli/commands/webhooks.hpp"

#include "cli/commands/print.hpp"
#include "cli/output/table.hpp"
#include "cli/output/when.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

std::string ids_of(const api::WebhookItem& item) {
  std::string text;
  for (const std::string& id : item.hubspot_ids) {
    text += (text.empty() ? "" : ", ") + id;
  }
  return text.empty() ? "-" : text;
}

std::vector<Cell> row_of(const api::WebhookItem& item, Instant now) {
  return {
      item.id,
      ago(item.received_at, now),
      Cell{item.state, colour_of_state(item.state)},
      item.subscription_type,
      or_dash(item.property_name),
      ids_of(item),
      item.error_message.value_or("")
  };
}

std::string details_of(const api::WebhookItem& item, Instant now, bool colours) {
  Details details;
  details.add("id", item.id);
  details.add("event", item.subscription_type + " " + or_dash(item.property_name));
  details.add("record", or_dash(item.entity_type) + " " + ids_of(item));
  details.add("state", {item.state, colour_of_state(item.state)});
  details.add("occurred", ago(item.occurred_at, now));
  details.add("received", ago(item.received_at, now));
  details.add("worked off", ago(item.done_at, now));
  details.add("looked at", std::to_string(item.attempts) + " times before");
  details.add("HubSpot's event id", item.event_id);
  details.add("portal", item.portal_id);
  if (item.error_message) {
    details.add("why", {*item.error_message, Colour::yellow});
  }
  return details.take(colours);
}

ExitCode print_item(const Reply<api::WebhookItem>& answer, Context& context) {
  return print_one(answer, context, [&context](const api::WebhookItem& item) {
    return details_of(item, context.clock.now(), context.out.colours());
  });
}

}  // namespace

ExitCode run_webhook_list(const WebhookListArgs& args, Context& context) {
  const auto answer = context.client.webhooks(args.status, args.page, args.limit);
  Table table{
      {{"ID", true}, {"RECEIVED"}, {"STATE"}, {"EVENT"}, {"PROPERTY"}, {"HUBSPOT"}, {"WHY", false, 50}}
  };
  return print_page(
      answer,
      std::move(table),
      context,
      [](const api::WebhookItem& item) { return item.id; },
      [now = context.clock.now()](Table& rows, const api::WebhookItem& item) { rows.add(row_of(item, now)); }
  );
}

ExitCode run_webhook_show(const WebhookArgs& args, Context& context) {
  return print_item(context.client.webhook(args.id), context);
}

ExitCode run_webhook_replay(const WebhookArgs& args, Context& context) {
  return print_item(context.client.replay_webhook(args.id), context);
}

ExitCode run_webhook_subscriptions(Context& context) {
  const auto answer = context.client.webhook_setup();
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
    return ExitCode::done;
  }
  const api::WebhookSetup& setup = answer->value;
  if (!context.out.quiet()) {
    context.out.line(
        "Target URL: " +
        terminal_safe(setup.target_url.value_or("(set [webhooks] public_url in the configuration)"))
    );
  }
  for (const api::WebhookSubscription& subscription : setup.subscriptions) {
    const std::string type = subscription.object_type_id ? " " + *subscription.object_type_id : "";
    const std::string property = subscription.property_name ? " " + *subscription.property_name : "";
    context.out.line(terminal_safe(subscription.event_type + type + property));
  }
  return ExitCode::done;
}

ExitCode run_webhook_test(Context& context) {
  const auto answer = context.client.test_webhooks();
  if (!answer) {
    return report(context.out, answer.error());
  }
  const api::WebhookTest& test = answer->value;
  const bool accepted = test.status / 100 == 2;
  const bool done = test.event && test.event->state == "done";
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else if (!context.out.quiet()) {
    Details details;
    details.add("signed for", test.url);
    details.add(
        "listener", {"answered " + std::to_string(test.status), accepted ? Colour::green : Colour::red}
    );
    details.add(
        "event",
        test.event ? Cell{test.event->id + " " + test.event->state, colour_of_state(test.event->state)}
                   : Cell{"not in the inbox", Colour::red}
    );
    details.add("took", short_duration(Duration{test.duration_ms}));
    context.out.text(details.take(context.out.colours()));
  }
  return accepted && done ? ExitCode::done : accepted ? ExitCode::timed_out : ExitCode::failed;
}

}  // namespace hubsync::cli
