#include "daemon/http/session.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <expected>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "daemon/http/bearer.hpp"
#include "daemon/http/error.hpp"
#include "daemon/http/strict.hpp"
#include "daemon/http/wire.hpp"

namespace hubsync::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

using Clock = std::chrono::steady_clock;
using Parser = beast::http::request_parser<beast::http::string_body>;

/// What was read, or why it is refused, or that the client has gone (an unexpected nothing).
template <class T>
using Read = std::expected<T, std::optional<Refusal>>;

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

/// How long and how much is read and dropped after a refusal, so that the client gets to read it.
/// Some clients read no answer before they have sent all of their body.
constexpr auto linger_time = std::chrono::seconds{2};
constexpr std::size_t linger_bytes = std::size_t{64} * 1024 * 1024;
constexpr std::size_t linger_piece = std::size_t{64} * 1024;

Refusal refusal(int status, ErrorCode code, std::string message, std::string hint = {}) {
  return Refusal{status, Error{code, std::move(message), std::move(hint)}};
}

std::string random_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, 8> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("getrandom failed");
  }
  std::string id;
  for (const unsigned char byte : bytes) {
    id.push_back(digits[byte >> 4U]);
    id.push_back(digits[byte & 0xFU]);
  }
  return id;
}

/// A CR or LF in a field of ours would let the value write the rest of the answer.
void require_plain(std::string_view text) {
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) {
    throw std::logic_error("a response header has a control character");
  }
}

void require_valid(const Response& response) {
  if (response.status < 200 || response.status > 599) {
    throw std::logic_error("a handler answered with an impossible status");
  }
  require_plain(response.content_type);
  for (const auto& [name, value] : response.headers) {
    require_plain(name);
    require_plain(value);
  }
}

class Session {
 public:
  Session(Accepted accepted, std::shared_ptr<SessionShared> shared, std::shared_ptr<SessionControl> control)
      : stream_(std::move(accepted.socket), shared->tls),
        peer_(std::move(accepted.peer)),
        shared_(std::move(shared)),
        control_(std::move(control)),
        buffer_(limits().header_bytes + 64 * 1024) {
    control_->abort = [this] { stream_.plain().cancel(); };
  }
  ~Session() { control_->abort = nullptr; }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Serves request after request until one side has had enough.
  asio::awaitable<void> run() {
    Duration patience = limits().header_time;
    stream_.plain().expires_after(patience);
    if (co_await stream_.handshake()) {
      co_return;
    }
    while (!shared_->stopping) {
      control_->idle = true;
      const bool begun = co_await wait_for_request(patience);
      control_->idle = false;
      if (!begun || !co_await serve_one()) {
        break;
      }
      patience = limits().idle_time;
    }
  }

 private:
  [[nodiscard]] const Limits& limits() const { return shared_->limits; }
  [[nodiscard]] const Service& service() const { return shared_->service; }

  [[nodiscard]] std::string_view buffered() const {
    const auto data = buffer_.cdata();
    return {static_cast<const char*>(data.data()), data.size()};
  }

  /// Reads what is there into the buffer; an error at the end, at the deadline and when aborted.
  asio::awaitable<boost::system::error_code> read_some(std::size_t at_most = 4096) {
    const auto space = buffer_.prepare(std::min(at_most, buffer_.max_size() - buffer_.size()));
    const auto [error, bytes] = co_await stream_.async_read_some(space, as_values);
    buffer_.commit(bytes);
    co_return error;
  }

  asio::awaitable<bool> wait_for_request(Duration patience) {
    if (buffer_.size() == 0) {
      stream_.plain().expires_after(patience);
      co_return !co_await read_some();
    }
    co_return true;
  }

  /// The length of the head at the front of the buffer, once it is whole; nothing when the client has gone.
  asio::awaitable<Read<std::size_t>> read_head() {
    stream_.plain().expires_at(started_ + limits().header_time);
    while (true) {
      const std::size_t end = buffered().substr(0, limits().header_bytes).find("\r\n\r\n");
      if (end != std::string_view::npos) {
        co_return end + 4;
      }
      if (buffer_.size() >= limits().header_bytes) {
        co_return std::unexpected(refusal(431, ErrorCode::too_large, "the head of the request is too long"));
      }
      const auto error = co_await read_some();
      if (error) {
        count_timeout(error);
        co_return std::unexpected(std::nullopt);
      }
    }
  }

  /// At a deadline Beast has closed the socket already: there is nobody left to answer.
  void count_timeout(boost::system::error_code error) const {
    if (error == beast::error::timeout && service().on_refused) {
      service().on_refused(peer_, 408);
    }
  }

  /// Everything that can be said against a request before its body is read.
  std::optional<Refusal> check(const Head& head, const CheckedHead& checked) {
    if (service().access == Access::control) {
      if (auto browser = check_browser(head, peer_)) {
        return browser;
      }
      const bool tcp = peer_.kind == Peer::Kind::tcp;
      if (tcp && !bearer_matches(head.find("Authorization"), service().tcp_token)) {
        return refusal(
            401,
            ErrorCode::unauthorized,
            "this listener needs the bearer token",
            "send \"Authorization: Bearer …\" with the token of control.token_file"
        );
      }
    }
    if (checked.length > limits().body_bytes) {
      return body_too_large();
    }
    // After the length, so that a client that asks before sending too much is told the real reason.
    if (head.find("Expect")) {
      return refusal(
          417, ErrorCode::invalid, "the field Expect is not supported", "send the body at once, without it"
      );
    }
    return std::nullopt;
  }

  [[nodiscard]] Refusal body_too_large() const {
    return refusal(
        413,
        ErrorCode::too_large,
        "the body is over the limit of " + std::to_string(limits().body_bytes) + " bytes",
        "send less in one request"
    );
  }

  /// Serves the request whose first bytes are in the buffer; false when the connection must end.
  asio::awaitable<bool> serve_one() {
    started_ = Clock::now();
    const auto size = co_await read_head();
    if (!size) {
      if (const auto& refusal = size.error()) {
        co_await refuse(*refusal);
      }
      co_return false;
    }
    const auto head = parse_head(buffered().substr(0, *size));
    if (!head) {
      co_await refuse(head.error());
      co_return false;
    }
    auto checked = check_head(*head);
    if (!checked) {
      co_await refuse(checked.error());
      co_return false;
    }
    if (const auto against = check(*head, *checked)) {
      co_await refuse(*against);
      co_return false;
    }
    Request request = take_request(*head, *checked);
    const bool is_head = request.method == "HEAD";
    if (const auto read = co_await read_body(*size, head->fields.size(), *checked, request); !read) {
      if (const auto& refusal = read.error()) {
        co_await refuse(*refusal);
      }
      co_return false;
    }
    if (is_head) {
      request.method = "GET";
    }
    if (request.headers.find("Upgrade")) {
      co_return co_await upgrade(std::move(request));
    }
    const bool keep_alive = checked->keep_alive;
    Response response = co_await answer(std::move(request));
    co_return co_await write(std::move(response), keep_alive && !shared_->stopping, is_head);
  }

  /// The request without its body; nothing in it points into the buffer.
  [[nodiscard]] Request take_request(const Head& head, CheckedHead& checked) const {
    Request request;
    request.method = head.method;
    request.target = head.target;
    request.path = std::move(checked.target.path);
    request.query = std::move(checked.target.query);
    for (const Field& field : head.fields) {
      request.headers.add(std::string(field.name), std::string(field.value));
    }
    request.peer = peer_;
    return request;
  }

  /// Reads the body into the request; what is wrong with it otherwise, or nothing when the client has gone.
  /// Views into the head end here.
  asio::awaitable<Read<void>> read_body(
      std::size_t head_size, std::size_t field_count, const CheckedHead& checked, Request& request
  ) {
    if (!checked.chunked && checked.length == 0) {
      buffer_.consume(head_size);
      co_return Read<void>{};
    }
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits().header_bytes + 1));
    parser.body_limit(limits().body_bytes);
    boost::system::error_code error;
    parser.put(asio::buffer(buffer_.cdata(), head_size), error);
    buffer_.consume(head_size);
    if (!error && !parser.is_done()) {
      stream_.plain().expires_at(started_ + limits().request_time);
      std::tie(error, std::ignore) = co_await beast::http::async_read(stream_, buffer_, parser, as_values);
    }
    if (error == beast::http::error::body_limit) {
      co_return std::unexpected(body_too_large());
    }
    if (error == beast::error::timeout) {
      count_timeout(error);
      co_return std::unexpected(std::nullopt);
    }
    if (error) {
      co_return std::unexpected(
          refusal(400, ErrorCode::invalid, "the body of the request is broken or not whole")
      );
    }
    // Beast puts trailer fields among the header fields, where a second Host or signature would do harm.
    const auto fields = static_cast<std::size_t>(std::distance(parser.get().begin(), parser.get().end()));
    if (fields != field_count) {
      co_return std::unexpected(refusal(400, ErrorCode::invalid, "trailer fields are not taken"));
    }
    request.body = std::move(parser.get().body());
    co_return Read<void>{};
  }

  /// The handler's answer, or a 500 that names the id under which the failure was reported.
  asio::awaitable<Response> answer(Request request) {
    Failure failure{.id = {}, .method = request.method, .path = request.path, .what = {}};
    try {
      Response response = co_await service().handler(std::move(request));
      require_valid(response);
      co_return response;
    } catch (const std::exception& error) {
      failure.what = error.what();
    } catch (...) {
      failure.what = "something that is no std::exception";
    }
    co_return co_await report(std::move(failure));
  }

  /// Awaiting it throws when the session was cancelled, so that a hard stop is not reported as a failure.
  asio::awaitable<Response> report(Failure failure) {
    failure.id = random_id();
    if (service().on_failure) {
      service().on_failure(failure);
    }
    co_return render(
        500,
        Error{
            ErrorCode::internal, "something went wrong inside hubsyncd (id " + failure.id + ")", "see its log"
        }
    );
  }

  /// Lets the claim decide; the session ends in any case.
  asio::awaitable<bool> upgrade(Request request) {
    if (!service().upgrade || stream_.is_tls()) {
      co_await refuse(refusal(400, ErrorCode::invalid, "nothing here speaks another protocol"));
      co_return false;
    }
    std::variant<Response, UpgradeHandler> decision = service().upgrade(request);
    if (auto* declined = std::get_if<Response>(&decision)) {
      co_await write(std::move(*declined), false, false);
      co_await linger();
      co_return false;
    }
    Failure failure{.id = {}, .method = request.method, .path = request.path, .what = {}};
    Upgraded upgraded{std::move(request), stream_.plain().release_socket(), std::string(buffered())};
    // From here on a stop ends it at once: a stream has no last answer to wait for.
    control_->idle = true;
    try {
      co_await std::get<UpgradeHandler>(decision)(std::move(upgraded));
      co_return false;
    } catch (const std::exception& error) {
      failure.what = error.what();
    }
    co_await report(std::move(failure));
    co_return false;
  }

  [[nodiscard]] Response render(int status, const Error& error) const {
    return service().render_error ? service().render_error(status, error) : error_response(status, error);
  }

  /// Answers with the refusal and ends the connection so that the answer arrives.
  asio::awaitable<void> refuse(const Refusal& why) {
    if (service().on_refused) {
      service().on_refused(peer_, why.status);
    }
    Response response = render(why.status, why.error);
    if (why.status == 401) {
      response.headers.emplace_back("WWW-Authenticate", "Bearer");
    }
    if (co_await send(std::move(response), false, false)) {
      co_await linger();
    }
  }

  /// Sends the answer; false when the connection must end.
  asio::awaitable<bool> write(Response response, bool keep_alive, bool head_only) {
    const bool sent = co_await send(std::move(response), keep_alive, head_only);
    if (sent && !keep_alive && !shared_->stopping) {
      co_await linger();
    }
    co_return sent&& keep_alive;
  }

  asio::awaitable<bool> send(Response response, bool keep_alive, bool head_only) {
    stream_.plain().expires_after(limits().write_time);
    if (head_only || response.status == 204 || response.status == 304) {
      beast::http::response<beast::http::empty_body> message;
      fill(message, response, keep_alive);
      const auto [error, bytes] = co_await beast::http::async_write(stream_, message, as_values);
      co_return !error;
    }
    beast::http::response<beast::http::string_body> message;
    fill(message, response, keep_alive);
    message.body() = std::move(response.body);
    const auto [error, bytes] = co_await beast::http::async_write(stream_, message, as_values);
    co_return !error;
  }

  template <class Message>
  static void fill(Message& message, const Response& response, bool keep_alive) {
    message.version(11);
    message.result(static_cast<unsigned>(response.status));
    message.set(beast::http::field::cache_control, "no-store");
    message.set("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : response.headers) {
      message.set(name, value);
    }
    if (!response.body.empty()) {
      message.set(beast::http::field::content_type, response.content_type);
    }
    if (response.status != 204) {
      message.content_length(response.body.size());
    }
    message.keep_alive(keep_alive);
  }

  /// Closing with unread input would reset the connection, and the client might lose the answer it was just
  /// sent.
  asio::awaitable<void> linger() {
    stream_.plain().expires_after(linger_time);
    if (stream_.is_tls()) {
      co_await stream_.close_tls();
      co_return;
    }
    boost::system::error_code error;
    stream_.plain().socket().shutdown(asio::socket_base::shutdown_send, error);
    std::size_t dropped = 0;
    while (!error && dropped < linger_bytes) {
      dropped += buffer_.size();
      buffer_.clear();
      error = co_await read_some(linger_piece);
    }
  }

  Wire stream_;
  Peer peer_;
  std::shared_ptr<SessionShared> shared_;
  std::shared_ptr<SessionControl> control_;
  beast::flat_buffer buffer_;
  Clock::time_point started_;
};

}  // namespace

asio::awaitable<void> run_session(
    Accepted accepted, std::shared_ptr<SessionShared> shared, std::shared_ptr<SessionControl> control
) {
  Session session(std::move(accepted), std::move(shared), std::move(control));
  co_await session.run();
}

}  // namespace hubsync::http
