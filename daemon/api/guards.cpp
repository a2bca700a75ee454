// What a guard stopped and a person has to release.
#include <utility>

#include "common/api_codec.hpp"
#include "daemon/api/handlers.hpp"

namespace hubsync::api {

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
