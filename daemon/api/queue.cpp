// What waits to be sent, and holding it back.
#include <utility>

#include "common/api_codec.hpp"
#include "daemon/api/convert.hpp"
#include "daemon/api/handlers.hpp"

namespace hubsync::api {
namespace {

Answer set_paused(Services& services, Call call, bool paused) {
  const Instant now = services.clock.now();
  co_await services.store.run([paused, actor = actor_of(call.request.peer), now](Repository& repository) {
    repository.set_paused(paused, actor, now);
  });
  services.engine.set_paused(paused);
  co_return json(encode(QueuePaused{.paused = paused}));
}

}  // namespace

Answer list_queue(Services& services, Call call) {
  const auto wish = read_page(call.request);
  if (!wish) {
    co_return std::unexpected(wish.error());
  }
  const auto found = co_await services.store.run([wish = *wish](Repository& repository) {
    return repository.list_due(wish.page, wish.limit);
  });
  co_return json(encode(to_page(found, wish->page, wish->limit, [](const hubsync::DueItem& item) {
    return to_api(item);
  })));
}

Answer pause_queue(Services& services, Call call) {
  return set_paused(services, std::move(call), true);
}

Answer resume_queue(Services& services, Call call) {
  return set_paused(services, std::move(call), false);
}

Answer cancel_queued(Services& services, Call call) {
  const Instant now = services.clock.now();
  const auto cancelled = co_await services.store.run(
      [id = LocalId{call.parameters.at(0)}, actor = actor_of(call.request.peer), now](Repository& repository
      ) { return repository.cancel_due(id, actor, now); }
  );
  if (!cancelled) {
    co_return std::unexpected(cancelled.error());
  }
  co_return http::Response{.status = 204};
}

}  // namespace hubsync::api
