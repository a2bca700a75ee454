// What the service manager sees of the daemon and gives it: notifications, the watchdog, sockets, the unit
// files.
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string units = HUBSYNC_SOURCE_DIR "/systemd";

/// The manager's end of the notification protocol: a datagram each.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
  }
  ~NotifySocket() { ::close(fd_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  /// Everything said so far, a line for each assignment.
  const std::string& heard() {
    char buffer[4096];
    ssize_t size = 0;
    while ((size = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
      heard_.append(buffer, static_cast<std::size_t>(size)).append("\n");
    }
    return heard_;
  }

 private:
  int fd_;
  std::string heard_;
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

bool installed(const std::string& path) {
  if (!std::filesystem::exists(path)) {
    MESSAGE("not checked: there is no " << path);
    return false;
  }
  return true;
}

}  // namespace

TEST_CASE("the service manager is told of the start, the state, the reload, the stop, and that the loop turns"
) {
  Rig rig{{.token = "pat-na1-wrong"}};
  NotifySocket manager{rig.directory() / "notify"};
  const auto daemon = rig.launch_daemon(
      {"--config", rig.config_file()},
      {{"NOTIFY_SOCKET", rig.directory() / "notify"}, {"WATCHDOG_USEC", "200000"}}
  );
  const auto hears = [&](const std::string& part, std::size_t times = 1) {
    return daemon->wait_until([&] { return count(manager.heard(), part) >= times; });
  };
  REQUIRE(hears("READY=1"));
  CHECK(hears("STATUS=degraded: HubSpot answered 401"));
  // Half of 200 ms between two: a loop that hangs is found.
  CHECK(hears("WATCHDOG=1", 5));
  write_file(rig.directory() / "token", "pat-na1-sim\n");
  daemon->signal(SIGHUP);
  REQUIRE(hears("RELOADING=1"));
  CHECK(hears("MONOTONIC_USEC="));
  CHECK(hears("READY=1", 2));
  CHECK(hears("STATUS=idle"));
  daemon->signal(SIGTERM);
  REQUIRE(daemon->wait());
  CHECK(contains(manager.heard(), "STOPPING=1"));
}

TEST_CASE("a reload that is refused ends too, for the service manager") {
  Rig rig;
  NotifySocket manager{rig.directory() / "notify"};
  const auto daemon =
      rig.launch_daemon({"--config", rig.config_file()}, {{"NOTIFY_SOCKET", rig.directory() / "notify"}});
  const auto hears = [&](const std::string& part, std::size_t times = 1) {
    return daemon->wait_until([&] { return count(manager.heard(), part) >= times; });
  };
  REQUIRE(hears("READY=1"));
  rig.configure({{"sync", {{"concurrency", "0"}}}});
  daemon->signal(SIGHUP);
  REQUIRE(hears("RELOADING=1"));
  CHECK(hears("READY=1", 2));
  CHECK(contains(daemon->errors(), "sync.concurrency"));
}

TEST_CASE("sockets that the service manager opened are used, and their files are left to it") {
  const std::string activate = "/usr/bin/systemd-socket-activate";
  if (!installed(activate)) {
    return;
  }
  Rig rig;
  write_file(rig.directory() / "webhook-secret", "a-secret-for-webhooks\n");
  // The addresses of the configuration are not used: this one could not even be bound.
  rig.configure({
      {"control", {{"socket", "\"/proc/nowhere.sock\""}}},
      {"webhooks", {{"listen", "\"\""}, {"secret_file", "\"" + (rig.directory() / "webhook-secret") + "\""}}},
  });
  const std::string webhooks = rig.directory() / "webhooks.sock";
  Process daemon{
      rig.directory() / "activated",
      {.words =
           {activate,
            "-l",
            rig.socket(),
            "-l",
            webhooks,
            "--fdname=control:webhooks",
            program("hubsyncd"),
            "--config",
            rig.config_file()}}
  };
  REQUIRE(daemon.wait_until([&] { return std::filesystem::exists(webhooks); }));
  // The first connection starts it.
  REQUIRE(daemon.wait_until([&] { return rig.api("GET", "/healthz").status == 200; }));
  CHECK(rig.get("/api/sync/status").at("webhooks").at("listening") == true);
  CHECK(send({webhooks}, {.target = "/api/webhooks/hubspot"}).status == 200);
  CHECK(send({webhooks}, {.target = "/api/sync/status"}).status == 404);
  daemon.signal(SIGTERM);
  REQUIRE(daemon.wait());
  CHECK(*daemon.wait() == 0);
  CHECK(std::filesystem::exists(rig.socket()));
}

TEST_CASE("a socket with an unknown name is refused, since nobody would accept on it") {
  const std::string activate = "/usr/bin/systemd-socket-activate";
  if (!installed(activate)) {
    return;
  }
  Rig rig;
  const std::string other = rig.directory() / "other.sock";
  Process daemon{
      rig.directory() / "activated",
      {.words = {activate, "-l", other, "--fdname=other", program("hubsyncd"), "--config", rig.config_file()}}
  };
  REQUIRE(daemon.wait_until([&] { return std::filesystem::exists(other); }));
  static_cast<void>(send({other}, {.target = "/healthz"}));
  REQUIRE(daemon.wait());
  CHECK(*daemon.wait() == 2);
  CHECK(contains(daemon.errors(), "FileDescriptorName"));
}

TEST_CASE("the units are hardened to an exposure of 1.2 or less, and systemd takes them") {
  if (!installed("/usr/bin/systemd-analyze")) {
    return;
  }
  const TemporaryDirectory directory;
  for (const std::string unit : {"hubsyncd.service", "hubsyncd@.service"}) {
    CAPTURE(unit);
    // --threshold is in tenths and refuses what is above it.
    const Finished finished =
        run(directory / "analyze",
            {.words = {
                 "/usr/bin/systemd-analyze",
                 "security",
                 "--offline=true",
                 "--no-pager",
                 "--threshold=12",
                 units + "/" + unit
             }});
    CHECK_MESSAGE(finished.code == 0, (finished.out.substr(finished.out.rfind("Overall")) + finished.err));
  }
}
