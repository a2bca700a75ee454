#include "daemon/http/server.hpp"

#include <fcntl.h>
#include <sys/resource.h>

#include <chrono>
#include <ctime>
#include <deque>
#include <future>
#include <string>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

#include "tests/unit/daemon/http/live.hpp"

using namespace hubsync;
using namespace hubsync::http;
using namespace hubsync::http::live;
using namespace std::chrono_literals;

namespace {

const std::string request = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n";

boost::asio::awaitable<Response> respond(Request) {
  co_return Response{.body = "{}"};
}

Service simple_service() {
  return Service{.handler = respond, .access = Access::open};
}

/// A handler that says when it has begun and answers when told to.
struct Gate {
  std::promise<void> begun;
  boost::asio::steady_timer* held = nullptr;  ///< In the frame of pass(), which dies before the loop does.

  boost::asio::awaitable<Response> pass(Request) {
    boost::asio::steady_timer timer(
        co_await boost::asio::this_coro::executor, boost::asio::steady_timer::time_point::max()
    );
    held = &timer;
    begun.set_value();
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return Response{.body = "done"};
  }
  Service service() {
    return Service{
        .handler = [this](Request incoming) { return pass(std::move(incoming)); }, .access = Access::open
    };
  }
};

std::chrono::nanoseconds cpu_time() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

}  // namespace

TEST_CASE("a stop lets the running request finish, closes idle connections and removes the socket") {
  Gate gate;
  LiveServer server(gate.service());
  Client running = server.unix_client();
  running.send(request);
  gate.begun.get_future().get();
  Client idle = server.unix_client();
  REQUIRE(server.becomes(2));
  auto stopped = server.stopping(5s);
  CHECK(idle.closed());
  CHECK_FALSE(std::filesystem::exists(server.directory / "sock"));
  CHECK_FALSE(server.unix_client().connected());
  CHECK_FALSE(server.tcp_client().connected());
  CHECK(stopped.wait_for(0s) == std::future_status::timeout);

  boost::asio::post(server.io, [&gate] { gate.held->cancel(); });
  const std::string response = running.response();
  CHECK(status(response) == 200);
  CHECK(body(response) == "done");
  CHECK(response.find("Connection: close\r\n") != std::string::npos);
  CHECK(running.closed());
  stopped.get();
  CHECK(server.connections() == 0);
}

TEST_CASE("a stop cancels what does not finish within its grace") {
  Gate gate;
  bool failed = false;
  Service service = gate.service();
  service.on_failure = [&failed](const Failure&) { failed = true; };
  LiveServer server(service);
  Client client = server.tcp_client();
  client.send(request);
  gate.begun.get_future().get();
  server.stop(20ms);
  CHECK(server.connections() == 0);
  CHECK(client.closed());
  CHECK_FALSE(failed);
}

TEST_CASE("abandoning the loop in the middle of a request destroys everything without running it") {
  Gate gate;
  TempDir directory;
  auto io = std::make_unique<boost::asio::io_context>(1);
  auto server = std::make_unique<Server>(io->get_executor(), gate.service());
  server->serve(Listener::on_unix(io->get_executor(), directory / "sock").value());
  Client client(directory / "sock");
  client.send(request);
  auto begun = gate.begun.get_future();
  while (begun.wait_for(0s) != std::future_status::ready) {
    io->run_one_for(100ms);
  }
  server.reset();
  CHECK_FALSE(std::filesystem::exists(directory / "sock"));
  io.reset();
  CHECK(client.closed());
}

TEST_CASE("over the limit, connections wait in the queue and are served as others end") {
  LiveServer server(simple_service(), Limits{.connections = 2});
  std::deque<Client> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(server.unix_client());
    REQUIRE(clients.back().connected());
    clients.back().send(request);
  }
  for (int i = 0; i < 10; ++i) {
    CHECK(status(clients.front().response()) == 200);
    CHECK(server.connections() <= 2);
    clients.pop_front();
  }
}

TEST_CASE("one peer has its share of connections and is told so beyond it") {
  LiveServer server(simple_service(), Limits{.connections = 64, .connections_per_peer = 3});
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(server.tcp_client());
    clients.back().send(request);
    CHECK(status(clients.back().response()) == 200);
  }
  Client fourth = server.tcp_client();
  CHECK(status(fourth.response()) == 503);
  CHECK(fourth.closed());
  Client other_peer = server.unix_client();
  other_peer.send(request);
  CHECK(status(other_peer.response()) == 200);
  clients.clear();
  REQUIRE(server.becomes(1));
  Client fifth = server.tcp_client();
  fifth.send(request);
  CHECK(status(fifth.response()) == 200);
}

TEST_CASE("hundreds of connections come and go without one lost") {
  LiveServer server(simple_service(), Limits{.connections = 256, .connections_per_peer = 256});
  for (int round = 0; round < 3; ++round) {
    std::vector<Client> clients;
    for (int i = 0; i < 200; ++i) {
      clients.push_back(i % 2 == 0 ? server.unix_client() : server.tcp_client());
      clients.back().send(request);
    }
    int served = 0;
    for (Client& client : clients) {
      served += status(client.response()) == 200 ? 1 : 0;
    }
    CHECK(served == 200);
  }
  CHECK(server.becomes(0));
}

TEST_CASE("out of descriptors, accepting rests instead of spinning and goes on when some are free") {
  LiveServer server(simple_service());
  Client client = server.unix_client();
  client.send(request);
  CHECK(status(client.response()) == 200);

  // A client needs its own descriptor, so that is made first; then none is left for the server's side.
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  Client waiting = [&] {
    const int probe = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::close(probe);
    const rlimit tight{static_cast<rlim_t>(probe) + 1, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
    return server.unix_client();
  }();
  REQUIRE(waiting.connected());
  waiting.send(request);
  const auto begin = cpu_time();
  pollfd poll{-1, 0, 0};
  ::poll(&poll, 1, 250);
  const auto used = cpu_time() - begin;
  const bool answered = waiting.readable();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK_FALSE(answered);
  CHECK(used < 100ms);
  CHECK(status(waiting.response()) == 200);
}
