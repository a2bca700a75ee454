// The WebSocket end of the command line: Boost.Beast, blocking, over the daemon's Unix-domain socket.
#include "cli/stream.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "cli/client.hpp"
#include "common/api_codec.hpp"

namespace hubsync::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Socket = asio::local::stream_protocol::socket;

CallError unreachable(std::string message, std::string hint) {
  return {Error{ErrorCode::unavailable, std::move(message), std::move(hint)}, api::ExitCode::unreachable};
}

CallError refused(const beast::websocket::response_type& response) {
  const auto error = api::decode_error(response.body());
  if (!error) {
    return {
        Error{ErrorCode::internal, "the daemon answered " + std::to_string(response.result_int())},
        api::ExitCode::failed
    };
  }
  return {*error, exit_code_of(error->code)};
}

}  // namespace

std::expected<void, CallError> read_stream(
    const std::string& socket_path,
    const std::string& target,
    const std::function<bool(const std::string&)>& on_text
) {
  asio::io_context loop;
  beast::websocket::stream<Socket> stream{loop};
  boost::system::error_code error;
  stream.next_layer().connect(asio::local::stream_protocol::endpoint{socket_path}, error);
  if (error) {
    return std::unexpected(unreachable(
        "no daemon answers on " + socket_path,
        "is hubsyncd running? `systemctl status hubsyncd`; another socket: --socket or HUBSYNC_SOCKET"
    ));
  }
  beast::websocket::response_type response;
  stream.handshake(response, "localhost", target, error);
  if (error == beast::websocket::error::upgrade_declined) {
    return std::unexpected(refused(response));
  }
  beast::flat_buffer buffer;
  while (!error) {
    stream.read(buffer, error);
    if (!error && !on_text(beast::buffers_to_string(buffer.data()))) {
      return {};
    }
    buffer.clear();
  }
  return std::unexpected(unreachable("the daemon went away", "`hubsync watch --since SEQ` goes on from there")
  );
}

}  // namespace hubsync::cli
