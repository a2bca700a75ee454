#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>

#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include "daemon/http/error.hpp"
#include "daemon/http/server.hpp"
#include "tests/unit/daemon/http/live.hpp"

using namespace hubsync;
using namespace hubsync::http;
using namespace hubsync::http::live;
using namespace std::chrono_literals;

namespace {

boost::asio::awaitable<Response> respond(Request request) {
  if (request.path == "/throw") {
    throw std::runtime_error("the password is hunter2");
  }
  if (request.path == "/inject") {
    co_return Response{.headers = {{"Location", "/x\r\nSet-Cookie: a=b"}}};
  }
  if (request.path == "/empty") {
    co_return Response{.status = 204};
  }
  std::string text = request.method + " " + request.path;
  for (const auto& [name, value] : request.query) {
    text += " " + name + "=" + value;
  }
  co_return Response{.content_type = "text/plain", .body = text + " [" + request.body + "]"};
}

Service open_service() {
  return Service{.handler = respond, .access = Access::open};
}

std::string get(const std::string& target, const std::string& fields = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

std::string post(const std::string& text) {
  return "POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(text.size()) +
         "\r\n\r\n" + text;
}

std::string chunked(const std::string& chunks) {
  return "POST /p HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

}  // namespace

TEST_CASE("one connection carries many requests, over Unix and over TCP") {
  LiveServer server(open_service());
  Client clients[] = {server.unix_client(), server.tcp_client()};
  for (Client& client : clients) {
    for (int i = 0; i < 3; ++i) {
      client.send(get("/a%20b?c=d+e"));
      const std::string response = client.response();
      CHECK(status(response) == 200);
      CHECK(body(response) == "GET /a b c=d e []");
      CHECK(response.find("Content-Type: text/plain\r\n") != std::string::npos);
    }
    client.send(post("hello"));
    CHECK(body(client.response()) == "POST /p [hello]");
  }
}

TEST_CASE("a request that arrives byte by byte is the same request") {
  LiveServer server(open_service());
  Client client = server.tcp_client();
  for (const char byte : post("slow") + chunked("2\r\nab\r\n0\r\n\r\n")) {
    client.send({&byte, 1});
  }
  CHECK(body(client.response()) == "POST /p [slow]");
  CHECK(body(client.response()) == "POST /p [ab]");
}

TEST_CASE("pipelined requests are answered in order, and garbage after them ends the connection") {
  LiveServer server(open_service());
  Client client = server.unix_client();
  client.send(get("/1") + post("two") + get("/3") + "\x16\x03\x01 garbage\r\n\r\n" + get("/never"));
  CHECK(body(client.response()) == "GET /1 []");
  CHECK(body(client.response()) == "POST /p [two]");
  CHECK(body(client.response()) == "GET /3 []");
  const std::string refusal = client.response();
  CHECK(status(refusal) == 400);
  CHECK(refusal.find("Connection: close\r\n") != std::string::npos);
  CHECK(client.closed());
}

TEST_CASE("a smuggled second request is never served") {
  LiveServer server(open_service());
  for (const char* coding : {"xchunked", "identity", "chunked, identity"}) {
    CAPTURE(coding);
    Client client = server.tcp_client();
    client.send(
        "POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: " + std::string(coding) + "\r\n\r\n" +
        get("/smuggled")
    );
    CHECK(status(client.response()) == 400);
    CHECK(client.closed());
  }
}

TEST_CASE("close and HTTP/1.0 end the connection after the answer") {
  LiveServer server(open_service());
  for (const std::string& request :
       {get("/a", "Connection: close\r\n"), std::string("GET /a HTTP/1.0\r\nHost: h\r\n\r\n")}) {
    Client client = server.unix_client();
    client.send(request + get("/never"));
    CHECK(body(client.response()) == "GET /a []");
    CHECK(client.closed());
  }
}

TEST_CASE("HEAD is answered like GET, without the body") {
  LiveServer server(open_service());
  Client client = server.unix_client();
  client.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/empty") + get("/b"));
  const std::string head = client.response(false);
  CHECK(status(head) == 200);
  CHECK(head.find("Content-Length: 9\r\n") != std::string::npos);
  const std::string empty = client.response();
  CHECK(status(empty) == 204);
  CHECK(empty.find("Content-Length") == std::string::npos);
  CHECK(body(client.response()) == "GET /b []");
}

TEST_CASE("chunked bodies are put together; trailers and broken chunks are refused") {
  LiveServer server(open_service());
  Client client = server.tcp_client();
  client.send(chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  CHECK(body(client.response()) == "POST /p [abcde]");
  for (const char* chunks :
       {"1\r\na\r\n0\r\nHost: other\r\n\r\n", "zz\r\n", "-1\r\n", "1\r\nabc\r\n0\r\n\r\n"}) {
    CAPTURE(chunks);
    Client broken = server.tcp_client();
    broken.send(chunked(chunks));
    CHECK(status(broken.response()) == 400);
    CHECK(broken.closed());
  }
}

TEST_CASE("heads and bodies over the limit are refused in a way the client gets to see") {
  LiveServer server(open_service(), Limits{.header_bytes = 1024, .body_bytes = 1000});
  Client exact = server.unix_client();
  exact.send(post(std::string(1000, 'x')));
  CHECK(status(exact.response()) == 200);

  Client head = server.unix_client();
  head.send(get("/", "X: " + std::string(2000, 'x') + "\r\n"));
  CHECK(status(head.response()) == 431);
  CHECK(head.closed());

  Client endless = server.unix_client();
  endless.send(std::string(5000, 'x'));
  CHECK(status(endless.response()) == 431);

  Client announced = server.tcp_client();
  announced.send(post(std::string(20 * 1024 * 1024, 'x')));
  const std::string refusal = announced.response();
  CHECK(status(refusal) == 413);
  CHECK(body(refusal).starts_with(
      R"({"error":{"code":"too_large","message":"the body is over the limit of 1000 bytes",)"
  ));
  CHECK(announced.closed());

  Client unannounced = server.unix_client();
  unannounced.send(chunked("3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\ny\r\n0\r\n\r\n"));
  CHECK(status(unannounced.response()) == 413);
  CHECK(unannounced.closed());
}

TEST_CASE("a client that asks before it sends is told that the body is too large, or to send it at once") {
  LiveServer server(open_service(), Limits{.body_bytes = 1000});
  const auto asking = [](const char* length) {
    return std::string("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ") +
           length + "\r\n\r\n";
  };
  Client small = server.unix_client();
  small.send(asking("3"));
  CHECK(status(small.response()) == 417);
  CHECK(small.closed());

  Client large = server.unix_client();
  large.send(asking("1001"));
  CHECK(status(large.response()) == 413);
  CHECK(large.closed());
}

TEST_CASE("a client that is slow with its head, its body or its next request is disconnected") {
  std::atomic<int> too_slow{0};
  Service service = open_service();
  service.on_refused = [&too_slow](const Peer&, int code) { too_slow += code == 408 ? 1 : 0; };
  LiveServer server(service, Limits{.idle_time = 50ms, .header_time = 50ms, .request_time = 100ms});
  Client head = server.unix_client();
  head.send("GET / HTTP/1.1\r\nHost:");
  CHECK(head.closed());
  CHECK(server.becomes(0));
  CHECK(too_slow == 1);

  Client text = server.tcp_client();
  text.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
  CHECK(text.closed());
  CHECK(server.becomes(0));
  CHECK(too_slow == 2);

  Client silent = server.tcp_client();
  CHECK(silent.closed());

  Client idle = server.unix_client();
  idle.send(get("/"));
  CHECK(status(idle.response()) == 200);
  CHECK(idle.closed());
  CHECK(server.becomes(0));
  CHECK(too_slow == 2);
}

TEST_CASE("a handler's exception becomes a 500 whose id is in the report, and the connection lives on") {
  std::promise<Failure> reported;
  Service service = open_service();
  service.on_failure = [&](const Failure& failure) { reported.set_value(failure); };
  LiveServer server(service);
  Client client = server.unix_client();
  client.send(get("/throw") + get("/after"));
  const std::string response = client.response();
  const Failure failure = reported.get_future().get();
  CHECK(status(response) == 500);
  CHECK(failure.id.size() == 16);
  CHECK(response.find(failure.id) != std::string::npos);
  CHECK(response.find("hunter2") == std::string::npos);
  CHECK(failure.what == "the password is hunter2");
  CHECK(failure.path == "/throw");
  CHECK(body(client.response()) == "GET /after []");
}

TEST_CASE("a handler cannot be made to split its answer") {
  LiveServer server(open_service());
  Client client = server.unix_client();
  client.send(get("/inject"));
  const std::string response = client.response();
  CHECK(status(response) == 500);
  CHECK(response.find("Set-Cookie") == std::string::npos);
}

TEST_CASE("the control API wants a token over TCP, none over Unix, and no browser on either") {
  Service service{.handler = respond, .access = Access::control, .tcp_token = "t0ken"};
  LiveServer server(service);
  Client local = server.unix_client();
  local.send(get("/a"));
  CHECK(status(local.response()) == 200);
  local.send(get("/a", "Origin: https://evil.example\r\n"));
  CHECK(status(local.response()) == 403);

  Client without = server.tcp_client();
  without.send(get("/a"));
  const std::string refusal = without.response();
  CHECK(status(refusal) == 401);
  CHECK(refusal.find("WWW-Authenticate: Bearer\r\n") != std::string::npos);
  CHECK(without.closed());

  Client with = server.tcp_client();
  with.send(get("/a", "Authorization: Bearer t0ken\r\n"));
  CHECK(status(with.response()) == 200);
  with.send(get("/a", "Authorization: Bearer t0kem\r\n"));
  CHECK(status(with.response()) == 401);
}

TEST_CASE("a control API without a token serves nobody over TCP") {
  LiveServer server(Service{.handler = respond});
  Client client = server.tcp_client();
  client.send(get("/a", "Authorization: Bearer \r\n"));
  CHECK(status(client.response()) == 401);
}

TEST_CASE("error bodies are the service's to write, and refusals are counted") {
  std::promise<int> refused;
  Service service = open_service();
  service.render_error = [](int code, const Error&) { return Response{.status = code}; };
  service.on_refused = [&](const Peer&, int code) { refused.set_value(code); };
  LiveServer server(service);
  Client client = server.tcp_client();
  client.send("get / HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string response = client.response();
  CHECK(status(response) == 400);
  CHECK(body(response).empty());
  CHECK(refused.get_future().get() == 400);
}

TEST_CASE("the handler is told who calls") {
  std::promise<Peer> caller;
  Service service = open_service();
  service.handler = [&](Request request) {
    caller.set_value(request.peer);
    return respond(std::move(request));
  };
  LiveServer server(service);
  SUBCASE("over Unix: user, group and process") {
    Client client = server.unix_client();
    client.send(get("/"));
    CHECK(status(client.response()) == 200);
    const Peer peer = caller.get_future().get();
    CHECK(peer.kind == Peer::Kind::unix_socket);
    CHECK(peer.uid == ::getuid());
    CHECK(peer.gid == ::getgid());
    CHECK(peer.pid == ::getpid());
    CHECK(peer.groups.size() == static_cast<std::size_t>(::getgroups(0, nullptr)));
  }
  SUBCASE("over TCP: addresses") {
    Client client = server.tcp_client();
    client.send(get("/"));
    CHECK(status(client.response()) == 200);
    const Peer peer = caller.get_future().get();
    CHECK(peer.kind == Peer::Kind::tcp);
    CHECK_FALSE(peer.uid);
    CHECK(peer.address == "127.0.0.1");
    CHECK(peer.local_address == "127.0.0.1");
  }
}

TEST_CASE("an upgrade is refused unless claimed, and a claim gets the socket and every byte after the head") {
  const std::string request = get("/api/events", "Connection: Upgrade\r\nUpgrade: websocket\r\n");
  Service service = open_service();
  SUBCASE("nobody claims") {
    LiveServer server(service);
    Client client = server.unix_client();
    client.send(request);
    CHECK(status(client.response()) == 400);
    CHECK(client.closed());
  }
  SUBCASE("the claim declines") {
    service.upgrade = [](const Request&) -> std::variant<Response, UpgradeHandler> {
      return Response{.status = 404};
    };
    LiveServer server(service);
    Client client = server.unix_client();
    client.send(request);
    CHECK(status(client.response()) == 404);
    CHECK(client.closed());
  }
  SUBCASE("the claim takes over") {
    service.upgrade = [](const Request& asked) -> std::variant<Response, UpgradeHandler> {
      CHECK(asked.path == "/api/events");
      return UpgradeHandler([](Upgraded upgraded) -> boost::asio::awaitable<void> {
        co_await upgraded.socket.async_send(boost::asio::buffer(upgraded.unread), boost::asio::use_awaitable);
        char more[64];
        const std::size_t bytes =
            co_await upgraded.socket.async_receive(boost::asio::buffer(more), boost::asio::use_awaitable);
        co_await upgraded.socket.async_send(boost::asio::buffer(more, bytes), boost::asio::use_awaitable);
      });
    };
    LiveServer server(service);
    Client client = server.unix_client();
    client.send(request + "early");
    CHECK(client.bytes(5) == "early");
    client.send("later");
    CHECK(client.bytes(5) == "later");
    CHECK(client.closed());
  }
}
