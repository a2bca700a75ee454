// A scripted HTTP server on a loopback port, in the test's own io_context: it does to each request what the
// test says.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace hubsync::test {

namespace asio = boost::asio;

struct SeenRequest {
  int connection = 0;
  std::string head;
  std::string body;
};

/// What to do with a request: send this, then perhaps close or keep silent.
struct ServerAnswer {
  std::string bytes;
  bool close = false;
  bool reset = false;   ///< Close with RST.
  bool silent = false;  ///< Send `bytes` and never read again; the connection stays open.
};

[[nodiscard]] inline std::string http_answer(
    int status, std::string_view body, std::string_view headers = ""
) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

class LoopbackServer {
 public:
  using Answer = std::function<ServerAnswer(const SeenRequest&)>;

  LoopbackServer(asio::io_context& io, Answer answer)
      : state_(std::make_shared<State>(io, std::move(answer))) {
    asio::co_spawn(io, accept(state_), asio::detached);
  }
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;
  ~LoopbackServer() { close(); }

  void close() {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    for (const auto& socket : state_->sockets) {
      socket->close(ignored);
    }
  }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(state_->acceptor.local_endpoint().port());
  }
  [[nodiscard]] const std::vector<SeenRequest>& requests() const { return state_->requests; }
  [[nodiscard]] int connections() const { return state_->connections; }

 private:
  struct State {
    State(asio::io_context& io, Answer answer_)
        : acceptor(io, {asio::ip::make_address("127.0.0.1"), 0}), answer(std::move(answer_)) {}
    asio::ip::tcp::acceptor acceptor;
    Answer answer;
    std::vector<SeenRequest> requests;
    std::vector<std::shared_ptr<asio::ip::tcp::socket>> sockets;
    int connections = 0;
  };

  static asio::awaitable<void> accept(std::shared_ptr<State> state) {
    for (;;) {
      auto [error, socket] = co_await state->acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
      if (error) {
        co_return;
      }
      auto shared = std::make_shared<asio::ip::tcp::socket>(std::move(socket));
      state->sockets.push_back(shared);
      asio::co_spawn(
          state->acceptor.get_executor(), serve(state, shared, ++state->connections), asio::detached
      );
    }
  }

  static std::size_t content_length(std::string_view head) {
    constexpr std::string_view name = "Content-Length: ";
    const auto at = head.find(name);
    return at == std::string_view::npos ? 0 : std::stoul(std::string(head.substr(at + name.size(), 12)));
  }

  static asio::awaitable<void> serve(
      std::shared_ptr<State> state, std::shared_ptr<asio::ip::tcp::socket> socket, int connection
  ) {
    std::string buffer;
    for (;;) {
      auto [error, head_size] = co_await asio::async_read_until(
          *socket, asio::dynamic_buffer(buffer), "\r\n\r\n", asio::as_tuple(asio::use_awaitable)
      );
      if (error) {
        co_return;
      }
      SeenRequest request{.connection = connection, .head = buffer.substr(0, head_size), .body = ""};
      buffer.erase(0, head_size);
      const std::size_t length = content_length(request.head);
      if (buffer.size() < length) {
        const std::size_t missing = length - buffer.size();
        auto [read_error, count] = co_await asio::async_read(
            *socket,
            asio::dynamic_buffer(buffer),
            asio::transfer_exactly(missing),
            asio::as_tuple(asio::use_awaitable)
        );
        if (read_error) {
          co_return;
        }
      }
      request.body = buffer.substr(0, length);
      buffer.erase(0, length);
      state->requests.push_back(request);
      const ServerAnswer answer = state->answer(request);
      co_await asio::async_write(*socket, asio::buffer(answer.bytes), asio::as_tuple(asio::use_awaitable));
      if (answer.silent) {
        co_return;  // The socket stays open in the state.
      }
      if (answer.reset) {
        socket->set_option(asio::socket_base::linger(true, 0));
      }
      if (answer.close || answer.reset) {
        boost::system::error_code ignored;
        socket->close(ignored);
        co_return;
      }
    }
  }

  std::shared_ptr<State> state_;
};

}  // namespace hubsync::test
