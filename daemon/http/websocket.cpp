#include "daemon/http/websocket.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace hubsync::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::asio::experimental::awaitable_operators::operator||;

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

/// Nobody has anything to say to us.
constexpr std::size_t max_incoming = 4 * 1024;

}  // namespace

struct WebSocket::Stream {
  explicit Stream(asio::generic::stream_protocol::socket socket) : socket(std::move(socket)) {}
  beast::websocket::stream<asio::generic::stream_protocol::socket, false> socket;
};

bool is_websocket(const Request& request) {
  const auto upgrade = request.headers.find("Upgrade");
  const auto connection = request.headers.find("Connection");
  return request.method == "GET" && upgrade && equals_ignoring_case(*upgrade, "websocket") && connection &&
         list_has_token(*connection, "upgrade") && request.headers.find("Sec-WebSocket-Version") == "13" &&
         request.headers.count("Sec-WebSocket-Key") == 1 && request.body.empty();
}

WebSocket::WebSocket(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}

WebSocket::~WebSocket() = default;

asio::awaitable<std::unique_ptr<WebSocket>> WebSocket::accept(Upgraded upgraded) {
  if (!upgraded.unread.empty()) {
    co_return nullptr;
  }
  beast::http::request<beast::http::empty_body> handshake;
  handshake.version(11);
  handshake.method(beast::http::verb::get);
  handshake.target(upgraded.request.target);
  for (const auto& [name, value] : upgraded.request.headers.all()) {
    handshake.insert(name, value);
  }
  auto stream = std::make_unique<Stream>(std::move(upgraded.socket));
  stream->socket.read_message_max(max_incoming);
  const auto [error] = co_await stream->socket.async_accept(handshake, as_values);
  if (error) {
    co_return nullptr;
  }
  stream->socket.text(true);
  co_return std::unique_ptr<WebSocket>(new WebSocket(std::move(stream)));
}

asio::awaitable<bool> WebSocket::send(std::string text, Duration patience) {
  asio::steady_timer timer(stream_->socket.get_executor(), patience);
  auto result =
      co_await (stream_->socket.async_write(asio::buffer(text), as_values) || timer.async_wait(as_values));
  if (result.index() != 0) {
    co_return false;
  }
  co_return !std::get<0>(std::get<0>(result));
}

asio::awaitable<void> WebSocket::until_closed() {
  beast::flat_buffer buffer;
  while (true) {
    const auto [error, bytes] = co_await stream_->socket.async_read(buffer, as_values);
    if (error) {
      co_return;
    }
    buffer.clear();
  }
}

}  // namespace hubsync::http
