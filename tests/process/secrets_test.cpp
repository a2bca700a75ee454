// A token that is unlike any other text is used everywhere a token can be, and must show up nowhere.
#include <signal.h>

#include <filesystem>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

const std::string canary = "pat-na1-canary-5b1f07d2c4";

/// Files below the rig's directory, and lines of /proc, in which the canary stands.
std::vector<std::string> places_of_canary(Rig& rig, const std::vector<std::string>& more) {
  std::vector<std::string> places;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(rig.directory().path())) {
    const std::string path = entry.path();
    if (entry.is_regular_file() && path != rig.directory() / "token" &&
        read_file(path).find(canary) != std::string::npos) {
      places.push_back(path);
    }
  }
  for (const std::string& path : more) {
    if (read_file(path).find(canary) != std::string::npos) {
      places.push_back(path);
    }
  }
  return places;
}

/// Everything an operator may ask for, on success and on failure.
void ask_for_everything(Rig& rig) {
  rig.cli({"status"});
  rig.cli({"--json", "status"});
  rig.cli({"config", "show"});
  rig.cli({"config", "check", rig.config_file()});
  rig.cli({"logs"});
  rig.cli({"--json", "logs"});
  rig.cli({"queue"});
  rig.cli({"conflicts", "list"});
  rig.cli({"contacts", "list"});
  rig.cli({"sync", "--wait", "--timeout", "10s"});
  rig.cli({"version"});
}

}  // namespace

TEST_CASE("the access token is in no output, no log, no database file and no command line") {
  Rig rig{{.sim = {"--contacts", "5"}, .token = canary}};
  rig.sim().admin(
      "POST",
      "/_sim/tokens",
      {{"token", canary},
       {"scopes",
        {"crm.objects.contacts.read",
         "crm.objects.contacts.write",
         "crm.objects.companies.read",
         "crm.objects.companies.write"}}}
  );
  rig.start();
  rig.full_sync();
  REQUIRE(rig.api("POST", "/api/contacts", R"({"email":"canary@example.com"})").status == 201);
  rig.settle();
  ask_for_everything(rig);
  const std::string proc = "/proc/" + std::to_string(rig.daemon().pid()) + "/";
  CHECK(joined(places_of_canary(rig, {proc + "cmdline", proc + "environ"})) == "");

  rig.sim().admin("POST", "/_sim/tokens", {{"token", canary}, {"revoked", true}});
  ask_for_everything(rig);
  CHECK(rig.stop() == 0);
  CHECK(joined(places_of_canary(rig, {})) == "");
}

TEST_CASE("a token from the environment is gone from the process's environment") {
  Rig rig;
  rig.sim().admin("POST", "/_sim/tokens", {{"token", canary}, {"scopes", Json::array()}});
  const auto daemon = rig.launch_daemon(
      {},
      {{"HUBSPOT_ACCESS_TOKEN", canary},
       {"HUBSPOT_BASE_URL", rig.sim().url()},
       {"HUBSYNC_DB", rig.database()},
       {"HUBSYNC_SOCKET", rig.socket()}}
  );
  REQUIRE(daemon->wait_until([&] { return rig.api("GET", "/healthz").status == 200; }));
  ask_for_everything(rig);
  const std::string proc = "/proc/" + std::to_string(daemon->pid()) + "/";
  CHECK(joined(places_of_canary(rig, {proc + "cmdline", proc + "environ"})) == "");
  daemon->signal(SIGTERM);
  CHECK(daemon->wait() == 0);
  CHECK(joined(places_of_canary(rig, {})) == "");
}
