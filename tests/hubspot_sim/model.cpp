#include "tests/hubspot_sim/model.hpp"

#include <algorithm>

#include "tests/hubspot_sim/admin.hpp"
#include "tests/hubspot_sim/api_error.hpp"
#include "tests/hubspot_sim/portal.hpp"
#include "tests/hubspot_sim/router.hpp"
#include "tests/hubspot_sim/seed_data.hpp"
#include "tests/hubspot_sim/writes.hpp"

namespace hubspot_sim {
namespace {

constexpr std::string_view html_page =
    "<!DOCTYPE html>\n<html><head><title>api.hubapi.com | {}: Bad gateway</title></head><body><h1>Bad "
    "gateway</h1>"
    "<p>The web server reported a bad gateway error.</p><p>Cloudflare Ray ID: 8f2b1c</p></body></html>\n";

std::string_view category_for(int status) {
  switch (status) {
    case 400:
      return "VALIDATION_ERROR";
    case 401:
      return "INVALID_AUTHENTICATION";
    case 403:
      return "MISSING_SCOPES";
    case 404:
      return "OBJECT_NOT_FOUND";
    case 409:
      return "CONFLICT";
    case 423:
      return "LOCKED";
    case 429:
      return "RATE_LIMITS";
    case 477:
      return "MIGRATION_IN_PROGRESS";
    default:
      return "INTERNAL_ERROR";
  }
}

/// The made-up answer of a fault.
Response fault_answer(Portal& portal, const FaultRule& rule) {
  Response response;
  response.status = rule.status;
  std::string type = "application/json;charset=utf-8";
  switch (rule.body) {
    case FaultBody::json: {
      ApiError error;
      error.category = category_for(rule.status);
      error.message = rule.status == 423 ? "The object is locked" : "internal error";
      response.body = error_body(error, portal.correlation_id());
      break;
    }
    case FaultBody::html:
      type = "text/html; charset=UTF-8";
      response.body = html_page;
      response.body.replace(response.body.find("{}"), 2, std::to_string(rule.status));
      break;
    case FaultBody::cloudflare_1015:
      type = "text/plain; charset=UTF-8";
      response.body = "error code: 1015";
      break;
    case FaultBody::empty:
      type.clear();
      break;
    case FaultBody::empty_json:
      response.body = "{}";
      break;
    case FaultBody::invalid_json:
      response.body = "{\"results\":[{\"id\":";
      break;
    case FaultBody::custom:
      response.body = rule.custom_body;
      break;
  }
  if (!type.empty()) {
    response.headers.emplace_back("Content-Type", type);
  }
  if (!rule.retry_after.empty()) {
    response.headers.emplace_back("Retry-After", rule.retry_after);
  }
  return response;
}

Response apply_fault(Portal& portal, const Request& request, const FaultRule& rule) {
  const bool unapplied = rule.action == FaultAction::answer || rule.action == FaultAction::drop_before;
  // A request that never reaches the API still arrives, and is counted as a kind of its own.
  Response real;
  if (unapplied) {
    ++portal.counters.calls["fault." + std::string{fault_action_name(rule.action)}].calls;
  } else {
    real = answer_api(portal, request);
  }
  switch (rule.action) {
    case FaultAction::answer:
    case FaultAction::applied_answer:
      real = fault_answer(portal, rule);
      break;
    case FaultAction::drop_before:
    case FaultAction::drop_after:
      real.delivery = Delivery::drop;
      break;
    case FaultAction::cut_after:
      real.delivery = Delivery::cut_short;
      break;
    case FaultAction::truncate:
      real.body.resize(real.body.size() / 2);
      break;
    case FaultAction::delay:
      break;
  }
  real.delay += rule.delay;
  return real;
}

}  // namespace

Model::Model(ModelOptions options) : portal_(std::make_unique<Portal>(std::move(options))) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

Response Model::handle(const Request& request, Instant now) {
  advance(now);
  if (request.target.starts_with(admin_prefix)) {
    return answer_admin(*portal_, request);
  }
  const std::string_view path = std::string_view{request.target}.substr(0, request.target.find('?'));
  const auto rule = portal_->faults.take(request.method, path, portal_->random);
  Response response = rule ? apply_fault(*portal_, request, *rule) : answer_api(*portal_, request);
  response.delay += portal_->options.latency;
  return response;
}

void Model::advance(Instant now) {
  run_effects(*portal_, now);
}

void Model::seed(const SeedCounts& counts, Instant now) {
  advance(now);
  seed_portal(*portal_, counts);
}

std::vector<ChangeEvent> Model::take_events() {
  return std::exchange(portal_->events, {});
}

}  // namespace hubspot_sim
