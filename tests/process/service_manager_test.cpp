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

/// What is sent to a datagram socket: the manager's end of the notification protocol, or the journal's.
class DatagramSocket {
 public:
  explicit DatagramSocket(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
  }
  ~DatagramSocket() { ::close(fd_); }
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;

  /// Everything said so far, a line for each assignment, and an empty one after each datagram.
  const std::string& heard() {
    char buffer[16384];
    ssize_t size = 0;
    while ((size = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
      const std::string_view datagram{buffer, static_cast<std::size_t>(size)};
      heard_.append(datagram).append(datagram.ends_with("\n") ? "\n" : "\n\n");
    }
    return heard_;
  }

  /// The first datagram with this line; empty when there was none.
  std::string with(const std::string& line) {
    const std::string text = "\n\n" + heard();
    const std::size_t at = text.find("\n" + line + "\n");
    if (at == std::string::npos) {
      return {};
    }
    const std::size_t begin = text.rfind("\n\n", at) + 2;
    return text.substr(begin, text.find("\n\n", begin) + 1 - begin);
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
  DatagramSocket manager{rig.directory() / "notify"};
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
  DatagramSocket manager{rig.directory() / "notify"};
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

TEST_CASE("the journal gets an operator's events with message ids and fields, and no value of a record") {
  Rig rig{{.settings = {{"log", {{"format", "\"journald\""}}}}}};
  DatagramSocket journal{rig.directory() / "journal"};
  rig.sim().admin("POST", "/_sim/seed", {{"contacts", 0}, {"companies", 0}});
  const Json made = rig.sim().admin(
      "POST",
      "/_sim/objects/contacts",
      {{"properties", {{"email", "canary@example.org"}, {"phone", "canary-1"}}}}
  );
  rig.start({{"HUBSYNC_JOURNAL_SOCKET", rig.directory() / "journal"}});
  rig.full_sync();
  // A conflict, a pause, and a record that HubSpot refuses.
  const std::string contact = rig.local("contacts").front().at("id");
  REQUIRE(rig.cli({"queue", "pause"}).code == 0);
  REQUIRE(rig.cli({"contacts", "update", contact, "phone=canary-2"}).code == 0);
  rig.sim().admin(
      "PATCH",
      "/_sim/objects/contacts/" + made.at("ids").at(0).get<std::string>(),
      {{"properties", {{"phone", "canary-3"}}}}
  );
  rig.full_sync();
  REQUIRE(rig.cli({"queue", "resume"}).code == 0);
  const std::string refused =
      rig.cli_json({"contacts", "create", "email=canary-no-address"}).at("id").get<std::string>();
  const auto event = [&](const std::string& kind) { return journal.with("HUBSYNC_EVENT=" + kind); };
  REQUIRE(rig.daemon().wait_until([&] { return !event("push.failed").empty(); }));
  CHECK(event("push.failed").starts_with("MESSAGE=a record cannot be sent to HubSpot entity_"));
  CHECK(contains(event("push.failed"), "\nPRIORITY=4\n"));
  CHECK(contains(event("push.failed"), "\nMESSAGE_ID=1fa7f7cfc0cb4769a9329ed3b9ef5fef\n"));
  CHECK(contains(event("push.failed"), "\nHUBSYNC_ENTITY_TYPE=contacts\n"));
  CHECK(contains(event("push.failed"), "\nHUBSYNC_ENTITY_ID=" + refused + "\n"));
  CHECK(contains(event("push.failed"), "\nHUBSYNC_CORRELATION_ID="));
  CHECK(contains(event("conflict.detected"), "\nHUBSYNC_ENTITY_ID=" + contact + "\n"));
  CHECK(contains(event("queue.paused"), "\nMESSAGE_ID=26e75d7ecdd343aa9dfdf83264107a76\n"));
  CHECK(contains(event("run.finished"), "\nHUBSYNC_RUN_ID="));
  CHECK(contains(event("daemon.ready"), "\nHUBSYNC_SOCKET="));
  CHECK(rig.stop() == 0);
  CHECK_FALSE(contains(journal.heard(), "canary"));
  CHECK_FALSE(contains(journal.heard(), "pat-na1"));
}

TEST_CASE("systemd takes the catalog of the journal's messages, and explains each") {
  const std::string journalctl = "/usr/bin/journalctl";
  if (!installed(journalctl)) {
    return;
  }
  const TemporaryDirectory directory;
  const std::string root = "--root=" + (directory / "root");
  std::filesystem::create_directories(directory / "root/usr/lib/systemd/catalog");
  std::filesystem::create_directories(directory / "root/var/lib/systemd/catalog");
  std::filesystem::copy_file(
      units + "/hubsync.catalog", directory / "root/usr/lib/systemd/catalog/hubsync.catalog"
  );
  const Finished updated = run(directory / "update", {.words = {journalctl, root, "--update-catalog"}});
  CHECK_MESSAGE(updated.code == 0, updated.err);
  CHECK(updated.err == "");
  const Finished listed = run(directory / "list", {.words = {journalctl, root, "--list-catalog"}});
  CHECK(count(listed.out, " hubsyncd: ") == count(read_file(units + "/hubsync.catalog"), "\nSubject: "));
  CHECK(contains(listed.out, "46bc314033eb464fb313e6ab5f3d97d8 hubsyncd: The database cannot be written\n"));
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
