// Is it alive, and how is it configured.
#include "common/api_codec.hpp"
#include "daemon/api/convert.hpp"
#include "daemon/api/handlers.hpp"

namespace hubsync::api {

/// Alive, not well: a daemon that HubSpot refuses is alive, and a restart would not help it.
Answer show_health(Services& services, Call) {
  co_return json(
      encode(FieldList{{"status", "ok"}, {"state", std::string{to_string(services.engine.state())}}})
  );
}

/// The event stream is served to those who ask to upgrade; who does not is told how.
Answer require_websocket(Services&, Call) {
  http::Response response = json(
      encode_error({ErrorCode::invalid, "this path speaks WebSocket only", "`hubsync watch` follows it"}), 426
  );
  response.headers.emplace_back("Upgrade", "websocket");
  co_return response;
}

Answer show_config(Services& services, Call) {
  co_return json(encode(services.config()));
}

}  // namespace hubsync::api
