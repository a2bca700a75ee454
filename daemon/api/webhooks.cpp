// The webhook inbox as people see it, and what HubSpot needs for it.
#include <utility>

#include "common/api_codec.hpp"
#include "common/api_webhooks.hpp"
#include "daemon/api/convert.hpp"
#include "daemon/api/handlers.hpp"

namespace hubsync::api {

Answer list_webhooks(Services& services, Call call) {
  const auto wish = read_page(call.request);
  if (!wish) {
    co_return std::unexpected(wish.error());
  }
  const auto state =
      read_word<InboxState>(call.request, "status", parse_inbox_state, "pending, done, ignored and failed");
  if (!state) {
    co_return std::unexpected(state.error());
  }
  const InboxQuery query{.page = wish->page, .limit = wish->limit, .state = *state};
  const auto found =
      co_await services.store.run([query](Repository& repository) { return repository.list_inbox(query); });
  co_return json(encode(to_page(found, wish->page, wish->limit, [](const InboxItem& item) {
    return to_api(item);
  })));
}

Answer show_webhook(Services& services, Call call) {
  const auto id = read_number(call.parameters.at(0), "webhook event");
  if (!id) {
    co_return std::unexpected(id.error());
  }
  const auto item =
      co_await services.store.run([id = *id](Repository& repository) { return repository.find_inbox(id); });
  if (!item) {
    co_return std::unexpected(item.error());
  }
  co_return json(encode(to_api(*item)));
}

Answer replay_webhook(Services& services, Call call) {
  const auto id = read_number(call.parameters.at(0), "webhook event");
  if (!id) {
    co_return std::unexpected(id.error());
  }
  const auto item =
      co_await services.store.run([id = *id](Repository& repository) { return repository.replay_inbox(id); });
  if (!item) {
    co_return std::unexpected(item.error());
  }
  services.engine.webhook_events(1);
  co_return json(encode(to_api(*item)), 202);
}

Answer test_webhooks(Services& services, Call) {
  if (!services.webhook_test) {
    co_return fail(ErrorCode::unavailable, "there is no webhook listener to test");
  }
  const auto test = co_await services.webhook_test();
  if (!test) {
    co_return std::unexpected(test.error());
  }
  co_return json(encode(*test));
}

Answer show_webhook_setup(Services& services, Call) {
  if (!services.webhook_setup) {
    co_return fail(ErrorCode::unavailable, "webhooks are not configured");
  }
  co_return json(encode(services.webhook_setup()));
}

}  // namespace hubsync::api
