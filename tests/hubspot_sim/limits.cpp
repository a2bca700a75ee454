#include "tests/hubspot_sim/limits.hpp"

#include <algorithm>

#include "tests/hubspot_sim/text.hpp"

namespace hubspot_sim {
namespace {

constexpr std::int64_t secondly_header_limit = 10;

std::int64_t day_of(hubsync::Instant now, const ModelOptions& options) {
  const auto local = now + std::chrono::minutes{options.utc_offset_minutes};
  return std::chrono::floor<std::chrono::days>(local).time_since_epoch().count();
}

void raise(std::int64_t& maximum, std::int64_t value) {
  maximum = std::max(maximum, value);
}

}  // namespace

std::int64_t RollingWindow::count(hubsync::Instant now) {
  while (!stamps_.empty() && stamps_.front() <= now - length_) {
    stamps_.pop_front();
  }
  return static_cast<std::int64_t>(stamps_.size());
}

void Limits::roll_day(hubsync::Instant now, const ModelOptions& options) {
  if (const auto today = day_of(now, options); today != day_) {
    day_ = today;
    used_today_ = 0;
  }
}

LimitHit Limits::arrive(
    LimitClass limit, hubsync::Instant now, const ModelOptions& options, Counters& counters
) {
  roll_day(now, options);
  secondly_.add(now);
  (void)secondly_.count(now);
  // Refused calls lower the daily rest too (recorded in 2022), but take no place in the short windows.
  const bool daily_spent = used_today_ >= options.daily_limit;
  ++used_today_;
  LimitHit hit = daily_spent ? LimitHit::daily : LimitHit::none;
  if (limit == LimitClass::standard) {
    burst_arrivals_.add(now);
    raise(counters.max_burst_arrivals, burst_arrivals_.count(now));
    hit = hit == LimitHit::none && burst_.count(now) >= options.burst_limit ? LimitHit::ten_secondly : hit;
  }
  if (limit == LimitClass::search) {
    search_arrivals_.add(now);
    raise(counters.max_search_arrivals, search_arrivals_.count(now));
    hit = hit == LimitHit::none && search_.count(now) >= options.search_limit ? LimitHit::secondly : hit;
  }
  if (options.limits && hit != LimitHit::none) {
    return hit;
  }
  if (limit == LimitClass::standard) {
    burst_.add(now);
    raise(counters.max_burst_accepted, burst_.count(now));
  }
  if (limit == LimitClass::search) {
    search_.add(now);
    raise(counters.max_search_accepted, search_.count(now));
  }
  return LimitHit::none;
}

void Limits::rival(std::int64_t calls, bool share_burst, hubsync::Instant now, const ModelOptions& options) {
  roll_day(now, options);
  used_today_ += calls;
  for (std::int64_t i = 0; share_burst && i < calls; ++i) {
    burst_.add(now);
    search_.add(now);
  }
}

Headers Limits::headers(LimitClass limit, hubsync::Instant now, const ModelOptions& options) {
  Headers headers;
  if (limit == LimitClass::exempt || !options.limits) {
    return headers;
  }
  const auto rest = [](std::int64_t all, std::int64_t used) {
    return std::to_string(std::max<std::int64_t>(all - used, 0));
  };
  if (options.daily_headers) {
    headers.emplace_back("X-HubSpot-RateLimit-Daily", std::to_string(options.daily_limit));
    headers.emplace_back("X-HubSpot-RateLimit-Daily-Remaining", rest(options.daily_limit, used_today_));
  }
  if (limit == LimitClass::search) {
    return headers;
  }
  headers.emplace_back("X-HubSpot-RateLimit-Interval-Milliseconds", "10000");
  headers.emplace_back("X-HubSpot-RateLimit-Max", std::to_string(options.burst_limit));
  headers.emplace_back("X-HubSpot-RateLimit-Remaining", rest(options.burst_limit, burst_.count(now)));
  if (options.secondly_headers) {
    headers.emplace_back("X-HubSpot-RateLimit-Secondly", std::to_string(secondly_header_limit));
    headers.emplace_back(
        "X-HubSpot-RateLimit-Secondly-Remaining", rest(secondly_header_limit, secondly_.count(now))
    );
  }
  return headers;
}

std::int64_t Limits::used_today(hubsync::Instant now, const ModelOptions& options) {
  roll_day(now, options);
  return used_today_;
}

hubsync::Instant next_midnight(hubsync::Instant now, const ModelOptions& options) {
  const std::chrono::sys_days day{std::chrono::days{day_of(now, options) + 1}};
  return hubsync::Instant{day} - std::chrono::minutes{options.utc_offset_minutes};
}

std::string limit_body(LimitHit hit, std::string_view correlation_id) {
  std::string out = R"({"status":"error","message":)";
  const auto correlation = [&] {
    out += ",\"correlationId\":";
    append_json_string(out, correlation_id);
  };
  if (hit == LimitHit::secondly) {
    out += R"("You have reached your secondly limit.")";
    correlation();
    return out + R"(,"category":"RATE_LIMITS"})";
  }
  const bool daily = hit == LimitHit::daily;
  out += daily ? R"("You have reached your daily limit.")"
               : R"("You have reached your ten_secondly_rolling limit.")";
  out += R"(,"errorType":"RATE_LIMIT")";
  correlation();
  out += daily ? R"(,"policyName":"DAILY")" : R"(,"policyName":"TEN_SECONDLY_ROLLING")";
  return out + R"(,"groupName":"publicapi:private-apps-api-calls-burst:4711"})";
}

}  // namespace hubspot_sim
