#include "daemon/api/routes.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "common/api_codec.hpp"
#include "daemon/api/command.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/http/error.hpp"
#include "daemon/ports/store_error.hpp"

namespace hubsync::api {
namespace {

using Action = Answer (*)(Services&, Call);

/// Whether a request may bring a body.
enum class Body { none, json };

/// Who keeps the answer to a command.
enum class Keeps {
  after,       ///< Nobody with the effect, which a repetition after a crash in between has no more of.
  with_effect  ///< The handler, in one transaction.
};

struct Route {
  std::string_view method;
  std::string_view pattern;  ///< ":records" stands for a configured type, any other ":name" for a segment.
  Action action;
  Body body = Body::none;
  Keeps keeps = Keeps::after;
};

/// The first pattern that fits a path is the path's; a literal segment stands before a parameter.
constexpr std::array routes{
    Route{"GET", "/api/:records", list_records},
    Route{"POST", "/api/:records", create_record, Body::json, Keeps::with_effect},
    Route{"GET", "/api/:records/:id", show_record},
    Route{"PUT", "/api/:records/:id", update_record, Body::json, Keeps::with_effect},
    Route{"DELETE", "/api/:records/:id", delete_record, Body::none, Keeps::with_effect},
    Route{"POST", "/api/:records/:id/restore", restore_record, Body::none, Keeps::with_effect},
    Route{"GET", "/api/sync/status", show_status},
    Route{"POST", "/api/sync/trigger", trigger_sync, Body::json},
    Route{"GET", "/api/sync/runs", list_runs},
    Route{"GET", "/api/sync/runs/:id", show_run},
    Route{"POST", "/api/sync/entity/:type/:id", sync_entity},
    Route{"GET", "/api/sync/logs", list_logs},
    Route{"GET", "/api/sync/logs/:id", show_log},
    Route{"POST", "/api/sync/retry", retry_all},
    Route{"POST", "/api/sync/retry/:logId", retry_log},
    Route{"GET", "/api/explain/:type/:id", explain_record},
    Route{"GET", "/api/conflicts", list_open_conflicts},
    Route{"GET", "/api/conflicts/history", list_resolved_conflicts},
    Route{"POST", "/api/conflicts/resolve", resolve_many, Body::json, Keeps::with_effect},
    Route{"GET", "/api/conflicts/:id", show_conflict},
    Route{"POST", "/api/conflicts/:id/undo", undo_conflict, Body::none, Keeps::with_effect},
    Route{"POST", "/api/conflicts/:id/resolve", resolve_conflict, Body::json, Keeps::with_effect},
    Route{"GET", "/api/guards", list_guards},
    Route{"POST", "/api/guards/:id/release", release_guard, Body::json},
    Route{"GET", "/api/queue", list_queue},
    Route{"POST", "/api/queue/pause", pause_queue},
    Route{"POST", "/api/queue/resume", resume_queue},
    Route{"DELETE", "/api/queue/:recordId", cancel_queued},
    Route{"GET", "/api/webhooks", list_webhooks},
    Route{"GET", "/api/webhooks/subscriptions", show_webhook_setup},
    Route{"POST", "/api/webhooks/test", test_webhooks},
    Route{"GET", "/api/webhooks/:id", show_webhook},
    Route{"POST", "/api/webhooks/:id/replay", replay_webhook},
    Route{"POST", "/api/db/backup", backup_database, Body::json},
    Route{"GET", "/api/db/check", check_database},
    Route{"GET", "/api/verify", verify_sides},
    Route{"POST", "/api/sync/apply", apply_plan, Body::json},
    Route{"GET", "/api/doctor", show_diagnosis},
    Route{"GET", "/api/setup", show_setup},
    Route{"POST", "/api/setup", make_setup},
    Route{"GET", "/api/events", require_websocket},
    Route{"GET", "/api/config", show_config},
    Route{"GET", "/healthz", show_health},
    Route{"GET", "/metrics", show_metrics},
};

http::Response render(const Error& error, std::optional<int> status = {}) {
  return json(encode_error(error), status.value_or(http::status_of(error.code)));
}

/// The text up to the next "/", which is taken off with it.
std::string_view next_segment(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view segment = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return segment;
}

/// The segments that stand for parameters; nothing when the path is of another shape.
std::optional<std::vector<std::string>> match(
    std::string_view pattern, std::string_view path, const Rules& rules
) {
  if (std::ranges::count(pattern, '/') != std::ranges::count(path, '/')) {
    return std::nullopt;
  }
  std::vector<std::string> parameters;
  while (!pattern.empty()) {
    const std::string_view wanted = next_segment(pattern);
    const std::string_view found = next_segment(path);
    const bool parameter = wanted.starts_with(':');
    const bool fits = wanted == ":records"
                          ? std::ranges::find(rules.types, found, &TypeRules::name) != rules.types.end()
                      : parameter ? !found.empty()
                                  : wanted == found;
    if (!fits) {
      return std::nullopt;
    }
    if (parameter) {
      parameters.emplace_back(found);
    }
  }
  return parameters;
}

http::Response method_not_allowed(std::string_view pattern) {
  std::string allowed;
  for (const Route& route : routes) {
    if (route.pattern == pattern) {
      allowed += (allowed.empty() ? "" : ", ") + std::string{route.method};
      allowed += route.method == "GET" ? ", HEAD" : "";
    }
  }
  http::Response response =
      render({ErrorCode::not_allowed, "this path does not take that method", "it takes " + allowed});
  response.headers.emplace_back("Allow", allowed);
  return response;
}

/// JSON, or a body whose sender did not say what it is.
bool is_json(const http::Request& request) {
  const auto header = request.headers.find("Content-Type");
  if (request.body.empty() || !header) {
    return true;
  }
  std::string_view type = header->substr(0, header->find(';'));
  type = type.substr(0, type.find_last_not_of(" \t") + 1);
  constexpr std::string_view suffix = "+json";
  return http::equals_ignoring_case(type, "application/json") ||
         (type.size() > suffix.size() &&
          http::equals_ignoring_case(type.substr(type.size() - suffix.size()), suffix));
}

/// Nothing, or the empty object that some clients send with every POST.
bool is_empty(std::string_view body) {
  std::string rest{body};
  std::erase_if(rest, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  return rest.empty() || rest == "{}";
}

/// What is wrong with the body before its handler has looked at it.
std::optional<http::Response> refuse_body(const Route& route, const http::Request& request) {
  if (!is_json(request)) {
    return render({ErrorCode::invalid, "the body is not JSON", "send Content-Type: application/json"}, 415);
  }
  if (route.body == Body::none && !is_empty(request.body)) {
    return render({ErrorCode::invalid, "this path takes no body", "send the request without one"});
  }
  return std::nullopt;
}

Task<std::optional<Result<http::Response>>> find_answer(Services& services, Command command) {
  co_return co_await services.store.run([command = std::move(command),
                                         now = services.clock.now()](Repository& repository) {
    return known_answer(repository, command, now);
  });
}

/// An answer that cannot be kept is one that a repetition does not get; the effect was there.
Task<void> try_to_keep(Services& services, Command command, http::Response response) {
  try {
    co_await services.store.run([command = std::move(command),
                                 response = std::move(response),
                                 now = services.clock.now()](Repository& repository) {
      keep_answer(repository, command, {}, response, now);
    });
  } catch (const StoreUnavailable&) {
    co_return;
  }
}

/// Carries a command out, unless it was carried out before.
Answer carry_out_once(Services& services, const Route& route, Call call) {
  const Command command = *call.command;
  if (auto known = co_await find_answer(services, command)) {
    co_return std::move(*known);
  }
  Result<http::Response> result = co_await route.action(services, std::move(call));
  if (!result || result->status >= 300) {
    // Perhaps because the same command was carried out in the meantime.
    auto known = co_await find_answer(services, command);
    co_return known ? std::move(*known) : std::move(result);
  }
  if (route.keeps == Keeps::after) {
    co_await try_to_keep(services, command, *result);
  }
  co_return result;
}

Task<http::Response> answer(Services& services, const Route& route, Call call) {
  try {
    Result<http::Response> result = co_await (
        call.command ? carry_out_once(services, route, std::move(call))
                     : route.action(services, std::move(call))
    );
    co_return result ? std::move(*result) : render(result.error());
  } catch (const StoreUnavailable& failure) {
    co_return render(
        {ErrorCode::unavailable,
         std::string{"nothing was changed: "} + failure.what(),
         "free disk space or repair the disk, then try again"}
    );
  } catch (const StoreCorrupt& failure) {
    co_return render(
        {ErrorCode::unavailable,
         std::string{"nothing is read or written any more: "} + failure.what(),
         damage_hint}
    );
  }
}

Task<http::Response> immediately(http::Response response) {
  co_return response;
}

Task<http::Response> dispatch(Services& services, http::Request request) {
  const Rules& rules = services.engine.rules();
  std::optional<std::string_view> known;
  for (const Route& route : routes) {
    if (known ? route.pattern != *known : !match(route.pattern, request.path, rules)) {
      continue;
    }
    known = route.pattern;
    if (route.method != request.method) {
      continue;
    }
    if (auto refusal = refuse_body(route, request)) {
      return immediately(std::move(*refusal));
    }
    auto command = read_command(request);
    if (!command) {
      return immediately(render(command.error()));
    }
    auto parameters = match(route.pattern, request.path, rules);
    return answer(services, route, {std::move(request), std::move(*parameters), std::move(*command)});
  }
  return immediately(
      known ? method_not_allowed(*known)
            : render(
                  {ErrorCode::not_found,
                   "there is no such path",
                   "see hubsync-api(7) for those there are; a record type has one once it is configured"}
              )
  );
}

}  // namespace

http::Handler make_handler(Services& services) {
  return [&services](http::Request request) { return dispatch(services, std::move(request)); };
}

}  // namespace hubsync::api
