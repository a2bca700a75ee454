#include "tests/hubspot_sim/admin.hpp"

#include <array>

#include "tests/hubspot_sim/admin_handlers.hpp"

namespace hubspot_sim {
namespace {

struct AdminRoute {
  std::string_view method;
  std::string_view pattern;  ///< {t} is an object type, {i} an id.
  Response (*handler)(AdminCall&);
};

// Literal segments come before {i} where both could match.
constexpr std::array<AdminRoute, 23> routes{{
    {"POST", "objects/{t}", admin_create},
    {"POST", "objects/{t}/merge", admin_merge},
    {"POST", "objects/{t}/bulk-edit", admin_bulk_edit},
    {"POST", "objects/{t}/bulk-delete", admin_bulk_delete},
    {"GET", "objects/{t}/{i}", admin_show},
    {"PATCH", "objects/{t}/{i}", admin_edit},
    {"DELETE", "objects/{t}/{i}", admin_delete},
    {"POST", "objects/{t}/{i}/restore", admin_restore},
    {"POST", "objects/{t}/{i}/purge", admin_purge},
    {"GET", "dump/{t}", admin_dump},
    {"POST", "associations", admin_associate},
    {"GET", "counters", admin_counters},
    {"DELETE", "counters", admin_reset_counters},
    {"GET", "options", admin_options},
    {"PATCH", "options", admin_set_options},
    {"GET", "faults", admin_list_faults},
    {"POST", "faults", admin_add_fault},
    {"DELETE", "faults", admin_clear_faults},
    {"DELETE", "faults/{i}", admin_remove_fault},
    {"POST", "tokens", admin_token},
    {"POST", "rival", admin_rival},
    {"POST", "seed", admin_seed},
    {"GET", "events", admin_events},
}};

bool capture(AdminCall& call, std::string_view pattern) {
  const auto parts = split(pattern, '/');
  if (parts.size() != call.segments.size()) {
    return false;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == "{t}") {
      const auto type = call.portal.schema.find_type(call.segments[i]);
      if (!type) {
        return false;
      }
      call.type = *type;
    } else if (parts[i] == "{i}") {
      const auto id = to_integer(call.segments[i]);
      if (!id) {
        return false;
      }
      call.id = *id;
    } else if (parts[i] != call.segments[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

Response admin_error(int status, std::string_view message) {
  return json_response(status, nlohmann::json{{"error", message}}.dump());
}

Response answer_admin(Portal& portal, const Request& request) {
  auto target = parse_target(request.target);
  target.segments.erase(target.segments.begin());
  AdminCall call{portal, std::move(target.segments), nlohmann::json::object()};
  if (!request.body.empty()) {
    call.body = nlohmann::json::parse(request.body, nullptr, false);
    if (!call.body.is_object()) {
      return admin_error(400, "the body must be a JSON object");
    }
  }
  for (const auto& route : routes) {
    if (route.method == request.method && capture(call, route.pattern)) {
      try {
        return route.handler(call);
      } catch (const nlohmann::json::exception& error) {
        return admin_error(400, error.what());
      }
    }
  }
  return admin_error(404, "no such admin endpoint; see hubspot-sim --help");
}

}  // namespace hubspot_sim
