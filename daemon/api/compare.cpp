// Both sides beside each other, and plans that were saved to be carried out later.
#include <algorithm>
#include <set>
#include <utility>

#include "common/api_codec.hpp"
#include "common/api_operate.hpp"
#include "daemon/api/convert.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/engine/context.hpp"

namespace hubsync::api {
namespace {

/// Records of a plan that one request may bring: they are read in one call.
constexpr std::size_t max_actions = 100;

std::string_view kind_name(DifferenceKind kind) {
  switch (kind) {
    case DifferenceKind::missing_local:
      return "missing-local";
    case DifferenceKind::missing_hubspot:
      return "missing-hubspot";
    case DifferenceKind::differs:
      return "differs";
    case DifferenceKind::conflict_open:
      return "conflict-open";
    case DifferenceKind::unreadable:
      break;
  }
  return "unreadable";
}

std::optional<std::string> non_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

Difference to_api(const hubsync::Difference& found) {
  Difference result{
      .type = found.type, .id = non_empty(found.id.text), .kind = std::string{kind_name(found.kind)}
  };
  if (found.hubspot_id) {
    result.hubspot_id = hubsync::to_string(*found.hubspot_id);
  }
  result.field = non_empty(found.field);
  result.local = found.local;
  result.hubspot = found.remote;
  if (found.status) {
    result.sync_status = std::string{hubsync::to_string(*found.status)};
  }
  return result;
}

using PlanLines = std::set<std::string>;

/// A plan as a set: the order of its lines says nothing, and a record may be met twice. `unresolved` is a
/// reference that may resolve only while the plan is carried out, because what it points to is created by it:
/// it is left out then.
PlanLines lines_of(const std::vector<PlannedChange>& changes, const std::string& unresolved) {
  PlanLines lines;
  for (PlannedChange change : changes) {
    if (change.direction == "from_hubspot" && !unresolved.empty()) {
      std::erase_if(change.fields, [&](const PlannedField& field) { return field.field == unresolved; });
      if (change.action == "update" && change.fields.empty()) {
        continue;
      }
    }
    lines.insert(encode(change));
  }
  return lines;
}

Result<ApplyWish> wish_of(const ApplyRequest& request, const std::string& type, const Rules& rules) {
  ApplyWish wish{.type = type, .approves = {}, .check_only = request.check};
  std::set<HubspotId> linked;
  std::set<LocalId> pushes;
  for (const PlannedChange& action : request.actions) {
    const auto hubspot_id = action.hubspot_id ? parse_hubspot_id(*action.hubspot_id) : std::nullopt;
    if (action.type != type || (action.hubspot_id && !hubspot_id) || (!action.id && !action.hubspot_id)) {
      return fail(ErrorCode::invalid, "an action is not one of a plan for " + type, "", "actions");
    }
    if (hubspot_id) {
      linked.insert(*hubspot_id);
    }
    if (action.id && action.direction == "to_hubspot") {
      pushes.insert({*action.id});
    }
  }
  wish.linked.assign(linked.begin(), linked.end());
  wish.pushes.assign(pushes.begin(), pushes.end());
  const TypeRules* const known = rules.find(type);
  const FieldRule* const reference = known == nullptr || request.check ? nullptr : known->reference();
  const std::string unresolved = reference == nullptr ? "" : reference->name;
  wish.approves = [saved = lines_of(request.actions, unresolved),
                   unresolved](const std::vector<hubsync::PlannedChange>& planned) {
    return lines_of(api::to_api(planned), unresolved) == saved;
  };
  return wish;
}

}  // namespace

Answer verify_sides(Services& services, Call call) {
  const auto type = read_type(services.engine.rules(), call.request.query_value("type").value_or(""), "type");
  if (!type) {
    co_return std::unexpected(type.error());
  }
  std::string after{call.request.query_value("after").value_or("")};
  const auto found = co_await services.engine.verify(*type, std::move(after));
  if (!found) {
    co_return std::unexpected(found.error());
  }
  VerifyPart part{.compared = found->compared, .next = found->next};
  for (const hubsync::Difference& difference : found->differences) {
    part.items.push_back(to_api(difference));
  }
  co_return json(encode(part));
}

Answer apply_plan(Services& services, Call call) {
  const auto request = decode_request<ApplyRequest>(call.request.body);
  if (!request) {
    co_return std::unexpected(request.error());
  }
  const auto type = read_type(services.engine.rules(), request->type, "type");
  if (!type) {
    co_return std::unexpected(type.error());
  }
  if (request->actions.size() > max_actions) {
    co_return fail(ErrorCode::too_large, "more than 100 actions at once", "send them in parts", "actions");
  }
  const auto pinned =
      co_await services.store.run([](Repository& repository) { return repository.fact(pinned_portal); });
  if (!pinned || *pinned != request->portal) {
    co_return fail(
        ErrorCode::stale,
        "the plan is for portal " + request->portal + ", this store for " + pinned.value_or("none yet")
    );
  }
  auto wish = wish_of(*request, *type, services.engine.rules());
  if (!wish) {
    co_return std::unexpected(wish.error());
  }
  const auto outcome = co_await services.engine.apply(std::move(*wish));
  if (!outcome) {
    co_return std::unexpected(outcome.error());
  }
  if (outcome->moved) {
    co_return fail(
        ErrorCode::stale,
        "the world has moved since the plan was made: nothing of this part was done",
        "make a new plan: hubsync sync --dry-run -o FILE"
    );
  }
  const bool deletes =
      std::ranges::find(request->actions, "delete", &PlannedChange::action) != request->actions.end();
  std::vector<hubsync::Guard> guards;
  if (deletes && !request->check) {
    guards = co_await services.store.run([type = *type, now = services.clock.now()](Repository& repository) {
      return repository.guards_over({type}, {}, now);
    });
  }
  if (!guards.empty()) {
    const hubsync::Guard& guard = guards.front();
    co_return fail(
        ErrorCode::guarded,
        describe(guard) + "; the rest of this part was done",
        "`hubsync guard release " + std::to_string(guard.id) + "` lets the deletions through"
    );
  }
  ApplyResult result{.actions = static_cast<std::int64_t>(request->actions.size())};
  result.counts = {
      .to_hubspot = api::to_api(outcome->counts.to_hubspot),
      .from_hubspot = api::to_api(outcome->counts.from_hubspot)
  };
  co_return json(encode(result));
}

}  // namespace hubsync::api
