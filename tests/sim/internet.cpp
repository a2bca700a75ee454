#include "tests/sim/internet.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace hubsync::sim {
namespace {

using hubspot_sim::FaultAction;
using hubspot_sim::FaultBody;
using hubspot_sim::FaultRule;

/// How long after our time-out a request may still reach HubSpot (I26).
constexpr Duration latest_arrival{5'000};

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

std::string subject(const Exchange& exchange) {
  std::string text = "#" + std::to_string(exchange.number) + " " + exchange.request.method + " " +
                     exchange.request.target.substr(0, exchange.request.target.find('?'));
  for (const ApiCall::Input& input : exchange.call.inputs) {
    text += " " + input.key;
    for (const auto& [name, value] : input.properties) {
      text.append(" ").append(name).append("=").append(value);
    }
  }
  return text;
}

TransportFailure lost(std::string why) {
  return {.message = std::move(why), .sends = 1};
}

std::optional<FaultRule> rule_of(Fault fault, Weather& weather) {
  FaultRule rule;
  switch (fault) {
    case Fault::reply_lost:
      rule.action = FaultAction::drop_after;
      return rule;
    case Fault::cut_short:
      rule.action = FaultAction::cut_after;
      return rule;
    case Fault::truncated:
      rule.action = FaultAction::truncate;
      return rule;
    case Fault::server_error:
      rule.status = 500 + (weather.below(2) == 0 ? 0 : 2 + static_cast<int>(weather.below(3)));
      return rule;
    case Fault::applied_error:
      rule.action = FaultAction::applied_answer;
      rule.status = 502;
      rule.body = FaultBody::html;
      return rule;
    case Fault::html:
      rule.status = weather.below(2) == 0 ? 502 : 520;
      rule.body = FaultBody::html;
      return rule;
    case Fault::empty_success:
      rule.status = 200;
      rule.body = FaultBody::empty_json;
      return rule;
    case Fault::throttled:
      rule.status = 429;
      rule.body = weather.below(4) == 0 ? FaultBody::cloudflare_1015 : FaultBody::json;
      return rule;
    case Fault::told_to_wait:
      rule.status = 429;
      rule.retry_after = std::to_string(1 + weather.below(40));
      return rule;
    case Fault::locked:
      rule.status = 423;
      return rule;
    default:
      return std::nullopt;
  }
}

/// An answer in two parts, done and failed, tells both.
bool names_failures(const HttpReply& reply) {
  return reply.status == 207 || reply.body.contains("\"errors\":[");
}

Witness::Known known_from(const Answer& answer) {
  if (!answer) {
    return answer.error().surely_not_sent ? Witness::Known::not_done : Witness::Known::nothing;
  }
  if (answer->status < 300) {
    return Witness::Known::done;
  }
  return answer->status < 500 ? Witness::Known::not_done : Witness::Known::nothing;
}

HttpReply reply_of(const hubspot_sim::Response& response, Instant now) {
  HttpReply reply{
      .status = response.status, .headers = {{"date", format_http_date(now)}}, .body = response.body
  };
  for (const auto& [name, value] : response.headers) {
    reply.headers[lower(name)] = value;
  }
  return reply;
}

}  // namespace

void Internet::send(const std::shared_ptr<Exchange>& exchange, store::Tables& tables) {
  exchange->number = static_cast<std::uint64_t>(++calls_);
  exchange->fault = weather_.next_call();
  exchange->gives_up = timeline_.now() + setup_.request_timeout;
  trace_.line("daemon", subject(*exchange));
  trace_.note(exchange->request.body);
  witness_.leaving(exchange->call, tables);
  Instant arrival = timeline_.now() + weather_.one_way();
  switch (exchange->fault) {
    case Fault::refused:
      deliver_at(
          arrival,
          exchange,
          std::unexpected(TransportFailure{.surely_not_sent = true, .message = "connection refused"})
      );
      return;
    case Fault::dropped:
      deliver_at(arrival, exchange, std::unexpected(lost("connection reset")));
      return;
    case Fault::hung:
      deliver_at(exchange->gives_up, exchange, std::unexpected(lost("timed out")));
      return;
    case Fault::late:
      arrival = exchange->gives_up + weather_.within(Duration{1}, latest_arrival);
      deliver_at(exchange->gives_up, exchange, std::unexpected(lost("timed out")));
      break;
    default:
      break;
  }
  timeline_.at(arrival, [this, exchange] { arrive(exchange); });
  if (weather_.kills_at_call()) {
    kill_();
  }
}

void Internet::arrive(const std::shared_ptr<Exchange>& exchange) {
  witness_.arriving(exchange->call);
  if (const auto rule = rule_of(exchange->fault, weather_)) {
    crm_.portal().faults.add(*rule);
  }
  const hubspot_sim::Response response = crm_.model().handle(
      {.method = exchange->request.method,
       .target = exchange->request.target,
       .authorization = "Bearer " + crm_.token(),
       .body = exchange->request.body},
      timeline_.now()
  );
  crm_.portal().faults.clear();
  if (response.status < 300) {
    exchange->carried_out = timeline_.now();
  }
  std::string line = "#" + std::to_string(exchange->number) + " → " + std::to_string(response.status);
  if (exchange->fault != Fault::none) {
    line.append(" (").append(name_of(exchange->fault)).append(")");
  }
  trace_.line("hubspot", line);
  trace_.note(response.body);
  const Instant back = timeline_.now() + response.delay + weather_.one_way();
  if (exchange->fault == Fault::hung_applied || back > exchange->gives_up) {
    deliver_at(exchange->gives_up, exchange, std::unexpected(lost("timed out")));
  } else if (response.delivery != hubspot_sim::Delivery::send) {
    deliver_at(back, exchange, std::unexpected(lost("connection reset")));
  } else {
    const Instant when = exchange->fault == Fault::slow ? exchange->gives_up - Duration{1} : back;
    deliver_at(when, exchange, reply_of(response, timeline_.now()));
  }
  if (weather_.kills_at_call()) {
    kill_();
  }
}

void Internet::deliver_at(Instant when, const std::shared_ptr<Exchange>& exchange, Answer answer) {
  timeline_.at(when, [this, exchange, answer = std::move(answer)]() mutable {
    deliver(*exchange, std::move(answer));
  });
}

void Internet::deliver(Exchange& exchange, Answer answer) {
  if (exchange.answered == nullptr || exchange.answer) {
    return;
  }
  if (!answer) {
    trace_.line("daemon", "#" + std::to_string(exchange.number) + " ← " + answer.error().message);
  }
  const bool partly = answer && answer->status < 300 && names_failures(*answer) &&
                      exchange.call.changes_records() && exchange.fault != Fault::truncated;
  // The status line of a refusal tells all that its body could.
  const bool says_nothing = exchange.fault == Fault::empty_success ||
                            (exchange.fault == Fault::truncated && answer && answer->status < 300);
  const Witness::Known known = says_nothing ? Witness::Known::nothing : known_from(answer);
  witness_.answered(exchange.call, partly ? Witness::Known::not_done : known, exchange.carried_out);
  exchange.answer = std::move(answer);
  exchange.answered->notify_all();
}

Wire::~Wire() {
  for (const std::weak_ptr<Exchange>& open : open_) {
    if (const auto exchange = open.lock()) {
      exchange->answered.reset();
    }
  }
}

Task<Answer> Wire::send(HttpRequest request) {
  const auto exchange = std::make_shared<Exchange>();
  exchange->request = std::move(request);
  exchange->call = read_call(exchange->request, rules_);
  std::erase_if(open_, [](const std::weak_ptr<Exchange>& open) { return open.expired(); });
  open_.push_back(exchange);
  if (!cut_) {
    internet_.send(exchange, tables_);
  }
  while (!exchange->answer) {
    co_await exchange->answered->wait();
  }
  co_return std::move(*exchange->answer);
}

}  // namespace hubsync::sim
