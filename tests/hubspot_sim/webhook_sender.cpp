#include "tests/hubspot_sim/webhook_sender.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "tests/hubspot_sim/portal.hpp"
#include "tests/hubspot_sim/webhook_queue.hpp"

namespace hubspot_sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr auto done = asio::as_tuple(asio::use_awaitable);
constexpr auto answer_time = std::chrono::seconds{5};
constexpr auto look_interval = std::chrono::milliseconds{10};

hubsync::Instant wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// "http://127.0.0.1:3001/path" taken apart; nothing for any other form.
struct Target {
  std::string authority;
  tcp::endpoint endpoint;
  std::string path;
};

std::optional<Target> parse_target(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) {
    return std::nullopt;
  }
  url.remove_prefix(scheme.size());
  const std::size_t slash = std::min(url.find('/'), url.size());
  Target target{
      .authority = std::string{url.substr(0, slash)}, .endpoint = {}, .path = std::string{url.substr(slash)}
  };
  const std::size_t colon = target.authority.rfind(':');
  std::string host = target.authority.substr(0, colon);
  host = host == "localhost" ? "127.0.0.1" : host;
  std::uint16_t port = 80;
  if (colon != std::string::npos) {
    std::from_chars(
        target.authority.data() + colon + 1, target.authority.data() + target.authority.size(), port
    );
  }
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error) {
    return std::nullopt;
  }
  target.endpoint = {address, port};
  target.path = target.path.empty() ? "/" : target.path;
  return target;
}

std::string hmac_base64(std::string_view key, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(
      EVP_sha256(),
      key.data(),
      static_cast<int>(key.size()),
      reinterpret_cast<const unsigned char*>(text.data()),
      text.size(),
      digest.data(),
      &size
  );
  std::string encoded(44, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()), digest.data(), static_cast<int>(size));
  return encoded;
}

}  // namespace

struct WebhookSender::State : std::enable_shared_from_this<WebhookSender::State> {
  State(asio::io_context& used, Model& whose)
      : loop(used), model(whose), queue(whose.portal()), timer(used) {}

  asio::awaitable<void> run() {
    while (!stopped) {
      model.advance(wall_clock());
      queue.collect(wall_clock());
      while (auto delivery = queue.next(wall_clock())) {
        asio::co_spawn(
            loop,
            deliver(std::move(*delivery)),
            [self = shared_from_this()](const std::exception_ptr& failure) {
              if (failure) {
                std::rethrow_exception(failure);
              }
            }
        );
      }
      timer.expires_after(look_interval);
      co_await timer.async_wait(done);
    }
  }

  asio::awaitable<void> deliver(WebhookQueue::Delivery delivery) {
    const auto target = parse_target(model.portal().options.webhook_url);
    const bool accepted = target && co_await post(*target, std::move(delivery.body));
    queue.answered(delivery.id, accepted, wall_clock());
  }

  asio::awaitable<bool> post(Target target, std::string body) {
    const std::string time = std::to_string(hubsync::to_ms(wall_clock()));
    const std::string uri = "http://" + target.authority + target.path;
    const std::string signature =
        hmac_base64(model.portal().options.webhook_secret, "POST" + uri + body + time);
    http::request<http::string_body> request{http::verb::post, target.path, 11};
    request.set(http::field::host, target.authority);
    request.set(http::field::user_agent, "HubSpot Connect 2.0 (http://dev.hubspot.com/) - WebHooks");
    request.set(http::field::content_type, "application/json");
    request.set("X-HubSpot-Signature-v3", signature);
    request.set("X-HubSpot-Request-Timestamp", time);
    request.body() = std::move(body);
    request.keep_alive(false);
    request.prepare_payload();
    beast::tcp_stream stream{loop};
    stream.expires_after(answer_time);
    const auto [connect_error] = co_await stream.async_connect(target.endpoint, done);
    if (connect_error) {
      co_return false;
    }
    const auto [write_error, written] = co_await http::async_write(stream, request, done);
    if (write_error) {
      co_return false;
    }
    beast::flat_buffer buffer;
    http::response<http::string_body> response;
    const auto [read_error, read] = co_await http::async_read(stream, buffer, response, done);
    co_return !read_error && response.result_int() / 100 == 2;
  }

  asio::io_context& loop;
  Model& model;
  WebhookQueue queue;
  asio::steady_timer timer;
  bool stopped = false;
};

WebhookSender::WebhookSender(asio::io_context& loop, Model& model)
    : state_(std::make_shared<State>(loop, model)) {
  asio::co_spawn(loop, state_->run(), [state = state_](const std::exception_ptr& failure) {
    if (failure) {
      std::rethrow_exception(failure);
    }
  });
}

WebhookSender::~WebhookSender() {
  state_->stopped = true;
  state_->timer.cancel();
}

}  // namespace hubspot_sim
