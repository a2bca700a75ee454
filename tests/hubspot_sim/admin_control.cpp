// Counters, options, faults, tokens and the rest of what an operator may do to the simulated HubSpot.
#include "tests/hubspot_sim/admin_handlers.hpp"
#include "tests/hubspot_sim/event_json.hpp"
#include "tests/hubspot_sim/seed_data.hpp"
#include "tests/hubspot_sim/validate.hpp"

namespace hubspot_sim {
namespace {

using hubsync::Duration;

/// Sets one option from JSON; false when the value has the wrong form.
bool set_option(ModelOptions& options, const OptionName& option, const nlohmann::json& value) {
  if (const auto* const flag = std::get_if<bool ModelOptions::*>(&option.member)) {
    return value.is_boolean() && (options.**flag = value.get<bool>(), true);
  }
  if (const auto* const number = std::get_if<std::int64_t ModelOptions::*>(&option.member)) {
    return value.is_number_integer() && (options.**number = value.get<std::int64_t>(), true);
  }
  if (const auto* const text = std::get_if<std::string ModelOptions::*>(&option.member)) {
    return value.is_string() && (options.**text = value.get<std::string>(), true);
  }
  const auto duration = hubsync::parse_duration(scalar_text(value).value_or(""));
  if (duration) {
    options.*std::get<Duration ModelOptions::*>(option.member) = *duration;
  }
  return duration.has_value();
}

nlohmann::json option_json(const ModelOptions& options, const OptionName& option) {
  return std::visit(
      [&](auto member) -> nlohmann::json {
        if constexpr (std::is_same_v<decltype(member), Duration ModelOptions::*>) {
          return hubsync::format_duration(options.*member);
        } else {
          return options.*member;
        }
      },
      option.member
  );
}

nlohmann::json fault_json(const FaultRule& rule) {
  return {
      {"id", rule.id},
      {"method", rule.method},
      {"path", rule.path_prefix},
      {"status", rule.status},
      {"action", fault_action_name(rule.action)},
      {"remaining", rule.remaining},
      {"skip", rule.skip},
      {"percent", rule.percent},
      {"hits", rule.hits}
  };
}

}  // namespace

Response admin_counters(AdminCall& call) {
  const auto& counters = call.portal.counters;
  nlohmann::json json{
      {"mutations", counters.mutations},
      {"creates", counters.creates},
      {"noopWrites", counters.noop_writes},
      {"maxBurst", {{"arrivals", counters.max_burst_arrivals}, {"accepted", counters.max_burst_accepted}}},
      {"maxSearch", {{"arrivals", counters.max_search_arrivals}, {"accepted", counters.max_search_accepted}}},
      {"dailyUsed", call.portal.limits.used_today(call.portal.now, call.portal.options)},
      {"writes", counters.writes_by_type},
      {"createsByKey", counters.creates_by_key},
      {"calls", nlohmann::json::object()},
      {"webhooks",
       {{"events", counters.webhooks.events},
        {"lost", counters.webhooks.lost},
        {"requests", counters.webhooks.requests},
        {"accepted", counters.webhooks.accepted},
        {"failed", counters.webhooks.failed},
        {"givenUp", counters.webhooks.given_up},
        {"waiting", counters.webhooks.waiting}}},
  };
  for (const auto& [kind, count] : counters.calls) {
    auto status = nlohmann::json::object();
    for (const auto& [code, times] : count.status) {
      status[std::to_string(code)] = times;
    }
    json["calls"][kind] = {
        {"calls", count.calls}, {"throttled", count.throttled}, {"status", std::move(status)}
    };
  }
  for (std::size_t i = 0; i < call.portal.stores.size(); ++i) {
    json["records"][call.portal.schema.types[i].name] = {
        {"live", call.portal.stores[i].live().size()}, {"archived", call.portal.stores[i].archived().size()}
    };
  }
  return json_response(200, json.dump());
}

Response admin_reset_counters(AdminCall& call) {
  const std::int64_t waiting = call.portal.counters.webhooks.waiting;
  call.portal.counters = {};
  call.portal.counters.webhooks.waiting = waiting;
  return no_content();
}

Response admin_options(AdminCall& call) {
  auto json = nlohmann::json::object();
  for (const auto& option : runtime_options()) {
    json[std::string{option.name}] = option_json(call.portal.options, option);
  }
  return json_response(200, json.dump());
}

Response admin_set_options(AdminCall& call) {
  for (const auto& [name, value] : call.body.items()) {
    bool known = false;
    for (const auto& option : runtime_options()) {
      if (option.name == name) {
        known = true;
        if (!set_option(call.portal.options, option, value)) {
          return admin_error(400, "wrong value for option " + name);
        }
      }
    }
    if (!known) {
      return admin_error(400, "no such option: " + name);
    }
  }
  return admin_options(call);
}

Response admin_list_faults(AdminCall& call) {
  auto list = nlohmann::json::array();
  for (const auto& rule : call.portal.faults.rules()) {
    list.push_back(fault_json(rule));
  }
  return json_response(200, nlohmann::json{{"faults", std::move(list)}}.dump());
}

Response admin_add_fault(AdminCall& call) {
  const auto& body = call.body;
  const auto action = fault_action_from(body.value("action", std::string{"answer"}));
  const auto kind = fault_body_from(body.value("body", std::string{"json"}));
  const auto delay = hubsync::parse_duration(body.value("delay", std::string{"0"}));
  if (!action || !kind || !delay) {
    return admin_error(400, "unknown action or body, or a bad delay");
  }
  FaultRule rule;
  rule.action = *action;
  rule.body = *kind;
  rule.delay = *delay;
  rule.method = body.value("method", std::string{});
  rule.path_prefix = body.value("path", std::string{});
  rule.status = body.value("status", 500);
  rule.custom_body = body.value("custom_body", std::string{});
  rule.retry_after = string_member(body, "retry_after");
  rule.remaining = body.value("count", std::int64_t{1});
  rule.skip = body.value("skip", std::int64_t{0});
  rule.percent = body.value("percent", std::int64_t{100});
  const auto id = call.portal.faults.add(std::move(rule));
  return json_response(201, nlohmann::json{{"id", id}}.dump());
}

Response admin_clear_faults(AdminCall& call) {
  call.portal.faults.clear();
  return no_content();
}

Response admin_remove_fault(AdminCall& call) {
  return call.portal.faults.remove(call.id) ? no_content() : admin_error(404, "no such fault");
}

Response admin_token(AdminCall& call) {
  const auto name = call.body.value("token", call.portal.options.token);
  const bool all_granted = call.body.value("oauth", false);
  if (all_granted) {
    std::erase_if(call.portal.tokens, [](const auto& known) { return known.second.oauth; });
    return no_content();
  }
  Token& token = call.portal.tokens[name];
  if (call.body.contains("scopes")) {
    token.scopes = string_list(call.body, "scopes");
  }
  token.revoked = call.body.value("revoked", token.revoked);
  if (call.body.contains("expires")) {
    token.expires = time_value(string_member(call.body, "expires")).value_or(hubsync::Instant{});
  }
  return no_content();
}

Response admin_rival(AdminCall& call) {
  const auto calls = call.body.value("calls", std::int64_t{1});
  call.portal.limits.rival(calls, call.body.value("burst", true), call.portal.now, call.portal.options);
  return no_content();
}

Response admin_seed(AdminCall& call) {
  const auto count = [&call](const char* type) { return call.body.value(type, std::size_t{0}); };
  seed_portal(
      call.portal, {.contacts = count("contacts"), .companies = count("companies"), .deals = count("deals")}
  );
  return no_content();
}

Response admin_events(AdminCall& call) {
  auto list = nlohmann::json::array();
  for (const auto& event : std::exchange(call.portal.events, {})) {
    list.push_back(event_json(event));
  }
  return json_response(200, nlohmann::json{{"events", std::move(list)}}.dump());
}

}  // namespace hubspot_sim
