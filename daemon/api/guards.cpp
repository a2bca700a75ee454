// What a guard stopped and a person has to release.
#include <utility>

#include "common/api_codec.hpp"
#include "daemon/api/convert.hpp"
#include "daemon/api/handlers.hpp"

namespace hubsync::api {

Answer list_guards(Services& services, Call call) {
  const auto wish = read_page(call.request);
  if (!wish) {
    co_return std::unexpected(wish.error());
  }
  const auto all = read_flag(call.request, "all");
  if (!all) {
    co_return std::unexpected(all.error());
  }
  const auto found = co_await services.store.run([wish = *wish, all = *all](Repository& repository) {
    return repository.list_guards(all, wish.page, wish.limit);
  });
  co_return json(encode(to_page(found, wish->page, wish->limit, [](const hubsync::Guard& guard) {
    return to_api(guard);
  })));
}

Answer release_guard(Services& services, Call call) {
  const auto id = read_number(call.parameters.at(0), "guard");
  if (!id) {
    co_return std::unexpected(id.error());
  }
  const auto body = decode_release_request(call.request.body);
  if (!body) {
    co_return std::unexpected(body.error());
  }
  const GuardRelease wish{.id = *id, .count = body->count, .actor = actor_of(call.request.peer)};
  const Result<hubsync::Guard> released =
      co_await services.store.run([wish, now = services.clock.now()](Repository& repository) {
        return repository.release_guard(wish, now);
      });
  if (!released && released.error().code == ErrorCode::stale) {
    constexpr int conflict_status = 409;
    co_return json(encode_error(released.error()), conflict_status);
  }
  if (!released) {
    co_return std::unexpected(released.error());
  }
  co_await services.engine.guard_released(released->type);
  co_return json(encode(to_api(*released)));
}

}  // namespace hubsync::api
