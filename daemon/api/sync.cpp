// Status, triggers and runs.
#include <algorithm>
#include <iterator>
#include <utility>

#include "common/api_codec.hpp"
#include "daemon/api/convert.hpp"
#include "daemon/api/freshness.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/engine/context.hpp"

namespace hubsync::api {
namespace {

std::vector<std::string> type_names(const Rules& rules) {
  std::vector<std::string> names;
  std::ranges::transform(rules.types, std::back_inserter(names), &TypeRules::name);
  return names;
}

/// A run as stored, brought up to date by the engine while it goes on.
void bring_up_to_date(hubsync::Run& stored, const SyncControl& engine) {
  const hubsync::Run* const live = engine.running(stored.id);
  if (live == nullptr) {
    return;
  }
  stored.progress = live->progress;
  stored.api_calls = live->api_calls;
  if (stored.dry_run) {
    stored.counts = live->counts;  // Nothing of a dry run is in the store.
  }
}

/// What is to be synced, each type once; none stands for all.
Result<std::vector<std::string>> read_types(const std::vector<std::string>& names, const Rules& rules) {
  std::vector<std::string> types;
  for (const std::string& name : names) {
    auto type = read_type(rules, name, "types");
    if (!type) {
      return std::unexpected(type.error());
    }
    if (std::ranges::find(types, *type) == types.end()) {
      types.push_back(std::move(*type));
    }
  }
  return types;
}

}  // namespace

Task<Status> current_status(Services& services) {
  Status status;
  bool work_waits = false;
  const std::vector<std::string> types = type_names(services.engine.rules());
  const Instant now = services.clock.now();
  const StoreStatus stored =
      co_await services.store.run([&status, &work_waits, types, now](Repository& repository) {
        status.portal_id = repository.fact(pinned_portal);
        StoreStatus found = repository.status();
        work_waits = found.inbox.backlog > 0 || std::ranges::any_of(types, [&](const std::string& type) {
                       return repository.due_summary(type, now).ready > 0;
                     });
        return found;
      });
  status.problems = services.engine.problems();
  const Engine::State state = services.engine.state();
  // An edit or an event that was just taken is work under way for whoever waits for it to be done.
  status.state = to_string(state == Engine::State::idle && work_waits ? Engine::State::syncing : state);
  status.version = services.version;
  const auto uptime = std::chrono::floor<std::chrono::seconds>(services.clock.now() - services.started_at);
  status.uptime_seconds = std::max<std::int64_t>(uptime.count(), 0);
  // Of a type that is not configured any more the store keeps the records, but nothing is done about them.
  for (const TypeRules& type : services.engine.rules().types) {
    const auto counts = stored.records.find(type.name);
    status.records[type.name] = counts == stored.records.end() ? RecordCounts{} : to_api(counts->second);
  }
  status.queue = to_api(stored.queue);
  status.rate_limit = to_api(services.throttle.snapshot());
  status.webhooks = services.webhooks();
  status.webhooks.backlog = stored.inbox.backlog;
  status.webhooks.last_event_at = stored.inbox.last_event_at;
  status.conflicts.pending = stored.open_conflicts;
  status.guards.pending = stored.open_guards;
  const auto convert = [](const hubsync::Run& run) { return to_api(run); };
  status.last_full_sync = stored.last_full.transform(convert);
  status.last_poll = stored.last_poll.transform(convert);
  status.freshness = to_string(freshness(services, stored));
  if (auto problem = services.webhook_problem ? services.webhook_problem() : std::nullopt) {
    status.problems.push_back(std::move(*problem));
  }
  co_return status;
}

Answer show_status(Services& services, Call) {
  co_return json(encode(co_await current_status(services)));
}

Answer trigger_sync(Services& services, Call call) {
  auto wish = decode_trigger_request(call.request.body);
  if (!wish) {
    co_return std::unexpected(wish.error());
  }
  auto types = read_types(wish->types, services.engine.rules());
  if (!types) {
    co_return std::unexpected(types.error());
  }
  const auto triggered = co_await services.engine.trigger(std::move(*types), wish->full, wish->dry_run);
  if (!triggered) {
    co_return std::unexpected(triggered.error());
  }
  http::Response response = json(
      encode(Triggered{.run_id = triggered->run_id, .joined = triggered->joined}),
      triggered->joined ? 200 : 202
  );
  response.headers.emplace_back("Location", std::string{path::runs} + "/" + triggered->run_id);
  co_return response;
}

Answer list_runs(Services& services, Call call) {
  const auto wish = read_page(call.request);
  if (!wish) {
    co_return std::unexpected(wish.error());
  }
  auto found = co_await services.store.run([wish = *wish](Repository& repository) {
    return repository.list_runs(wish.page, wish.limit);
  });
  for (hubsync::Run& run : found.items) {
    bring_up_to_date(run, services.engine);
  }
  co_return json(encode(to_page(found, wish->page, wish->limit, [](const hubsync::Run& run) {
    return to_api(run);
  })));
}

Answer show_run(Services& services, Call call) {
  const std::string id = call.parameters.at(0);
  auto found = co_await services.store.run([id](Repository& repository) { return repository.find_run(id); });
  if (const hubsync::Run* const live = services.engine.running(id); !found && live != nullptr) {
    found = *live;  // Not saved yet.
  }
  if (!found) {
    co_return std::unexpected(found.error());
  }
  bring_up_to_date(*found, services.engine);
  Run run = to_api(*found);
  if (const auto* const plan = services.engine.plan_of(id);
      plan != nullptr && found->state != RunState::running) {
    run.plan = to_api(*plan);
  }
  co_return json(encode(run));
}

Answer sync_entity(Services& services, Call call) {
  const auto type = read_type(services.engine.rules(), call.parameters.at(0), "type");
  if (!type) {
    co_return std::unexpected(type.error());
  }
  const LocalId id{call.parameters.at(1)};
  const auto known = co_await services.store.run([type = *type, id](Repository& repository) {
    return repository.find_record(type, id);
  });
  if (!known) {
    co_return std::unexpected(known.error());
  }
  const auto run = co_await services.engine.sync_entity(*type, id);
  if (!run) {
    co_return std::unexpected(run.error());
  }
  co_return json(encode(to_api(*run)));
}

}  // namespace hubsync::api
