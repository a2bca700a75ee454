// A refresh token in the place of a static access token: the first sync, tokens that expire and are revoked
// while the daemon works, a refresh token that changes, and no secret where it does not belong.
#include <signal.h>

#include <filesystem>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

const std::string client_secret = "canary-client-secret-77";
const std::string refresh_token = "canary-refresh-token-41";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The rig of an OAuth app; no static token.
class OauthRig : public Rig {
 public:
  explicit OauthRig(const std::vector<std::string>& sim = {}) : Rig(options(sim)) {
    REQUIRE(::remove((directory() / "token").c_str()) == 0);
    write_file(directory() / "client-secret", client_secret + "\n");
    write_file(refresh_file(), refresh_token + "\n");
    configure(
        {{"hubspot",
          {{"access_token_file", ""},
           {"client_id", "\"app-1\""},
           {"client_secret_file", "\"" + (directory() / "client-secret") + "\""},
           {"refresh_token_file", "\"" + refresh_file() + "\""}}}}
    );
  }

  [[nodiscard]] std::string refresh_file() const { return directory() / "refresh-token"; }

  std::int64_t grants() {
    const Json calls = sim().admin("GET", "/_sim/counters").at("calls");
    return calls.contains("oauth.token") ? calls.at("oauth.token").at("calls").get<std::int64_t>() : 0;
  }

  /// Somebody uninstalls the app.
  void uninstall() {
    sim().admin("PATCH", "/_sim/options", {{"refresh_token", ""}});
    sim().admin("POST", "/_sim/tokens", {{"oauth", true}});
  }

  std::string state() { return get("/api/sync/status").at("state"); }

  void reload(const std::string& line) {
    const std::size_t before = daemon().errors().size();
    daemon().signal(SIGHUP);
    const bool seen = daemon().wait_until([&] { return contains(daemon().errors().substr(before), line); });
    REQUIRE_MESSAGE(seen, daemon().errors().substr(before));
  }

  /// Files below the directory, and of /proc, in which a secret stands; those it came from are left out.
  std::string places_of_secrets() {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory().path())) {
      if (entry.is_regular_file() && entry.path() != refresh_file() &&
          entry.path() != directory() / "client-secret") {
        files.push_back(entry.path());
      }
    }
    const std::string proc = "/proc/" + std::to_string(daemon().pid()) + "/";
    files.insert(files.end(), {proc + "cmdline", proc + "environ"});
    std::string places;
    for (const std::string& path : files) {
      const std::string text = read_file(path);
      if (contains(text, client_secret) || contains(text, refresh_token) || contains(text, "oauth-access-") ||
          contains(text, "oauth-refresh-")) {
        places += path + "\n";
      }
    }
    return places;
  }

 private:
  static RigOptions options(const std::vector<std::string>& more) {
    std::vector<std::string> words{
        "--oauth-client-id",
        "app-1",
        "--oauth-client-secret",
        client_secret,
        "--refresh-token",
        refresh_token,
        "--contacts",
        "5"
    };
    words.insert(words.end(), more.begin(), more.end());
    return {.sim = words};
  }
};

}  // namespace

TEST_CASE("a refresh token is enough for a first sync, with one access token for all calls") {
  OauthRig rig;
  rig.start();
  rig.full_sync();
  CHECK(joined(rig.differences()) == "");
  CHECK(rig.grants() == 1);
  const Finished doctor = rig.cli({"doctor"});
  CHECK(contains(doctor.out, "(OAuth, refresh token from file " + rig.refresh_file() + ")"));
  rig.cli({"config", "show"});
  CHECK(rig.places_of_secrets() == "");
  CHECK(rig.stop() == 0);
}

TEST_CASE("access tokens that expire while the daemon works are renewed, and nobody notices") {
  OauthRig rig{{"--token-lifetime", "2s", "--no-limits"}};
  // No call may wait for its turn for longer than a token lives.
  rig.configure(
      {{"sync", {{"poll_interval", "\"200ms\""}}},
       {"rate_limit", {{"requests", "1000"}, {"search_per_second", "100"}}}}
  );
  rig.start();
  rig.full_sync();
  REQUIRE(rig.daemon().wait_until([&] { return rig.grants() >= 3; }));
  // Not by the clock alone: HubSpot may end a token before its time.
  const std::int64_t before = rig.grants();
  rig.sim().admin("POST", "/_sim/tokens", {{"oauth", true}});
  REQUIRE(rig.api("POST", "/api/contacts", R"({"email":"kept@example.com"})").status == 201);
  rig.settle();
  rig.full_sync();
  CHECK(joined(rig.differences()) == "");
  CHECK(rig.grants() > before);
  CHECK(rig.state() != "degraded");
  CHECK_FALSE(contains(rig.daemon().errors(), "hubspot.denied"));
  CHECK(rig.stop() == 0);
}

TEST_CASE("an app that is uninstalled stops the calls, is told with its fix, and a reload goes on") {
  OauthRig rig;
  rig.start();
  rig.full_sync();
  rig.uninstall();
  const Finished sync = rig.cli({"sync", "--wait", "--timeout", "20s"});
  CHECK(sync.code == 5);
  CHECK(rig.state() == "degraded");
  CHECK(contains(rig.cli({"status"}).out, "BAD_REFRESH_TOKEN"));
  const Finished doctor = rig.cli({"doctor"});
  CHECK(doctor.code == 5);
  CHECK(contains(doctor.out, "install the HubSpot app again"));
  const std::int64_t asked = rig.grants();
  CHECK(rig.cli({"sync", "--wait", "--timeout", "20s"}).code == 5);
  CHECK(rig.grants() == asked);
  REQUIRE(rig.api("POST", "/api/contacts", R"({"email":"kept@example.com"})").status == 201);

  rig.sim().admin("PATCH", "/_sim/options", {{"refresh_token", "canary-refresh-token-41-second"}});
  write_file(rig.refresh_file(), "canary-refresh-token-41-second\n");
  rig.reload("the new access token is tried");
  REQUIRE(rig.daemon().wait_until([&] { return rig.state() != "degraded"; }));
  rig.cli({"retry", "--all"});
  rig.full_sync();
  CHECK(joined(rig.differences()) == "");
  CHECK(rig.places_of_secrets() == "");
  CHECK(rig.stop() == 0);
}

TEST_CASE("a refresh token that HubSpot changes is in its file, and the next start works with it") {
  OauthRig rig{{"--rotate-refresh-token"}};
  rig.start();
  rig.full_sync();
  const std::string changed = read_file(rig.refresh_file());
  CHECK(changed.starts_with("oauth-refresh-"));
  CHECK(contains(rig.daemon().errors(), "HubSpot has changed the refresh token; the new one is in"));
  CHECK(rig.places_of_secrets() == "");
  CHECK(rig.stop() == 0);
  rig.start();
  rig.full_sync();
  CHECK(joined(rig.differences()) == "");
  CHECK(read_file(rig.refresh_file()) != changed);
  CHECK(rig.stop() == 0);
}

TEST_CASE("a refresh token from the environment that HubSpot changes cannot be saved, and the log says so") {
  OauthRig rig{{"--rotate-refresh-token"}};
  REQUIRE(::remove(rig.refresh_file().c_str()) == 0);
  const auto daemon =
      rig.launch_daemon({"--config", rig.config_file()}, {{"HUBSPOT_REFRESH_TOKEN", refresh_token}});
  const std::string warning = "the new one cannot be saved (environment HUBSPOT_REFRESH_TOKEN)";
  REQUIRE(daemon->wait_until([&] { return contains(daemon->errors(), warning); }));
  CHECK_FALSE(contains(read_file("/proc/" + std::to_string(daemon->pid()) + "/environ"), refresh_token));
  CHECK_FALSE(contains(daemon->errors(), "oauth-refresh-"));
  daemon->signal(SIGTERM);
  CHECK(daemon->wait() == 0);
}

TEST_CASE("a token endpoint that is away for a while delays the sync and stops nothing") {
  OauthRig rig;
  rig.sim().admin(
      "POST", "/_sim/faults", {{"path", "/oauth/"}, {"status", 503}, {"body", "html"}, {"count", 2}}
  );
  rig.sim().admin(
      "POST", "/_sim/faults", {{"path", "/oauth/"}, {"status", 429}, {"retry_after", "1"}, {"count", 1}}
  );
  rig.start();
  REQUIRE(rig.daemon().wait_until([&] { return contains(rig.daemon().errors(), "no new access token"); }));
  REQUIRE(rig.daemon().wait_until([&] { return rig.grants() == 1 && rig.state() != "degraded"; }));
  rig.full_sync();
  CHECK(joined(rig.differences()) == "");
  CHECK(rig.stop() == 0);
}

TEST_CASE("a static token beside a refresh token is an error that names both") {
  OauthRig rig;
  write_file(rig.directory() / "token", "pat-na1-sim\n");
  const auto named = [&](const Environment& environment) {
    const auto daemon = rig.launch_daemon({"--config", rig.config_file()}, environment);
    CHECK(daemon->wait() == 2);
    return daemon->errors();
  };
  const std::string error = named({{"HUBSPOT_ACCESS_TOKEN", "pat-na1-sim"}});
  CHECK(contains(error, "a static access token (environment HUBSPOT_ACCESS_TOKEN)"));
  CHECK(contains(error, "hubspot.access_token_file"));
  CHECK(contains(error, "hubspot.client_id"));
  rig.configure({{"hubspot", {{"access_token_file", "\"" + (rig.directory() / "token") + "\""}}}});
  CHECK(contains(named({}), "hubspot.client_id: stands beside hubspot.access_token_file"));
}
