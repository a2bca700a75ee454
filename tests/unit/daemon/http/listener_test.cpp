#include "daemon/http/listener.hpp"

#include <fcntl.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "tests/unit/daemon/http/live.hpp"

using namespace hubsync;
using namespace hubsync::http;
using namespace hubsync::http::live;
namespace fs = std::filesystem;

namespace {

/// Leaves a socket file that nobody listens on, as a killed daemon does.
void leave_stale_socket(const fs::path& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.native().size() + 1);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  ::close(fd);
}

unsigned mode_of(const fs::path& path) {
  struct stat info{};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777U;
}

struct Fixture {
  TempDir directory;
  boost::asio::io_context io{1};

  Result<Listener> listen(const fs::path& path) { return Listener::on_unix(io.get_executor(), path); }
};

}  // namespace

TEST_CASE_FIXTURE(
    Fixture, "a Unix listener makes its directory and a socket of mode 0660, and takes its file along"
) {
  for (const mode_t mask : {0000U, 0022U, 0077U}) {
    const fs::path path = fs::path{directory / std::to_string(mask).c_str()} / "b/sock";
    const mode_t before = ::umask(mask);
    auto listener = listen(path);
    ::umask(before);
    REQUIRE(listener);
    CHECK(mode_of(path) == 0660);
    CHECK(mode_of(path.parent_path()) == 0750);
    CHECK(listener->kind() == Peer::Kind::unix_socket);
    CHECK(listener->name() == "unix:" + path.string());
    CHECK(Client(path).connected());
    listener->close();
    CHECK_FALSE(fs::exists(path));
  }
}

TEST_CASE_FIXTURE(Fixture, "a stale socket is replaced") {
  leave_stale_socket(directory / "sock");
  CHECK_FALSE(Client(directory / "sock").connected());
  const auto listener = listen(directory / "sock");
  REQUIRE(listener);
  CHECK(Client(directory / "sock").connected());
}

TEST_CASE_FIXTURE(Fixture, "a socket that answers is left alone, even with its backlog full") {
  const auto first = listen(directory / "sock");
  REQUIRE(first);
  const auto second = listen(directory / "sock");
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::unavailable);
  CHECK(second.error().message == "another daemon answers on " + (directory / "sock").string());
  CHECK(Client(directory / "sock").connected());
}

TEST_CASE_FIXTURE(Fixture, "a symbolic link or another file in the way is refused and left alone") {
  leave_stale_socket(directory / "target");
  fs::create_symlink(directory / "target", directory / "link");
  CHECK_FALSE(listen(directory / "link"));
  CHECK(fs::is_symlink(directory / "link"));
  fs::create_symlink(directory / "nowhere", directory / "dangling");
  CHECK_FALSE(listen(directory / "dangling"));
  CHECK_FALSE(fs::exists(directory / "nowhere"));
  std::ofstream(directory / "file") << "x";
  CHECK_FALSE(listen(directory / "file"));
  CHECK(fs::file_size(directory / "file") == 1);
}

TEST_CASE_FIXTURE(Fixture, "a directory that anyone may write to is refused, unless it is sticky") {
  ::chmod(directory.path().c_str(), 0777);
  const auto refused = listen(directory / "sock");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().hint.starts_with("chmod o-w"));
  ::chmod(directory.path().c_str(), 01777);
  CHECK(listen(directory / "sock"));
}

TEST_CASE_FIXTURE(Fixture, "closing removes only the file that this listener made") {
  auto first = listen(directory / "sock");
  REQUIRE(first);
  fs::remove(directory / "sock");
  auto second = listen(directory / "sock");
  REQUIRE(second);
  first->close();
  CHECK(Client(directory / "sock").connected());
  Listener moved = std::move(*second);
  second->close();
  CHECK(Client(directory / "sock").connected());
}

TEST_CASE_FIXTURE(Fixture, "a path that does not fit into a socket address is refused") {
  CHECK_FALSE(listen(directory / std::string(120, 'x').c_str()));
  CHECK_FALSE(listen(""));
}

TEST_CASE_FIXTURE(Fixture, "TCP listens on numeric addresses and reports the port it got") {
  for (const char* address : {"127.0.0.1:0", "localhost:0", "[::1]:0"}) {
    CAPTURE(address);
    const auto listener = Listener::on_tcp(io.get_executor(), address);
    if (!listener && std::string(address).starts_with('[')) {
      continue;  // A machine without IPv6.
    }
    REQUIRE(listener);
    CHECK(listener->port() != 0);
    CHECK(listener->kind() == Peer::Kind::tcp);
    CHECK(listener->name().ends_with(":" + std::to_string(listener->port())));
  }
  for (const char* address :
       {"",
        ":0",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:1x",
        "example.com:80",
        "::1:80",
        "[::1]",
        "127.1:80"}) {
    CAPTURE(address);
    const auto listener = Listener::on_tcp(io.get_executor(), address);
    REQUIRE_FALSE(listener);
    CHECK(listener.error().code == ErrorCode::invalid);
  }
}

TEST_CASE_FIXTURE(Fixture, "a port in use is an error with a hint") {
  const auto first = Listener::on_tcp(io.get_executor(), "127.0.0.1:0");
  REQUIRE(first);
  const auto second = Listener::on_tcp(io.get_executor(), first->name());
  REQUIRE_FALSE(second);
  CHECK(second.error().hint == "another program has this port; choose another");
}

TEST_CASE_FIXTURE(
    Fixture, "an inherited descriptor is used when it listens, and its file is left to its owner"
) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, (directory / "sock").c_str());
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  CHECK_FALSE(Listener::inherited(io.get_executor(), fd));
  REQUIRE(::listen(fd, 8) == 0);
  auto listener = Listener::inherited(io.get_executor(), fd);
  REQUIRE(listener);
  CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  CHECK(listener->name() == "unix:" + (directory / "sock").string());
  listener->close();
  CHECK(fs::exists(directory / "sock"));
  CHECK_FALSE(Listener::inherited(io.get_executor(), -1));
}
