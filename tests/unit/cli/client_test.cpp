#include "cli/client.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include <doctest/doctest.h>

#include "tests/unit/cli/fake_daemon.hpp"

namespace hubsync::cli {
namespace {

std::string only_target(const FakeDaemon& daemon) {
  REQUIRE(daemon.requests.size() == 1);
  return daemon.requests.front().method + " " + daemon.requests.front().target;
}

/// A Unix socket in a directory of its own that takes one connection, keeps what it read and answers with
/// `reply`.
class OneAnswer {
 public:
  explicit OneAnswer(std::string reply) : reply_(std::move(reply)) {
    std::string name = std::filesystem::temp_directory_path() / "hubsync-test-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_, 1) == 0);
    thread_ = std::thread{[this] { serve(); }};
  }

  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  ~OneAnswer() {
    join();
    ::close(listener_);
    std::filesystem::remove_all(folder_);
  }

  void join() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  [[nodiscard]] std::string path() const { return folder_ / "d.sock"; }
  [[nodiscard]] const std::string& request() const { return request_; }

 private:
  void serve() {
    const int peer = ::accept(listener_, nullptr, nullptr);
    std::array<char, 4096> buffer{};
    while (!request_.ends_with("}") && !request_.ends_with("\r\n\r\n")) {
      const ssize_t got = ::read(peer, buffer.data(), buffer.size());
      if (got <= 0) {
        break;
      }
      request_.append(buffer.data(), static_cast<std::size_t>(got));
    }
    static_cast<void>(::write(peer, reply_.data(), reply_.size()));
    ::close(peer);
  }

  std::string reply_;
  std::filesystem::path folder_;
  int listener_ = -1;
  std::thread thread_;
  std::string request_;
};

std::string http(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("an id or a search text cannot change the request") {
  FakeDaemon daemon;
  Client client{daemon};
  static_cast<void>(client.record("contacts", "../sync/status?x=1 #"));
  CHECK(only_target(daemon) == "GET /api/contacts/..%2Fsync%2Fstatus%3Fx%3D1%20%23");
  daemon.requests.clear();
  static_cast<void>(
      client.records("companies", {.search = "a&limit=9 é", .status = "error", .deleted = true}, 2)
  );
  CHECK(
      only_target(daemon) ==
      "GET /api/companies?limit=50&search=a%26limit%3D9%20%C3%A9&syncStatus=error&deleted=true&page=2"
  );
}

TEST_CASE("a walk begins with an empty after") {
  FakeDaemon daemon;
  Client client{daemon};
  static_cast<void>(client.walk("contacts", {.limit = 500}, ""));
  CHECK(only_target(daemon) == "GET /api/contacts?limit=500&after=");
}

TEST_CASE("each kind of error has its exit code") {
  CHECK(exit_code_of(ErrorCode::not_found) == ExitCode::not_found);
  CHECK(exit_code_of(ErrorCode::stale) == ExitCode::stale);
  CHECK(exit_code_of(ErrorCode::refused) == ExitCode::refused);
  CHECK(exit_code_of(ErrorCode::guarded) == ExitCode::guarded);
  for (const ErrorCode code :
       {ErrorCode::invalid,
        ErrorCode::conflict,
        ErrorCode::forbidden,
        ErrorCode::unavailable,
        ErrorCode::internal}) {
    CHECK(exit_code_of(code) == ExitCode::failed);
  }
}

TEST_CASE("the daemon's error comes through, and a status without one still means something") {
  FakeDaemon daemon;
  Client client{daemon};
  daemon.refuse("GET /api/contacts/1", 412, {ErrorCode::stale, "version 3 is current", "read it again", ""});
  const auto stale = client.record("contacts", "1");
  REQUIRE_FALSE(stale);
  CHECK(stale.error().error.hint == "read it again");
  CHECK(stale.error().exit == ExitCode::stale);
  daemon.answer("GET /api/contacts/2", "<html>gone</html>", 404);
  CHECK(client.record("contacts", "2").error().exit == ExitCode::not_found);
}

TEST_CASE("a type that the daemon does not know is a wrong use") {
  FakeDaemon daemon;
  Client client{daemon};
  daemon.refuse(
      "POST /api/sync/trigger",
      400,
      {ErrorCode::invalid, "there is no such record type", "one of companies, contacts", "types"}
  );
  CHECK(client.trigger({.types = {"deals"}}).error().exit == ExitCode::usage);
}

TEST_CASE("an answer that is not understood is a failure with a hint") {
  FakeDaemon daemon;
  Client client{daemon};
  daemon.answer("GET /api/sync/status", R"({"uptimeSeconds":"long"})");
  const auto status = client.status();
  REQUIRE_FALSE(status);
  CHECK(status.error().exit == ExitCode::failed);
  CHECK(status.error().error.hint.contains("version"));
}

TEST_CASE("a request goes over the socket as HTTP and its answer comes back") {
  OneAnswer server{http(200, api::encode(contact("1", "Ada", "a@b.c")))};
  const auto transport = unix_socket_transport(server.path());
  Client client{*transport};
  const auto answer = client.update("contacts", "1", R"({"phone":null})", 3);
  server.join();
  REQUIRE(answer);
  CHECK(answer->value.id == "1");
  CHECK(answer->value.type == "contacts");
  CHECK(server.request().starts_with("PUT /api/contacts/1 HTTP/1.1\r\nHost: localhost\r\n"));
  CHECK(server.request().contains("If-Match: \"3\"\r\n"));
  CHECK(server.request().contains("Content-Type: application/json\r\n"));
  CHECK(server.request().contains("\r\nIdempotency-Key: "));
  CHECK_FALSE(server.request().contains("Expect"));
  CHECK(server.request().ends_with("\r\n\r\n{\"phone\":null}"));
}

TEST_CASE("a socket that nobody listens on is unreachable, and so is a connection that breaks") {
  const auto nowhere = unix_socket_transport("/nonexistent/hubsyncd.sock");
  const auto reply = nowhere->send({.target = "/healthz"});
  REQUIRE_FALSE(reply);
  CHECK(reply.error().exit == ExitCode::unreachable);
  CHECK(reply.error().error.message.contains("/nonexistent/hubsyncd.sock"));
  CHECK(reply.error().error.hint.contains("hubsyncd"));
  OneAnswer silent{""};
  const auto broken =
      unix_socket_transport(silent.path())->send({.method = "POST", .target = "/x", .body = "{}"});
  REQUIRE_FALSE(broken);
  CHECK(broken.error().exit == ExitCode::unreachable);
  CHECK(broken.error().answer_lost);
  CHECK_FALSE(reply.error().answer_lost);
}

TEST_CASE("a command whose answer was lost is sent once more, under the same key") {
  FakeDaemon daemon;
  Client client{daemon};
  daemon.answer("DELETE /api/contacts/1", api::encode(contact("1", "Ada", "a@b.c")));
  daemon.answer("GET /api/contacts/1", api::encode(contact("1", "Ada", "a@b.c")));
  daemon.lose_answers(1);
  REQUIRE(client.remove("contacts", "1", {}));
  REQUIRE(daemon.requests.size() == 2);
  CHECK(daemon.requests[0].key.size() == 32);
  CHECK(daemon.requests[1].key == daemon.requests[0].key);

  daemon.lose_answers(2);
  const auto lost = client.remove("contacts", "1", {});
  REQUIRE_FALSE(lost);
  CHECK(lost.error().answer_lost);
  CHECK(daemon.requests.size() == 4);
  CHECK(daemon.requests[2].key != daemon.requests[0].key);

  daemon.lose_answers(1);
  CHECK_FALSE(client.record("contacts", "1"));
  CHECK(daemon.requests.back().key.empty());
  CHECK(daemon.requests.size() == 5);
}

}  // namespace hubsync::cli
