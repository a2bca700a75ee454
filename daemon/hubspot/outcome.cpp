#include "daemon/hubspot/outcome.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/text.hpp"
#include "common/time.hpp"
#include "daemon/core/backoff.hpp"
#include "daemon/core/rate.hpp"
#include "daemon/hubspot/json_guard.hpp"

namespace hubsync {

namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t max_message = 500;

std::string_view header(const HttpReply& reply, std::string_view name) {
  const auto found = reply.headers.find(name);
  return found == reply.headers.end() ? std::string_view() : found->second;
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The values of a context entry, which is a list of strings by the documentation and a bare value now and
/// then.
std::vector<std::string> strings_of(const json& value) {
  std::vector<std::string> result;
  const auto add = [&](const json& element) {
    if (element.is_string()) {
      result.push_back(element.get<std::string>());
    } else if (element.is_number_integer()) {
      result.push_back(std::to_string(element.get<std::int64_t>()));
    }
  };
  if (value.is_array()) {
    std::ranges::for_each(value, add);
  } else {
    add(value);
  }
  return result;
}

/// Adds the context of an error object and of the objects in its "errors".
void collect_context(const json& error, ItemError& item) {
  if (const auto context = error.find("context"); context != error.end() && context->is_object()) {
    for (const auto& [key, value] : context->items()) {
      auto values = strings_of(value);
      auto& all = item.context[key];
      all.insert(all.end(), values.begin(), values.end());
    }
  }
  if (const auto nested = error.find("errors"); nested != error.end() && nested->is_array()) {
    for (const json& inner : *nested) {
      if (inner.is_object()) {
        if (const auto deeper = inner.find("context"); deeper != inner.end()) {
          collect_context(json{{"context", *deeper}}, item);
        }
      }
    }
  }
}

std::optional<HubspotId> existing_id_in(std::string_view message) {
  constexpr std::string_view label = "Existing ID:";
  const auto at = message.find(label);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  message.remove_prefix(at + label.size());
  while (message.starts_with(' ')) {
    message.remove_prefix(1);
  }
  const auto end = std::min(message.find_first_not_of("0123456789"), message.size());
  return parse_hubspot_id(message.substr(0, end));
}

std::optional<HubspotId> existing_id_of(const ItemError& item) {
  if (const auto found = item.context.find("existingId");
      found != item.context.end() && !found->second.empty()) {
    return parse_hubspot_id(found->second.front());
  }
  return existing_id_in(item.failure.message);
}

/// HubSpot puts a list of objects into the text of some errors. What each says is for people; the property it
/// names is one whose value was refused.
void read_list(CallFailure& failure) {
  const std::size_t list = failure.message.find("[{");
  const auto items = list == std::string::npos ? std::nullopt : parse_json(failure.message.substr(list));
  if (!items || !items->is_array()) {
    return;
  }
  std::string told;
  bool all_told = true;
  for (const json& item : *items) {
    const std::string text = item.is_object() ? text_of(item, "message") : std::string{};
    const std::string name = item.is_object() ? text_of(item, "name") : std::string{};
    all_told &= !text.empty();
    told.append(told.empty() ? "" : "; ").append(name).append(name.empty() ? "" : ": ").append(text);
    if (!name.empty()) {
      failure.properties.push_back(name);
    }
  }
  if (all_told) {
    failure.message = failure.message.substr(0, list) + told;
  }
}

/// What the JSON form of an error says (all parts may be missing): HubSpot's words, not yet what they mean.
ItemError read_error(const json& error) {
  ItemError item;
  CallFailure& failure = item.failure;
  failure.message = text_of(error, "message");
  failure.correlation_id = text_of(error, "correlationId");
  failure.category = text_of(error, "category");
  item.sub_category = text_of(error, "subCategory");
  for (const char* key : {"policyName", "errorType"}) {
    if (failure.category.empty()) {
      failure.category = text_of(error, key);
    }
  }
  failure.own_words = !failure.message.empty() || !failure.category.empty();
  collect_context(error, item);
  failure.existing_id = existing_id_of(item);
  if (const auto scopes = item.context.find("requiredGranularScopes"); scopes != item.context.end()) {
    failure.message += " Needs one of:";
    for (const std::string& scope : scopes->second) {
      failure.message += ' ' + scope;
    }
  }
  if (const auto named = item.context.find("propertyName"); named != item.context.end()) {
    failure.properties = named->second;
  }
  read_list(failure);
  failure.message = tidy_message(failure.message);
  return item;
}

bool contains_ignoring_case(std::string_view text, std::string_view lower) {
  return !std::ranges::search(text, lower, [](char a, char b) {
            return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
          }).empty();
}

bool is_html(const HttpReply& reply) {
  return contains_ignoring_case(header(reply, "content-type"), "html") || reply.body.starts_with("<");
}

/// Everything but the outcome.
CallFailure describe(const HttpReply& reply) {
  CallFailure failure;
  const std::string_view type = header(reply, "content-type");
  if (type.empty() || contains_ignoring_case(type, "json")) {
    if (const auto body = parse_json(reply.body); body && body->is_object()) {
      failure = read_error(*body).failure;
    }
  }
  if (failure.message.empty()) {
    failure.message = is_html(reply) ? "" : tidy_message(reply.body);
  }
  if (failure.message.empty()) {
    failure.message = "HTTP " + std::to_string(reply.status) +
                      (is_html(reply) ? " with an HTML page" : " without a message");
  }
  if (failure.correlation_id.empty()) {
    failure.correlation_id = header(reply, "x-hubspot-correlation-id");
  }
  failure.status = reply.status;
  return failure;
}

/// A 429: which limit, and how long it lasts (HUBSPOT.md §8).
void set_limit(CallFailure& failure, const std::string& body) {
  const LimitPolicy policy = limit_policy(body);
  if (policy == LimitPolicy::daily) {
    failure.category = "DAILY";
  } else {
    failure.retry_after = policy_wait(policy);
  }
}

Outcome outcome_of(int status, Effect effect) {
  const Outcome lost = effect == Effect::write ? Outcome::unknown : Outcome::unavailable;
  switch (status) {
    case 401:
    case 403:
      return Outcome::denied;
    case 408:  // The server gave up on the request; a proxy on the way may say so after it was applied.
      return lost;
    case 423:
      return Outcome::unavailable;
    case 429:
    case 477:
      return Outcome::throttled;
    default:
      return status >= 300 && status < 500 ? Outcome::refused : lost;
  }
}

/// An error of one input has no status of its own; the category tells.
void set_item_outcome(CallFailure& failure) {
  const std::string& category = failure.category;
  const auto says = [&](std::string_view word) { return contains_ignoring_case(category, word); };
  if (says("rate_limit")) {
    failure.status = 429;
    failure.retry_after = 10s;
  } else if (says("missing_scopes") || says("authentication")) {
    failure.status = 403;
  } else if (says("not_found")) {
    failure.status = 404;
  } else if (says("conflict") || says("already_exists")) {
    failure.status = 409;
  } else if (says("lock")) {
    failure.status = 423;
    failure.retry_after = 2s;
  } else if (says("internal") || says("timeout") || says("unavailable") || says("server")) {
    failure.status = 500;
  } else {
    failure.status = 400;
  }
  failure.outcome = outcome_of(failure.status, Effect::write);
}

}  // namespace

CallFailure failure_of(const HttpReply& reply, Effect effect) {
  CallFailure failure = describe(reply);
  failure.outcome = outcome_of(reply.status, effect);
  if (reply.status == 429) {
    set_limit(failure, reply.body);
  } else if (reply.status == 423) {
    failure.retry_after = 2s;
  }
  if (const auto asked = retry_after_of(reply)) {
    failure.retry_after = asked;
  }
  return failure;
}

CallFailure failure_of(const TransportFailure& transport, Effect effect) {
  if (transport.no_token) {
    return *transport.no_token;
  }
  if (transport.overturned) {
    return {
        .outcome = Outcome::postponed,
        .message = tidy_message(transport.message),
        .retry_after = Duration{0},
        .overturned = true
    };
  }
  if (transport.postponed) {
    return {
        .outcome = Outcome::postponed,
        .message = tidy_message(transport.message),
        .retry_after = transport.postponed
    };
  }
  const bool harmless = transport.surely_not_sent || effect == Effect::read;
  return {
      .outcome = harmless ? Outcome::unavailable : Outcome::unknown,
      .message = tidy_message(transport.message)
  };
}

CallFailure failure_of_shape(const HttpReply& reply, Effect effect, std::string_view what) {
  CallFailure failure;
  failure.outcome = effect == Effect::write ? Outcome::unknown : Outcome::unavailable;
  failure.status = reply.status;
  failure.message = tidy_message("HubSpot's answer is not what it promises: " + std::string(what));
  failure.correlation_id = header(reply, "x-hubspot-correlation-id");
  return failure;
}

bool ItemError::names(std::string_view key, std::string_view value) const {
  const auto found = context.find(key);
  return found != context.end() && std::ranges::find(found->second, value) != found->second.end();
}

std::vector<ItemError> item_errors(const json& errors) {
  std::vector<ItemError> result;
  if (!errors.is_array()) {
    return result;
  }
  for (const json& error : errors) {
    if (!error.is_object()) {
      continue;
    }
    ItemError item = read_error(error);
    set_item_outcome(item.failure);
    result.push_back(std::move(item));
  }
  return result;
}

std::string tidy_message(std::string_view text) {
  std::string result;
  for (std::size_t characters = 0; !text.empty() && characters < max_message; ++characters) {
    const CodePoint next = first_code_point(text);
    if (!next.valid) {
      result += "\xEF\xBF\xBD";  // U+FFFD: it goes into the store, which holds text.
    } else if (next.value < 0x20 || next.value == 0x7F) {
      result += ' ';
    } else {
      result += text.substr(0, next.bytes);
    }
    text.remove_prefix(next.bytes);
  }
  const auto first = result.find_first_not_of(' ');
  if (first == std::string::npos) {
    return {};
  }
  return result.substr(first, result.find_last_not_of(' ') - first + 1);
}

std::optional<Duration> retry_after_of(const HttpReply& reply) {
  const std::string_view asked = header(reply, "retry-after");
  const auto now = parse_http_date(header(reply, "date"));
  const bool is_date = parse_http_date(asked).has_value();
  if (is_date && !now) {
    return std::nullopt;
  }
  return parse_retry_after(asked, reply.status, now.value_or(Instant{}));
}

}  // namespace hubsync
