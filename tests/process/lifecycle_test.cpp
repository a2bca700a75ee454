// Starting and stopping: one daemon per database and socket, private files, a drain on SIGTERM, refused
// configurations.
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

using Steady = std::chrono::steady_clock;

mode_t mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A socket file behind which nobody listens any more.
void leave_stale_socket(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
  ::close(socket);
}

struct BadFile {
  const char* text;
  std::vector<std::string> named;  ///< What the message must contain beside the file.
};

}  // namespace

TEST_CASE("a second daemon on the same database refuses and leaves the first alone") {
  Rig rig;
  rig.start();
  const pid_t first = rig.daemon().pid();
  const std::string other_socket = rig.directory() / "other.sock";
  rig.configure({{"control", {{"socket", "\"" + other_socket + "\""}}}});
  const auto second = rig.launch_daemon({"--config", rig.config_file()});
  REQUIRE(second->wait());
  CHECK(*second->wait() == 1);
  CHECK(contains(second->errors(), rig.database()));
  CHECK(contains(second->errors(), std::to_string(first)));
  CHECK_FALSE(std::filesystem::exists(other_socket));
  CHECK(rig.api("GET", "/healthz").status == 200);
}

TEST_CASE("a second daemon on the same socket refuses and leaves the first alone") {
  Rig rig;
  rig.start();
  const std::string other_database = rig.directory() / "other.db";
  rig.configure({{"store", {{"path", "\"" + other_database + "\""}}}});
  const auto second = rig.launch_daemon({"--config", rig.config_file()});
  REQUIRE(second->wait());
  CHECK(*second->wait() == 1);
  CHECK(contains(second->errors(), rig.socket()));
  CHECK(rig.api("GET", "/healthz").status == 200);
  CHECK(rig.stop() == 0);
}

TEST_CASE("a stale socket is replaced, and what a daemon makes is private") {
  Rig rig;
  leave_stale_socket(rig.socket());
  rig.start();
  CHECK(mode_of(rig.socket()) == 0660);
  CHECK(mode_of(rig.database()) == 0600);
  for (const auto& entry : std::filesystem::directory_iterator(rig.directory().path())) {
    const std::string path = entry.path();
    if (contains(path, "hubsync.db")) {
      CHECK_MESSAGE((mode_of(path) & 0077) == 0, path);
    }
  }
  rig.daemon().kill();
  CHECK(std::filesystem::exists(rig.socket()));
  rig.start();
  CHECK(rig.stop() == 0);
  CHECK_FALSE(std::filesystem::exists(rig.socket()));
}

TEST_CASE("SIGTERM lets calls under way finish, commits, and exits with 0 within ten seconds") {
  Rig rig{{.sim = {"--contacts", "20"}, .settings = {{"sync", {{"full_interval", "\"0\""}}}}}};
  rig.start();
  rig.full_sync();
  rig.sim().admin("PATCH", "/_sim/options", {{"latency", "800ms"}});
  rig.sim().reset_counters();
  for (const Json& record : rig.local("contacts")) {
    const std::string target = "/api/contacts/" + record.at("id").get<std::string>();
    REQUIRE(rig.api("PUT", target, R"({"phone":"+49 30 1234567"})").status == 200);
  }
  // A call is under way once HubSpot has counted it.
  REQUIRE(rig.daemon().wait_until([&] { return rig.sim().calls() > 0; }));
  const auto begin = Steady::now();
  CHECK(rig.stop() == 0);
  CHECK(Steady::now() - begin < std::chrono::seconds{10});

  rig.sim().admin("PATCH", "/_sim/options", {{"latency", "0ms"}});
  rig.start();
  rig.settle();
  CHECK(joined(rig.differences()) == "");
  // Each of them was written once: what was under way was not sent again.
  CHECK(rig.sim().admin("GET", "/_sim/counters").at("noopWrites") == 0);
}

TEST_CASE("what is edited after a clean restart goes out at once") {
  Rig rig{{.sim = {"--contacts", "5"}}};
  rig.start();
  rig.full_sync();
  REQUIRE(rig.stop() == 0);
  rig.start();
  REQUIRE(rig.api("POST", "/api/contacts", R"({"email":"soon@example.com"})").status == 201);
  // Without what the first process left, the second would hold back every call for 15 seconds.
  REQUIRE(rig.daemon().wait_until(
      [&] { return rig.sim().dump("contacts").size() == 6; }, hubsync::Duration{8'000}
  ));
}

TEST_CASE("SIGTERM ends a daemon within ten seconds while calls wait for their turn or hang") {
  Rig rig{{.sim = {"--contacts", "5"}, .settings = {{"rate_limit", {{"interval", "\"30s\""}}}}}};
  rig.start();
  rig.full_sync();
  SUBCASE("calls wait because the daemon before was killed") {
    rig.daemon().kill();
    rig.start();
  }
  SUBCASE("HubSpot does not answer") {
    rig.sim().admin(
        "POST", "/_sim/faults", {{"path", "/crm/"}, {"action", "delay"}, {"delay", "60s"}, {"count", -1}}
    );
    rig.sim().reset_counters();
    REQUIRE(rig.api("POST", "/api/contacts", R"({"email":"late@example.com"})").status == 201);
    REQUIRE(rig.daemon().wait_until([&] { return rig.sim().calls() > 0; }));
  }
  const auto begin = Steady::now();
  CHECK(rig.stop() == 0);
  CHECK(Steady::now() - begin < std::chrono::seconds{10});
}

TEST_CASE("a refused token starts degraded, and whoever asks for a sync is told at once") {
  Rig rig{{.token = "pat-na1-wrong"}};
  rig.start();
  const auto degraded = [&] { return rig.get("/api/sync/status").at("state") == "degraded"; };
  REQUIRE(rig.daemon().wait_until(degraded));
  const Json problems = rig.get("/api/sync/status").at("problems");
  REQUIRE(problems.size() >= 1);
  CHECK(problems.at(0).at("code") == "refused");
  CHECK(rig.cli({"status"}).code == 0);
  CHECK(rig.cli({"sync", "--wait", "--timeout", "20s"}).code == 5);
  CHECK(rig.cli({"sync", "--full", "--wait", "--timeout", "20s"}).code == 5);
  CHECK(rig.stop() == 0);
}

// lint:allow function-length: the table of bad files is the test.
TEST_CASE("setup right after the start tells of what the start makes") {
  Rig rig{{.sim = {"--contacts", "1", "--latency", "200ms"}}};
  rig.start();
  const auto setup = rig.cli({"setup"});
  CHECK_MESSAGE(setup.code == 0, setup.out);
}

TEST_CASE("a bad configuration is refused with file, line and key, by --check-config and by the start") {
  const std::vector<BadFile> files{
      {"[hubspot]\nbase_url = 5\n", {":2", "hubspot.base_url"}},
      {"[hubspot]\nbase_url = \"http://example.com\"\n", {":2", "hubspot.base_url"}},
      {"\n\n[sync]\npoll_intervall = \"5m\"\n", {":4", "sync.poll_intervall"}},
      {"[sync]\npoll_interval = \"5 minutes\"\n", {":2", "sync.poll_interval"}},
      {"[sync]\nconcurrency = -1\n", {":2", "sync.concurrency"}},
      {"[sync]\nconflict_policy = \"mine\"\n", {":2", "sync.conflict_policy", "manual"}},
      {"[rate_limit]\nrequests = 0\n", {":2", "rate_limit.requests"}},
      {"[hubspott]\n", {":1", "hubspott"}},
      {"[store\npath = 1\n", {":1"}},
      {"[objects.contacts.fields]\nemail = \"email\"\nmail = \"email\"\n", {":3", "email"}},
      {"[control]\nlisten = \"0.0.0.0:80\"\ntoken_file = \"/dev/null\"\n", {":2", "control.listen"}},
  };
  const TemporaryDirectory directory;
  const std::string path = directory / "bad.toml";
  for (const BadFile& bad : files) {
    CAPTURE(bad.text);
    write_file(path, bad.text);
    for (const bool check : {true, false}) {
      std::vector<std::string> words{program("hubsyncd"), "--config", path};
      if (check) {
        words.emplace_back("--check-config");
      }
      const Finished finished = run(directory / "hubsyncd", {.words = words});
      CHECK(finished.code == 2);
      CHECK(contains(finished.err, path));
      for (const std::string& name : bad.named) {
        CHECK_MESSAGE(contains(finished.err, name), finished.err);
      }
    }
  }
  const Finished missing =
      run(directory / "hubsyncd", {.words = {program("hubsyncd"), "--config", directory / "none.toml"}});
  CHECK(missing.code == 2);
  CHECK(contains(missing.err, "none.toml"));
}

TEST_CASE("a secret that others can read is refused, with the way to mend it") {
  Rig rig;
  const std::string token = rig.directory() / "token";
  for (const mode_t mode : {0640U, 0604U, 0620U}) {
    CAPTURE(mode);
    write_file(token, "pat-na1-sim\n", mode);
    const auto refused = rig.launch_daemon({"--config", rig.config_file()});
    REQUIRE(refused->wait());
    CHECK(*refused->wait() != 0);
    CHECK(contains(refused->errors(), token));
    CHECK(contains(refused->errors(), "chmod"));
  }
  CHECK_FALSE(std::filesystem::exists(rig.socket()));
}

TEST_CASE("HUBSPOT_ACCESS_TOKEN alone, without a configuration file, gives a working daemon") {
  Rig rig{{.sim = {"--contacts", "5"}}};
  const auto daemon = rig.launch_daemon(
      {},
      {{"HUBSPOT_ACCESS_TOKEN", "pat-na1-sim"},
       {"HUBSPOT_BASE_URL", rig.sim().url()},
       {"HUBSYNC_DB", rig.database()},
       {"HUBSYNC_SOCKET", rig.socket()}}
  );
  REQUIRE(daemon->wait_until([&] { return rig.api("GET", "/healthz").status == 200; }));
  rig.full_sync();
  CHECK(rig.local("contacts").size() == 5);
  CHECK(joined(rig.differences()) == "");
  daemon->signal(SIGTERM);
  REQUIRE(daemon->wait());
  CHECK(*daemon->wait() == 0);
}

TEST_CASE("a flag wins over the environment, the environment over the file, and missing directories are made"
) {
  Rig rig;
  const std::string flagged = rig.directory() / "by/flag/control.sock";
  const std::string database = rig.directory() / "by/environment/hubsync.db";
  const auto daemon = rig.launch_daemon(
      {"--config", rig.config_file(), "--socket", flagged, "--log-level", "debug"},
      {{"HUBSYNC_SOCKET", rig.directory() / "unused.sock"}, {"HUBSYNC_DB", database}}
  );
  REQUIRE(daemon->wait_until([&] { return std::filesystem::exists(flagged); }));
  REQUIRE(daemon->wait_until([&] { return send({flagged}, {.target = "/healthz"}).status == 200; }));
  CHECK(mode_of(database) == 0600);
  CHECK(mode_of(rig.directory() / "by/environment") == 0700);
  CHECK_FALSE(std::filesystem::exists(rig.socket()));
  CHECK_FALSE(std::filesystem::exists(rig.database()));
  const std::string shown = send({flagged}, {.target = "/api/config"}).json().at("toml");
  CHECK(contains(shown, "# flag --socket"));
  CHECK(contains(shown, "# environment HUBSYNC_DB"));
  CHECK(contains(shown, "level = \"debug\""));
  daemon->signal(SIGTERM);
  REQUIRE(daemon->wait());
  CHECK(*daemon->wait() == 0);
}
