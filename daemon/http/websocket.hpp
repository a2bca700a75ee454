// The server's end of a WebSocket that only sends texts; what the client says is read and dropped. Loop
// thread. The only user of Boost.Beast's WebSocket in the daemon. Knows nothing about what is sent.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "daemon/http/server.hpp"

namespace hubsync::http {

/// Whether a request asks to become a WebSocket in the one form that is spoken here (RFC 6455, version 13).
[[nodiscard]] bool is_websocket(const Request& request);

class WebSocket {
 public:
  /// Answers the handshake; null when the client has gone or sent something before the answer.
  [[nodiscard]] static boost::asio::awaitable<std::unique_ptr<WebSocket>> accept(Upgraded upgraded);

  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;
  ~WebSocket();

  /// Sends one text message; false when the client has gone. Waits as long as the client does not read, so
  /// that nothing heaps up here, but not beyond `patience`.
  boost::asio::awaitable<bool> send(std::string text, Duration patience);

  /// Reads until the client closes or goes; answers its pings meanwhile.
  boost::asio::awaitable<void> until_closed();

 private:
  struct Stream;
  explicit WebSocket(std::unique_ptr<Stream> stream);
  std::unique_ptr<Stream> stream_;
};

}  // namespace hubsync::http
