// Conflicts: listed, shown, decided.
#include <algorithm>
#include <utility>

#include "common/api_codec.hpp"
#include "daemon/api/command.hpp"
#include "daemon/api/convert.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/peer.hpp"

namespace hubsync::api {
namespace {

Result<ConflictQuery> read_query(const http::Request& request, const Rules& rules, bool open) {
  const auto page = read_page(request);
  if (!page) {
    return std::unexpected(page.error());
  }
  auto type = read_entity_type(request, rules);
  if (!type) {
    return std::unexpected(type.error());
  }
  return ConflictQuery{
      .open = open,
      .page = page->page,
      .limit = page->limit,
      .type = std::move(*type),
      .field = std::string{request.query_value("field").value_or("")},
      .record = {std::string{request.query_value("entityId").value_or("")}}
  };
}

Answer list_conflicts(Services& services, Call call, bool open) {
  const auto query = read_query(call.request, services.engine.rules(), open);
  if (!query) {
    co_return std::unexpected(query.error());
  }
  const auto found = co_await services.store.run([query = *query](Repository& repository) {
    return repository.list_conflicts(query);
  });
  co_return json(encode(to_page(found, query->page, query->limit, [](const hubsync::Conflict& conflict) {
    return to_api(conflict);
  })));
}

Choice to_choice(const FieldChoice& choice) {
  using Take = Choice::Take;
  return {
      .take = choice.take == "local"     ? Take::local
              : choice.take == "hubspot" ? Take::hubspot
                                         : Take::value,
      .value = choice.value.value_or("")
  };
}

ConflictWish to_wish(std::int64_t id, const ResolveRequest& request) {
  ConflictWish wish{
      .id = id,
      .if_version = request.version,
      .resolution = parse_resolution(request.resolution).value_or(Resolution::pending),
      .partial = request.partial
  };
  for (const FieldChoice& choice : request.fields) {
    wish.fields[choice.field] = to_choice(choice);
  }
  return wish;
}

/// A conflict that moved on is told with what it looks like now.
http::Response stale(const Error& error, const ResolveOutcome& outcome) {
  constexpr int conflict_status = 409;
  return json(
      outcome.conflict ? encode_error_with(error, to_api(*outcome.conflict)) : encode_error(error),
      conflict_status
  );
}

http::Response resolved(const ResolveOutcome& outcome) {
  return json(encode(to_api(*outcome.conflict)));
}

ResolveResult to_result(const ResolveRequest& request, const ResolveOutcome& outcome) {
  ResolveResult result{.id = request.id, .error = outcome.error};
  if (outcome.conflict) {
    result.conflict = to_api(*outcome.conflict);
  }
  return result;
}

Answer refused(Error error) {
  co_return std::unexpected(std::move(error));
}

/// One wish to its end. The answer is kept with the decision, where it may be asked for again.
Answer carry_out(Services& services, ConflictWish wish, Call call) {
  OnDecided keep;
  if (call.command) {
    keep = [command = *call.command,
            now = services.clock.now()](Repository& repository, const auto& outcomes) {
      const ResolveOutcome& outcome = outcomes.at(0);
      if (!outcome.error) {
        keep_answer(repository, command, outcome.conflict->record, resolved(outcome), now);
      }
    };
  }
  std::vector<ConflictWish> wishes;
  wishes.push_back(std::move(wish));
  const std::vector<ResolveOutcome> outcomes =
      co_await services.engine.resolve(std::move(wishes), user_of(call.request.peer), std::move(keep));
  const ResolveOutcome& outcome = outcomes.at(0);
  if (outcome.error && outcome.error->code == ErrorCode::stale) {
    co_return stale(*outcome.error, outcome);
  }
  if (outcome.error) {
    co_return std::unexpected(*outcome.error);
  }
  co_return resolved(outcome);
}

http::Response all_resolved(
    const std::vector<ResolveRequest>& requests, const std::vector<ResolveOutcome>& outcomes
) {
  ResolveResults results;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    results.items.push_back(to_result(requests.at(i), outcomes[i]));
  }
  return json(encode(results));
}

}  // namespace

Answer list_open_conflicts(Services& services, Call call) {
  return list_conflicts(services, std::move(call), true);
}

Answer list_resolved_conflicts(Services& services, Call call) {
  return list_conflicts(services, std::move(call), false);
}

Answer show_conflict(Services& services, Call call) {
  const auto id = read_number(call.parameters.at(0), "conflict");
  if (!id) {
    co_return std::unexpected(id.error());
  }
  const auto conflict = co_await services.store.run([id = *id](Repository& repository) {
    return repository.find_conflict(id);
  });
  if (!conflict) {
    co_return std::unexpected(conflict.error());
  }
  co_return json(encode(to_api(*conflict)));
}

Answer resolve_conflict(Services& services, Call call) {
  const auto id = read_number(call.parameters.at(0), "conflict");
  if (!id) {
    return refused(id.error());
  }
  const auto request = decode_resolve_request(call.request.body);
  if (!request) {
    return refused(request.error());
  }
  return carry_out(services, to_wish(*id, *request), std::move(call));
}

Answer undo_conflict(Services& services, Call call) {
  const auto id = read_number(call.parameters.at(0), "conflict");
  if (!id) {
    return refused(id.error());
  }
  return carry_out(services, ConflictWish{.id = *id, .undo = true}, std::move(call));
}

Answer resolve_many(Services& services, Call call) {
  const auto requests = decode_resolve_requests(call.request.body);
  if (!requests) {
    co_return std::unexpected(requests.error());
  }
  std::vector<ConflictWish> wishes;
  for (const ResolveRequest& request : *requests) {
    // What is no number names no conflict, like a number that nobody has.
    wishes.push_back(to_wish(read_number(request.id, "conflict").value_or(0), request));
  }
  OnDecided keep;
  if (call.command) {
    keep = [command = *call.command, requests = *requests, now = services.clock.now()](
               Repository& repository, const auto& outcomes
           ) { keep_answer(repository, command, {}, all_resolved(requests, outcomes), now); };
  }
  const std::vector<ResolveOutcome> outcomes =
      co_await services.engine.resolve(std::move(wishes), user_of(call.request.peer), std::move(keep));
  co_return all_resolved(*requests, outcomes);
}

}  // namespace hubsync::api
