// What waits for a person: conflicts and guards.
#include <utility>

#include "common/api_codec.hpp"
#include "daemon/api/convert.hpp"
#include "daemon/api/handlers.hpp"

namespace hubsync::api {
namespace {

Answer list_conflicts(Services& services, Call call, bool open) {
  const auto wish = read_page(call.request);
  if (!wish) {
    co_return std::unexpected(wish.error());
  }
  const auto found = co_await services.store.run([wish = *wish, open](Repository& repository) {
    return repository.list_conflicts(open, wish.page, wish.limit);
  });
  co_return json(encode(to_page(found, wish->page, wish->limit, [](const hubsync::Conflict& conflict) {
    return to_api(conflict);
  })));
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

/// No part of this version raises a guard, so none waits.
Answer list_guards(Services&, Call call) {
  const auto wish = read_page(call.request);
  if (!wish) {
    co_return std::unexpected(wish.error());
  }
  co_return json(encode(Page<Guard>{.page = wish->page, .limit = wish->limit}));
}

Answer release_guard(Services&, Call) {
  co_return fail(
      ErrorCode::not_found, "there is no such guard", "`hubsync guard list` shows those that wait"
  );
}

}  // namespace hubsync::api
