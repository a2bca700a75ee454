#include "tests/hubspot_sim/server.hpp"

#include <chrono>
#include <exception>
#include <optional>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

namespace hubspot_sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr auto done = asio::as_tuple(asio::use_awaitable);
constexpr std::uint64_t max_body = 64U * 1024 * 1024;
// Far above the length of a URL that the model refuses, so that the refusal can be sent.
constexpr std::uint32_t max_head = 256U * 1024;

Instant wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string reason(int status) {
  const auto known = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
  return known.empty() ? "Unknown" : std::string{known};
}

/// Head and body as they go over the wire.
std::string wire_form(const Response& response, bool keep_alive, Instant now) {
  std::string out;
  out.reserve(response.body.size() + 1024);
  out += "HTTP/1.1 " + std::to_string(response.status) + " " + reason(response.status) + "\r\n";
  out += "Date: " + hubsync::format_http_date(now) + "\r\n";
  for (const auto& [name, value] : response.headers) {
    out += name + ": " + value + "\r\n";
  }
  if (response.status != 204) {
    out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  }
  out += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
  const bool cut = response.delivery == Delivery::cut_short;
  return out.append(response.body, 0, cut ? response.body.size() / 2 : response.body.size());
}

Request to_request(const http::request<http::string_body>& message) {
  const auto authorization = message[http::field::authorization];
  return {
      std::string{message.method_string()},
      std::string{message.target()},
      std::string{authorization},
      message.body()
  };
}

/// One connection until either side closes it.
asio::awaitable<void> serve(tcp::socket socket, Model& model) {
  socket.set_option(tcp::no_delay{true});
  beast::flat_buffer buffer;
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(max_body);
    parser.header_limit(max_head);
    const auto [read_error, read_size] = co_await http::async_read(socket, buffer, parser, done);
    if (read_error) {
      co_return;
    }
    const bool keep_alive = parser.get().keep_alive();
    const Request request = to_request(parser.get());
    const Response response = model.handle(request, wall_clock());
    if (response.delay > Duration{}) {
      asio::steady_timer timer{socket.get_executor(), response.delay};
      co_await timer.async_wait(done);
    }
    if (response.delivery == Delivery::drop) {
      co_return;
    }
    const std::string bytes = wire_form(response, keep_alive, wall_clock());
    const auto [write_error, write_size] = co_await asio::async_write(socket, asio::buffer(bytes), done);
    if (write_error || !keep_alive || response.delivery == Delivery::cut_short) {
      co_return;
    }
  }
}

void rethrow(const std::exception_ptr& failure) {
  if (failure) {
    std::rethrow_exception(failure);
  }
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor, Model& model) {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(done);
    if (error == asio::error::operation_aborted) {
      co_return;
    }
    if (!error) {
      asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), model), rethrow);
    }
  }
}

}  // namespace

Server::Server(asio::io_context& loop, Model& model, std::uint16_t port)
    : acceptor_(loop, tcp::endpoint{asio::ip::address_v4::loopback(), port}),
      port_(acceptor_.local_endpoint().port()) {
  asio::co_spawn(loop, accept_all(acceptor_, model), rethrow);
}

}  // namespace hubspot_sim
