// The HTTP server: accepts on any number of listeners, keeps to limits, runs one coroutine a connection.
// Lives on the loop thread, all of it. Knows no routes: a Service says what to do with a request.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include "common/result.hpp"
#include "common/time.hpp"
#include "daemon/http/listener.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/tls.hpp"

namespace hubsync::http {

/// What one client may use up. The defaults are those of the control API. A client that exceeds a time is
/// disconnected without an answer.
struct Limits {
  std::size_t header_bytes = 8 * 1024;
  std::size_t body_bytes = 1024 * 1024;
  Duration idle_time = std::chrono::seconds{60};  ///< Between requests on one connection.
  Duration header_time = std::chrono::seconds{5
  };  ///< From the first byte of a head to its end; also for a new connection's first byte.
  Duration request_time =
      std::chrono::seconds{10};                    ///< From the first byte of a head to the end of the body.
  Duration write_time = std::chrono::seconds{10};  ///< For the client to take the answer.
  std::size_t connections = 64;                    ///< In all; accepting pauses at the limit.
  std::size_t connections_per_peer = 16;  ///< Per uid (Unix) or address (TCP); one more is answered 503.
};

/// The limits of the webhook listener.
[[nodiscard]] inline Limits webhook_limits() {
  return Limits{.idle_time = std::chrono::seconds{30}, .connections = 256, .connections_per_peer = 32};
}

/// A connection that has left HTTP: the handler owns the socket, and the bytes that came after the head.
struct Upgraded {
  Request request;
  boost::asio::generic::stream_protocol::socket socket;
  std::string unread;
};

/// Runs an upgraded connection to its end; must end soon after its coroutine is cancelled.
using UpgradeHandler = std::function<boost::asio::awaitable<void>(Upgraded)>;

/// Decides about a request with an Upgrade field: an answer that declines it, or the handler that takes over.
using UpgradeClaim = std::function<std::variant<Response, UpgradeHandler>(const Request&)>;

/// Who may call.
enum class Access {
  control,  ///< No browsers; Unix peers as the socket's mode lets them; TCP peers with the bearer token.
  open      ///< Anyone; the handler authenticates (webhook signatures).
};

/// An exception that left a handler. The client sees only the id.
struct Failure {
  std::string id;
  std::string method;
  std::string path;
  std::string what;
};

/// What a server does with requests. The functions must outlive the server's connections.
struct Service {
  Handler handler;
  Access access = Access::control;
  std::string tcp_token = {};  ///< Empty: with Access::control no TCP request is served.
  UpgradeClaim upgrade = {};   ///< Without one each upgrade is a 400.
  std::function<Response(int, const Error&)> render_error = {};  ///< Default: error_response.
  std::function<void(const Failure&)> on_failure = {};           ///< An exception left the handler.
  std::function<void(const Peer&, int status)> on_refused = {
  };  ///< Refused before the handler; 408: too slow.
};

/// Accepts and serves until stopped.
class Server {
 public:
  Server(boost::asio::any_io_executor executor, Service service, Limits limits = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Starts to accept on this listener; may be called for several.
  void serve(Listener listener);

  /// Stops accepting, removes its Unix sockets, closes idle connections, lets running requests finish within
  /// `grace`, then cancels what is left and waits one more second for it to unwind.
  boost::asio::awaitable<void> stop(Duration grace);

  /// New connections are under TLS and shown this; those that there are keep what they began with.
  void set_tls(std::shared_ptr<TlsIdentity> identity);

  /// From now on TCP requests need this token.
  void set_tcp_token(std::string token);

  /// Open connections.
  [[nodiscard]] std::size_t connections() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hubsync::http
