#include "tests/hubspot_sim/router.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "tests/hubspot_sim/handlers.hpp"
#include "tests/hubspot_sim/validate.hpp"

namespace hubspot_sim {
namespace {

// Reports put the limit between 8 and 16 KB (HUBSPOT.md §4.2); the stricter end is the safer one to test
// against.
constexpr std::size_t max_target = 8 * 1024;

/// What a token must be allowed to do; the object types come from the path. `open` needs no token.
enum class Access { open, none, read, write, schema_read, schema_write, edges_read, edges_write };

constexpr unsigned v3 = static_cast<unsigned>(Version::v3);
constexpr unsigned v4 = static_cast<unsigned>(Version::v4);
constexpr unsigned dated = static_cast<unsigned>(Version::march_2026) |
                           static_cast<unsigned>(Version::september_2026_beta) |
                           static_cast<unsigned>(Version::september_2026);
constexpr unsigned not_plain_september = dated & ~static_cast<unsigned>(Version::september_2026);

struct RouteEntry {
  std::string_view method;
  std::string_view pattern;  ///< Without version; {t} is an object type, {n} any segment.
  unsigned versions;
  Access access;
  LimitClass limit;
  std::string_view name;
  Response (*handler)(Call&);
};

using enum Access;
using enum LimitClass;

// Literal segments come before {n} where both could match.
constexpr std::array<RouteEntry, 37> routes{{
    {"GET", "objects/{t}", v3 | dated, read, standard, "list", list_objects},
    {"POST", "objects/{t}", v3 | dated, write, standard, "create", create_object},
    {"POST", "objects/{t}/search", v3 | dated, read, search, "search", search_objects},
    {"POST", "objects/{t}/merge", v3 | dated, write, standard, "merge", merge_objects},
    {"POST", "objects/{t}/gdpr-delete", v3 | dated, write, standard, "gdpr_delete", gdpr_delete},
    {"POST", "objects/{t}/batch/read", v3 | dated, read, standard, "batch_read", batch_read},
    {"POST", "objects/{t}/batch/create", v3 | dated, write, standard, "batch_create", batch_create},
    {"POST", "objects/{t}/batch/update", v3 | dated, write, standard, "batch_update", batch_update},
    {"POST", "objects/{t}/batch/upsert", v3 | dated, write, standard, "batch_upsert", batch_upsert},
    {"POST", "objects/{t}/batch/archive", v3 | dated, write, standard, "batch_archive", batch_archive},
    {"GET", "objects/{t}/{n}", v3 | dated, read, standard, "get", get_object},
    {"PATCH", "objects/{t}/{n}", v3 | dated, write, standard, "update", patch_object},
    {"DELETE", "objects/{t}/{n}", v3 | dated, write, standard, "archive", delete_object},
    {"GET",
     "objects/{t}/{n}/associations/{t}",
     v4 | not_plain_september,
     edges_read,
     standard,
     "associations_list",
     list_associations},
    {"PUT",
     "objects/{t}/{n}/associations/default/{t}/{n}",
     v4 | dated,
     edges_write,
     standard,
     "associations_put_default",
     put_default_association},
    {"PUT",
     "objects/{t}/{n}/associations/{t}/{n}",
     v4 | dated,
     edges_write,
     standard,
     "associations_put",
     put_association},
    {"DELETE",
     "objects/{t}/{n}/associations/{t}/{n}",
     v4 | dated,
     edges_write,
     standard,
     "associations_delete",
     delete_association},
    {"GET",
     "associations/{t}/{t}/labels",
     v4 | dated,
     edges_read,
     exempt,
     "associations_labels",
     association_labels},
    {"POST",
     "associations/{t}/{t}/batch/read",
     v4 | dated,
     edges_read,
     exempt,
     "associations_batch_read",
     batch_read_associations},
    {"POST",
     "associations/{t}/{t}/batch/create",
     v4 | dated,
     edges_write,
     exempt,
     "associations_batch_create",
     batch_create_associations},
    {"POST",
     "associations/{t}/{t}/batch/associate/default",
     v4 | dated,
     edges_write,
     exempt,
     "associations_batch_default",
     batch_default_associations},
    {"POST",
     "associations/{t}/{t}/batch/archive",
     v4 | dated,
     edges_write,
     exempt,
     "associations_batch_archive",
     batch_archive_associations},
    {"POST",
     "associations/{t}/{t}/batch/labels/archive",
     v4 | dated,
     edges_write,
     exempt,
     "associations_labels_archive",
     batch_archive_labels},
    {"GET", "properties/{t}", v3 | dated, schema_read, standard, "properties_list", list_properties},
    {"POST", "properties/{t}", v3 | dated, schema_write, standard, "properties_create", create_property},
    {"GET", "properties/{t}/groups", v3 | dated, schema_read, standard, "groups_list", list_groups},
    {"POST", "properties/{t}/groups", v3 | dated, schema_write, standard, "groups_create", create_group},
    {"GET", "properties/{t}/groups/{n}", v3 | dated, schema_read, standard, "groups_get", get_group},
    {"POST",
     "properties/{t}/batch/read",
     v3 | dated,
     schema_read,
     standard,
     "properties_batch_read",
     batch_read_properties},
    {"POST",
     "properties/{t}/batch/create",
     v3 | dated,
     schema_write,
     standard,
     "properties_batch_create",
     batch_create_properties},
    {"POST",
     "properties/{t}/batch/archive",
     v3 | dated,
     schema_write,
     standard,
     "properties_batch_archive",
     batch_archive_properties},
    {"GET", "properties/{t}/{n}", v3 | dated, schema_read, standard, "properties_get", get_property},
    {"PATCH", "properties/{t}/{n}", v3 | dated, schema_write, standard, "properties_update", patch_property},
    {"DELETE", "properties/{t}/{n}", v3 | dated, schema_write, standard, "properties_archive", delete_property
    },
    {"GET", "account-info/details", v3 | dated, none, standard, "account.details", account_details},
    {"GET",
     "account-info/api-usage/daily/private-apps",
     v3 | dated,
     none,
     standard,
     "account.usage",
     daily_usage},
    {"POST", "oauth/token", v3 | dated, open, standard, "oauth.token", grant_token},
}};

std::optional<Version> version_from(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Version>, 5> names{{
      {"v3", Version::v3},
      {"v4", Version::v4},
      {"2026-03", Version::march_2026},
      {"2026-09-beta", Version::september_2026_beta},
      {"2026-09", Version::september_2026},
  }};
  const auto* const found = std::ranges::find(names, text, &std::pair<std::string_view, Version>::first);
  return found == names.end() ? std::nullopt : std::optional{found->second};
}

struct Path {
  Version version = Version::v3;
  std::vector<std::string> segments;  ///< Area first, version taken out.
};

/// "/crm/v3/objects/…", "/crm/objects/2026-09/…", "/account-info/v3/…", "/oauth/v3/…".
std::optional<Path> parse_path(std::vector<std::string> segments) {
  if (!segments.empty() && segments.front() == "crm") {
    segments.erase(segments.begin());
  } else if (segments.empty() || (segments.front() != "account-info" && segments.front() != "oauth")) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < 2 && i < segments.size(); ++i) {
    if (const auto version = version_from(segments[i])) {
      // In the old form the version comes first, in the dated form after the area; labels of v4 use the
      // second form.
      const bool dated_form = static_cast<unsigned>(*version) >= static_cast<unsigned>(Version::march_2026);
      if (dated_form && i == 0) {
        return std::nullopt;
      }
      segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(i));
      return Path{*version, std::move(segments)};
    }
  }
  return std::nullopt;
}

bool matches(std::string_view pattern, const std::vector<std::string>& segments) {
  for (const auto& segment : segments) {
    if (pattern.empty()) {
      return false;
    }
    const auto end = std::min(pattern.find('/'), pattern.size());
    const auto expected = pattern.substr(0, end);
    if (expected.front() != '{' && expected != segment) {
      return false;
    }
    pattern.remove_prefix(std::min(end + 1, pattern.size()));
  }
  return pattern.empty();
}

struct Found {
  const RouteEntry* route = nullptr;
  bool path_known = false;  ///< Some method answers there.
};

Found find_route(std::string_view method, const Path& path) {
  Found found;
  for (const auto& route : routes) {
    if ((route.versions & static_cast<unsigned>(path.version)) == 0 ||
        !matches(route.pattern, path.segments)) {
      continue;
    }
    found.path_known = true;
    if (route.method == method) {
      found.route = &route;
      return found;
    }
  }
  return found;
}

/// Fills types and names from the path; returns the text of an unknown type.
std::optional<std::string> capture(Call& call, std::string_view pattern, const Path& path) {
  std::size_t start = 0;
  for (const auto& segment : path.segments) {
    const auto expected = pattern.substr(start, 3);
    if (expected == "{t}") {
      const auto type = call.portal.schema.find_type(segment);
      if (!type) {
        return segment;
      }
      call.types.push_back(*type);
    } else if (expected == "{n}") {
      call.names.push_back(segment);
    }
    start = std::min(pattern.find('/', start), pattern.size() - 1) + 1;
  }
  return std::nullopt;
}

ApiError unauthorized(std::string category, std::string message) {
  ApiError error;
  error.status = 401;
  error.category = std::move(category);
  error.message = std::move(message);
  return error;
}

/// Empty when the request has none.
std::string bearer_token(const Request& request) {
  constexpr std::string_view scheme = "Bearer ";
  return request.authorization.starts_with(scheme) ? request.authorization.substr(scheme.size())
                                                   : std::string{};
}

/// "12 second(s)", or in hours from the first one on.
std::string expired_for(hubsync::Duration ago) {
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(ago).count();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(ago).count();
  return hours > 0 ? std::to_string(hours) + " hour(s)" : std::to_string(seconds) + " second(s)";
}

std::optional<ApiError> check_token(const Portal& portal, const Request& request, const Token*& token) {
  const auto found = portal.tokens.find(bearer_token(request));
  if (found == portal.tokens.end() || found->second.revoked) {
    return unauthorized(
        "INVALID_AUTHENTICATION",
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        "more "
        "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    );
  }
  token = &found->second;
  if (token->expires != hubsync::Instant{} && token->expires <= portal.now) {
    auto error = unauthorized(
        "EXPIRED_AUTHENTICATION",
        "The OAuth token used to make this call expired " + expired_for(portal.now - token->expires) + " ago."
    );
    error.context = {{"expire time", {time_text(token->expires)}}};
    return error;
  }
  return std::nullopt;
}

/// Each inner list: any one of its scopes suffices.
std::vector<std::vector<std::string>> needed_scopes(const Call& call, Access access) {
  std::vector<std::vector<std::string>> needed;
  for (const auto type : call.types) {
    const ObjectType& of = call.portal.type(type);
    const std::string& name = of.scope.empty() ? of.name : of.scope;
    const std::string objects = "crm.objects." + name;
    const std::string schemas = "crm.schemas." + name;
    switch (access) {
      case read:
      case edges_read:
        needed.push_back({objects + ".read"});
        break;
      case write:
        needed.push_back({objects + ".write"});
        break;
      case edges_write:
        needed.push_back({objects + ".read"});
        needed.push_back({objects + ".write"});
        break;
      case schema_read:
        needed.push_back({schemas + ".read", objects + ".read"});
        break;
      case schema_write:
        needed.push_back({schemas + ".write"});
        break;
      case open:
      case none:
        break;
    }
  }
  return needed;
}

std::optional<ApiError> check_scopes(const Call& call, Access access, const Token& token) {
  for (const auto& any_of : needed_scopes(call, access)) {
    const bool granted = std::ranges::any_of(any_of, [&](const std::string& scope) {
      return std::ranges::find(token.scopes, scope) != token.scopes.end();
    });
    if (granted) {
      continue;
    }
    ApiError error;
    error.status = 403;
    error.category = "MISSING_SCOPES";
    error.message =
        "This app hasn't been granted all required scopes to make this call. Read more about required scopes "
        "here: "
        "https://developers.hubspot.com/scopes.";
    error.details.push_back(
        {"One or more of the following scopes are required.", "", {{"requiredGranularScopes", any_of}}}
    );
    error.scopes_link = "https://developers.hubspot.com/scopes";
    return error;
  }
  return std::nullopt;
}

bool parse_body(Call& call) {
  if (call.request.body.empty()) {
    return true;
  }
  call.body = nlohmann::json::parse(call.request.body, nullptr, false);
  return !call.body.is_discarded();
}

Response run(Call& call, const RouteEntry& route, const Path& path, const Token& token) {
  if (const auto unknown = capture(call, route.pattern, path)) {
    return error_response(call, validation_error("Unable to infer object type from: " + *unknown));
  }
  if (const auto error = check_scopes(call, route.access, token)) {
    return error_response(call, *error);
  }
  const bool has_body = call.request.method != "GET" && call.request.method != "DELETE";
  if (has_body && !parse_body(call)) {
    return error_response(
        call, validation_error("Invalid input JSON on line 1, column 1: Unexpected character or end of input")
    );
  }
  const bool odd_body = !call.body.is_null() && !call.body.is_object() && !call.body.is_array();
  if (odd_body) {
    return error_response(call, validation_error("Invalid input JSON: Cannot deserialize value"));
  }
  return route.handler(call);
}

std::string kind_of(const Portal& portal, const RouteEntry& route, const Path& path) {
  if (route.access == none || route.access == open) {
    return std::string{route.name};
  }
  const auto type = portal.schema.find_type(path.segments[1]);
  return (type ? portal.type(*type).name : std::string{"unknown"}) + "." + std::string{route.name};
}

Response limited(Portal& portal, LimitHit hit) {
  auto response = json_response(429, limit_body(hit, portal.correlation_id()));
  if (portal.options.retry_after) {
    const auto midnight =
        std::chrono::ceil<std::chrono::seconds>(next_midnight(portal.now, portal.options) - portal.now);
    const auto wait = hit == LimitHit::daily ? midnight.count() : hit == LimitHit::secondly ? 1 : 10;
    response.headers.emplace_back("Retry-After", std::to_string(wait));
  }
  return response;
}

Response answer_route(Call& call, const RouteEntry& route, const Path& path, LimitHit hit) {
  if (route.access == open) {
    return hit == LimitHit::none ? route.handler(call) : limited(call.portal, hit);
  }
  const Token* token = nullptr;
  if (const auto error = check_token(call.portal, call.request, token)) {
    return error_response(call, *error);
  }
  return hit == LimitHit::none ? run(call, route, path, *token) : limited(call.portal, hit);
}

/// Headers that name the daily limit are absent with OAuth.
bool is_daily(const std::pair<std::string, std::string>& header) {
  return header.first.starts_with("X-HubSpot-RateLimit-Daily");
}

bool has_oauth_token(const Portal& portal, const Request& request) {
  const auto token = portal.tokens.find(bearer_token(request));
  return token != portal.tokens.end() && token->second.oauth;
}

/// Cloudflare's answer to a long URL: HTML, and nothing of HubSpot's own.
Response url_too_long(Portal& portal) {
  auto& count = portal.counters.calls["unknown"];
  ++count.calls;
  ++count.status[414];
  Response response;
  response.status = 414;
  response.headers.emplace_back("Content-Type", "text/html; charset=UTF-8");
  response.body = "<html><head><title>414 Request-URI Too Large</title></head><body></body></html>\n";
  return response;
}

}  // namespace

Response answer_api(Portal& portal, const Request& request) {
  if (request.target.size() > max_target) {
    return url_too_long(portal);
  }
  auto target = parse_target(request.target);
  Call call{portal, request, Version::v3, {}, {}, std::move(target.query), nullptr};
  const auto path = parse_path(std::move(target.segments));
  const Found found = path ? find_route(request.method, *path) : Found{};
  const LimitClass limit = found.route == nullptr ? standard : found.route->limit;
  const LimitHit hit = portal.limits.arrive(limit, portal.now, portal.options, portal.counters);
  const auto kind = found.route == nullptr ? std::string{"unknown"} : kind_of(portal, *found.route, *path);
  Response response;
  if (found.route != nullptr) {
    call.version = path->version;
    response = answer_route(call, *found.route, *path, hit);
  } else {
    ApiError error = bare_not_found();
    error.status = found.path_known ? 405 : 404;
    error.message = found.path_known ? "HTTP 405 Method Not Allowed" : error.message;
    response = error_response(call, error);
  }
  auto& count = portal.counters.calls[kind];
  ++count.calls;
  count.throttled += response.status == 429 ? 1 : 0;
  ++count.status[response.status];
  const bool oauth = has_oauth_token(portal, request);
  for (auto& header : portal.limits.headers(limit, portal.now, portal.options)) {
    if (!oauth || !is_daily(header)) {
      response.headers.push_back(std::move(header));
    }
  }
  response.headers.emplace_back("X-HubSpot-Correlation-Id", portal.correlation_id());
  return response;
}

}  // namespace hubspot_sim
