// Account details and the daily usage (HUBSPOT.md §10).
#include <cstdio>
#include <cstdlib>

#include "tests/hubspot_sim/handlers.hpp"

namespace hubspot_sim {

Response account_details(Call& call) {
  const auto& options = call.portal.options;
  const auto minutes = options.utc_offset_minutes;
  char offset[16];
  std::snprintf(
      offset,
      sizeof offset,
      "%c%02d:%02d",
      minutes < 0 ? '-' : '+',
      static_cast<int>(std::abs(minutes) / 60 % 100),
      static_cast<int>(std::abs(minutes) % 60)
  );
  nlohmann::json body;
  body["portalId"] = options.portal_id;
  body["accountType"] = "DEVELOPER_TEST";
  body["timeZone"] = options.time_zone;
  body["companyCurrency"] = "USD";
  body["additionalCurrencies"] = nlohmann::json::array();
  body["utcOffset"] = offset;
  body["utcOffsetMilliseconds"] = minutes * 60'000;
  body["uiDomain"] = "app.hubspot.com";
  body["dataHostingLocation"] = "na1";
  return json_response(200, body.dump());
}

Response daily_usage(Call& call) {
  auto& portal = call.portal;
  nlohmann::json usage;
  usage["name"] = "private-apps-api-calls-daily";
  usage["usageLimit"] = portal.options.daily_limit;
  usage["currentUsage"] = portal.limits.used_today(portal.now, portal.options);
  usage["collectedAt"] = time_text(portal.now);
  usage["fetchStatus"] = "SUCCESS";
  usage["resetsAt"] = time_text(next_midnight(portal.now, portal.options));
  nlohmann::json body;
  body["results"] = nlohmann::json::array({usage});
  return json_response(200, body.dump());
}

}  // namespace hubspot_sim
