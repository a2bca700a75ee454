#include "daemon/http/post.hpp"

#include <charconv>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace hubsync::http {
namespace {

namespace asio = boost::asio;
using boost::asio::experimental::awaitable_operators::operator||;

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
constexpr std::string_view version = "HTTP/1.1 ";

std::string wire_form(const Posting& posting) {
  std::string text = "POST " + posting.target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : posting.headers) {
    text.append(name).append(": ").append(value).append("\r\n");
  }
  text.append("Content-Length: ").append(std::to_string(posting.body.size()));
  return text.append("\r\nConnection: close\r\n\r\n").append(posting.body);
}

std::unexpected<Error> no_answer(const boost::system::error_code& error) {
  return fail(ErrorCode::unavailable, "the listener does not answer: " + error.message());
}

template <class Stream>
asio::awaitable<Result<int>> talk(Stream& stream, std::string text) {
  const auto [write_error, written] = co_await asio::async_write(stream, asio::buffer(text), as_values);
  if (write_error) {
    co_return no_answer(write_error);
  }
  std::string reply(version.size() + 3, '\0');
  std::size_t filled = 0;
  while (filled < reply.size()) {
    const auto space = asio::buffer(reply.data() + filled, reply.size() - filled);
    const auto [read_error, bytes] = co_await stream.async_read_some(space, as_values);
    if (read_error) {
      co_return no_answer(read_error);
    }
    filled += bytes;
  }
  int status = 0;
  std::from_chars(reply.data() + version.size(), reply.data() + reply.size(), status);
  co_return status;
}

asio::awaitable<Result<int>> exchange(asio::any_io_executor executor, Posting posting) {
  boost::system::error_code bad_address;
  const auto address = asio::ip::make_address(posting.address, bad_address);
  if (bad_address) {
    co_return no_answer(bad_address);
  }
  asio::ip::tcp::socket socket(executor);
  const asio::ip::tcp::endpoint endpoint(address, posting.port);
  const auto [connect_error] = co_await socket.async_connect(endpoint, as_values);
  if (connect_error) {
    co_return no_answer(connect_error);
  }
  if (!posting.tls) {
    co_return co_await talk(socket, wire_form(posting));
  }
  asio::ssl::context context(asio::ssl::context::tls_client);
  asio::ssl::stream<asio::ip::tcp::socket&> stream(socket, context);
  const auto [handshake_error] = co_await stream.async_handshake(asio::ssl::stream_base::client, as_values);
  if (handshake_error) {
    co_return no_answer(handshake_error);
  }
  co_return co_await talk(stream, wire_form(posting));
}

}  // namespace

asio::awaitable<Result<int>> post(asio::any_io_executor executor, Posting posting, Duration patience) {
  asio::steady_timer timer(executor, patience);
  auto result = co_await (exchange(executor, std::move(posting)) || timer.async_wait(as_values));
  if (result.index() != 0) {
    co_return fail(ErrorCode::unavailable, "the listener did not answer in time");
  }
  co_return std::move(std::get<0>(result));
}

}  // namespace hubsync::http
