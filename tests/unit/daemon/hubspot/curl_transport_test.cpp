#include "daemon/hubspot/curl_transport.hpp"

#include <memory>
#include <optional>
#include <stdexcept>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <doctest/doctest.h>

#include "tests/unit/daemon/hubspot/loopback_server.hpp"

using namespace hubsync;
using namespace hubsync::test;
using namespace std::chrono_literals;

namespace {

using SendResult = std::expected<HttpReply, TransportFailure>;

class FixedToken : public TokenSource {
 public:
  void append_token(std::string& header) const override { header += text; }
  std::string text = "pat-na1-canary";
};

/// A server that does as told and a transport that talks to it, on one loop.
struct Rig {
  explicit Rig(LoopbackServer::Answer answer, CurlOptions options = {}) : server(io, std::move(answer)) {
    options.base_url = server.url();
    transport = std::make_unique<CurlTransport>(io.get_executor(), std::move(options), token);
  }

  void start(HttpRequest request, std::optional<SendResult>& into) {
    asio::co_spawn(
        io,
        transport->send(std::move(request)),
        [&into](std::exception_ptr error, SendResult result) {
          REQUIRE_FALSE(error);
          into.emplace(std::move(result));
        }
    );
  }

  /// Runs the loop until `result` is there; 10 s are far more than any of these takes.
  void wait_for(const std::optional<SendResult>& result) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!result && std::chrono::steady_clock::now() < deadline) {
      io.run_one_until(deadline);
    }
    REQUIRE(result.has_value());
  }

  SendResult send(HttpRequest request) {
    std::optional<SendResult> result;
    start(std::move(request), result);
    wait_for(result);
    return std::move(*result);
  }

  asio::io_context io{1};
  FixedToken token;
  LoopbackServer server;
  std::unique_ptr<CurlTransport> transport;
};

HttpRequest get(std::string target = "/crm/objects/2026-09/contacts?limit=100") {
  return {.method = "GET", .target = std::move(target)};
}

HttpRequest post(std::string body = R"({"inputs":[]})") {
  return {.method = "POST", .target = "/crm/objects/2026-09/contacts/batch/create", .body = std::move(body)};
}

ServerAnswer ok(const SeenRequest&) {
  return {.bytes = http_answer(200, "{}", "X-One: 1\r\n")};
}

}  // namespace

TEST_CASE("a request carries the token, the version and its body, and the answer comes back whole") {
  Rig rig(ok);
  const auto reply = rig.send(post(R"({"a":1})"));
  REQUIRE(reply.has_value());
  CHECK(reply->status == 200);
  CHECK(reply->body == "{}");
  CHECK(reply->headers.at("x-one") == "1");
  CHECK(reply->sends == 1);
  REQUIRE(rig.server.requests().size() == 1);
  const SeenRequest& seen = rig.server.requests().front();
  CHECK(seen.head.starts_with("POST /crm/objects/2026-09/contacts/batch/create HTTP/1.1\r\n"));
  CHECK(seen.head.contains("Authorization: Bearer pat-na1-canary\r\n"));
  CHECK(seen.head.contains("Content-Type: application/json\r\n"));
  CHECK(seen.head.contains("User-Agent: hubsync/"));
  CHECK_FALSE(seen.head.contains("Expect:"));
  CHECK(seen.body == R"({"a":1})");
}

TEST_CASE("a changed token is used by the next request") {
  Rig rig(ok);
  REQUIRE(rig.send(get()).has_value());
  rig.token.text = "pat-na1-second";
  REQUIRE(rig.send(get()).has_value());
  CHECK(rig.server.requests().back().head.contains("Bearer pat-na1-second\r\n"));
}

TEST_CASE("connections are kept alive and used again") {
  Rig rig(ok);
  for (int i = 0; i < 20; ++i) {
    REQUIRE(rig.send(i % 2 == 0 ? get() : post()).has_value());
  }
  CHECK(rig.server.requests().size() == 20);
  CHECK(rig.server.connections() == 1);
}

TEST_CASE("a write is sent once even when the server closes a reused connection without an answer") {
  Rig rig([](const SeenRequest& request) {
    return request.head.starts_with("POST") ? ServerAnswer{.bytes = "", .close = true} : ok(request);
  });
  REQUIRE(rig.send(get()).has_value());
  const auto lost = rig.send(post());
  REQUIRE_FALSE(lost.has_value());
  CHECK_FALSE(lost.error().surely_not_sent);
  CHECK(lost.error().sends == 1);
  // The server would see a hidden second send on a new connection before this one.
  REQUIRE(rig.send(get()).has_value());
  CHECK(rig.server.requests().size() == 3);
  CHECK(rig.server.requests()[1].connection == 1);
}

TEST_CASE("a delete without a body is never sent on a reused connection") {
  Rig rig(ok);
  REQUIRE(rig.send(get()).has_value());
  REQUIRE(rig.send({.method = "DELETE", .target = "/x"}).has_value());
  CHECK(rig.server.requests().back().connection == 2);
}

TEST_CASE("libcurl's own repeat of a GET on a dead connection is counted") {
  Rig rig([](const SeenRequest& request) {
    return request.connection == 1 && request.head.contains("second")
               ? ServerAnswer{.bytes = "", .close = true}
               : ok(request);
  });
  REQUIRE(rig.send(get()).has_value());
  const auto reply = rig.send(get("/second"));
  REQUIRE(reply.has_value());
  CHECK(rig.server.requests().size() == 3);
  CHECK(reply->sends == 2);
}

TEST_CASE("a reset after the request leaves it unknown whether it was applied") {
  Rig rig([](const SeenRequest&) { return ServerAnswer{.bytes = "", .reset = true}; });
  const auto lost = rig.send(post());
  REQUIRE_FALSE(lost.has_value());
  CHECK_FALSE(lost.error().surely_not_sent);
  CHECK_FALSE(lost.error().message.contains("canary"));
}

TEST_CASE("an answer cut short is a failure") {
  Rig rig([](const SeenRequest&) {
    return ServerAnswer{
        .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"results\":", .close = true
    };
  });
  const auto lost = rig.send(post());
  REQUIRE_FALSE(lost.has_value());
  CHECK_FALSE(lost.error().surely_not_sent);
}

TEST_CASE("a refused connection surely sent nothing") {
  Rig rig(ok);
  rig.server.close();
  const auto lost = rig.send(post());
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error().surely_not_sent);
  CHECK(lost.error().sends == 0);
}

TEST_CASE("a silent server runs into the request time-out, and the request may have been applied") {
  Rig rig(
      [](const SeenRequest&) { return ServerAnswer{.bytes = "", .silent = true}; }, {.request_timeout = 100ms}
  );
  const auto lost = rig.send(post());
  REQUIRE_FALSE(lost.has_value());
  CHECK_FALSE(lost.error().surely_not_sent);
}

TEST_CASE("an answer that trickles is given up long before the request time-out") {
  CurlOptions options;
  options.low_speed_time = 1s;
  options.request_timeout = 60s;
  Rig rig(
      [](const SeenRequest&) {
        return ServerAnswer{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", .silent = true};
      },
      options
  );
  const auto lost = rig.send(get());
  REQUIRE_FALSE(lost.has_value());
}

TEST_CASE("an answer over the limit is refused, with or without a length") {
  const std::string large(5000, 'x');
  for (const bool with_length : {true, false}) {
    CAPTURE(with_length);
    Rig rig(
        [&](const SeenRequest&) {
          return with_length ? ServerAnswer{.bytes = http_answer(200, large)}
                             : ServerAnswer{.bytes = "HTTP/1.1 200 OK\r\n\r\n" + large, .close = true};
        },
        {.max_reply = 4000}
    );
    const auto lost = rig.send(get());
    REQUIRE_FALSE(lost.has_value());
    CHECK(lost.error().message.contains("over the limit"));
    CHECK_FALSE(lost.error().surely_not_sent);
  }
}

TEST_CASE("a redirect is handed back and not followed") {
  Rig rig([](const SeenRequest&) {
    return ServerAnswer{.bytes = http_answer(302, "", "Location: http://127.0.0.1:1/elsewhere\r\n")};
  });
  const auto reply = rig.send(get());
  REQUIRE(reply.has_value());
  CHECK(reply->status == 302);
  CHECK(rig.server.requests().size() == 1);
}

TEST_CASE("an interim answer leaves no headers behind") {
  Rig rig([](const SeenRequest&) {
    return ServerAnswer{.bytes = "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" + http_answer(200, "{}")};
  });
  const auto reply = rig.send(get());
  REQUIRE(reply.has_value());
  CHECK(reply->status == 200);
  CHECK_FALSE(reply->headers.contains("x-early"));
}

TEST_CASE("a cancelled send ends at once and leaves the transport usable") {
  Rig rig([](const SeenRequest& request) {
    return request.head.starts_with("POST") ? ServerAnswer{.bytes = "", .silent = true} : ok(request);
  });
  asio::cancellation_signal cancel;
  bool ended = false;
  asio::co_spawn(
      rig.io,
      rig.transport->send(post()),
      asio::bind_cancellation_slot(
          cancel.slot(),
          [&](std::exception_ptr, SendResult result) {
            ended = true;
            CHECK_FALSE(result.has_value());
          }
      )
  );
  while (rig.server.requests().empty()) {
    rig.io.run_one();
  }
  CHECK_FALSE(ended);
  cancel.emit(asio::cancellation_type::terminal);
  rig.io.poll();
  CHECK(ended);
  CHECK(rig.send(get()).has_value());
}

TEST_CASE("a transport destroyed with transfers in flight ends each with a failure") {
  Rig rig([](const SeenRequest&) { return ServerAnswer{.bytes = "", .silent = true}; });
  std::vector<std::optional<SendResult>> results(5);
  for (auto& result : results) {
    rig.start(post(), result);
  }
  while (rig.server.requests().size() < results.size()) {
    rig.io.run_one();
  }
  rig.transport.reset();
  for (const auto& result : results) {
    rig.wait_for(result);
    REQUIRE_FALSE(result->has_value());
    CHECK_FALSE(result->error().surely_not_sent);
  }
}

TEST_CASE("a loop abandoned with transfers in flight is torn down cleanly") {
  std::optional<SendResult> result;
  {
    Rig rig([](const SeenRequest&) { return ServerAnswer{.bytes = "", .silent = true}; });
    rig.start(post(), result);
    while (rig.server.requests().empty()) {
      rig.io.run_one();
    }
  }
  CHECK_FALSE(result.has_value());
}

TEST_CASE("two hundred transfers at once all end, over no more connections than allowed") {
  Rig rig(ok, {.connections = 8});
  std::vector<std::optional<SendResult>> results(200);
  for (std::size_t i = 0; i < results.size(); ++i) {
    rig.start(i % 2 == 0 ? get() : post(), results[i]);
  }
  for (const auto& result : results) {
    rig.wait_for(result);
    CHECK(result->has_value());
  }
  CHECK(rig.server.requests().size() == 200);
  CHECK(rig.server.connections() <= 8);
}

TEST_CASE("the base URL must be https, or http on loopback, and nothing more than a base") {
  asio::io_context io{1};
  const FixedToken token;
  for (const char* url :
       {"http://api.hubapi.com",
        "ftp://127.0.0.1",
        "",
        "https://user:secret@api.hubapi.com",
        "https://a.example/?x=1",
        "http://127.evil.example"}) {
    CAPTURE(url);
    CHECK_THROWS_AS(CurlTransport(io.get_executor(), {.base_url = url}, token), std::invalid_argument);
  }
  for (const char* url :
       {"https://api.hubapi.com", "http://localhost:1", "http://[::1]:1", "http://127.0.0.1:1"}) {
    CAPTURE(url);
    CHECK_NOTHROW(CurlTransport(io.get_executor(), {.base_url = url}, token));
  }
  CHECK_THROWS_AS(
      CurlTransport(io.get_executor(), {.base_url = "https://a.example", .ca_file = "/nonexistent"}, token),
      std::invalid_argument
  );
}
