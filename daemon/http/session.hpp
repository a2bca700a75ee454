// One HTTP connection from its first byte to its end, as one coroutine on the loop. The only user of
// Boost.Beast's HTTP here; keeps it behind this header. Does not accept, and does not count connections: see
// server.hpp.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/awaitable.hpp>

#include "daemon/http/listener.hpp"
#include "daemon/http/server.hpp"

namespace hubsync::http {

/// What all sessions of a server share.
struct SessionShared {
  Service service;
  Limits limits;
  std::shared_ptr<TlsIdentity> tls = nullptr;  ///< New connections are under TLS with this.
  bool stopping = false;                       ///< Answer the request at hand, then close.
};

/// What the server may see and do of one session.
struct SessionControl {
  bool idle = true;             ///< No request at hand: may be aborted without anybody losing an answer.
  std::function<void()> abort;  ///< Breaks off all reading and writing. Set while the session has a socket.
};

/// Serves the connection until it ends. `control` outlives the coroutine.
[[nodiscard]] boost::asio::awaitable<void> run_session(
    Accepted accepted, std::shared_ptr<SessionShared> shared, std::shared_ptr<SessionControl> control
);

}  // namespace hubsync::http
