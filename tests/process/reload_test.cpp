// SIGHUP: what a running daemon takes over, what it keeps until a restart, and what it refuses whole.
#include <signal.h>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Sends SIGHUP and waits for a line of the log that it causes.
void reload(Rig& rig, const std::string& line) {
  const std::size_t before = rig.daemon().errors().size();
  rig.daemon().signal(SIGHUP);
  const bool seen =
      rig.daemon().wait_until([&] { return contains(rig.daemon().errors().substr(before), line); });
  REQUIRE_MESSAGE(seen, rig.daemon().errors().substr(before));
}

const Json scopes = {
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
};

std::string state(Rig& rig) {
  return rig.get("/api/sync/status").at("state");
}

}  // namespace

TEST_CASE("SIGHUP takes over what can change while the daemon runs, and names what needs a restart") {
  Rig rig;
  rig.start();
  rig.configure({
      {"sync", {{"poll_interval", "\"17m\""}, {"conflict_policy", "\"newest\""}}},
      {"rate_limit", {{"requests", "41"}, {"daily", "1234"}}},
      {"hubspot", {{"request_timeout", "\"3s\""}}},
      {"control", {{"socket", "\"" + (rig.directory() / "elsewhere.sock") + "\""}}},
  });
  reload(rig, "kept until hubsyncd is restarted: hubspot.request_timeout, control.socket");
  CHECK(contains(rig.daemon().errors(), "sync.poll_interval"));
  const std::string shown = rig.get("/api/config").at("toml");
  CHECK(contains(shown, "poll_interval = \"17m\""));
  CHECK(contains(shown, "conflict_policy = \"newest\""));
  CHECK(contains(shown, "socket = \"" + rig.socket() + "\""));
  CHECK(contains(shown, "request_timeout = \"30s\""));
  const Json limits = rig.get("/api/sync/status").at("rateLimit");
  CHECK(limits.at("capacity") == 41);
  CHECK(limits.at("dailyLimit") == 1234);
  CHECK(rig.stop() == 0);
}

TEST_CASE("a type that is added by SIGHUP waits for the restart") {
  Rig rig{{.sim = {"--deals", "4"}}};
  rig.start();
  rig.configure({{"objects.deals.fields", {{"name", "\"dealname\""}}}});
  reload(rig, "kept until hubsyncd is restarted: objects.deals");
  CHECK(rig.api("GET", "/api/deals").status == 404);
  CHECK_FALSE(contains(rig.get("/api/config").at("toml"), "objects.deals"));
  CHECK(rig.stop() == 0);
  rig.start();
  rig.full_sync();
  CHECK(rig.local("deals").size() == 4);
}

TEST_CASE("a bad new configuration changes nothing, and the log names file, line and key") {
  Rig rig;
  rig.start();
  rig.full_sync();
  const std::string before = rig.get("/api/config").at("toml");
  rig.configure({{"sync", {{"poll_interval", "\"7m\""}}}, {"retry", {{"multiplier", "\"twice\""}}}});
  reload(rig, "retry.multiplier");
  const std::string log = rig.daemon().errors();
  const std::size_t at = log.find("reload refused, nothing changed: " + rig.config_file() + ":");
  REQUIRE(at != std::string::npos);
  CHECK(rig.get("/api/config").at("toml") == before);
  SUBCASE("a token that others can read is refused the same way") {
    rig.configure({{"retry", {{"multiplier", "2"}}}});
    write_file(rig.directory() / "token", "pat-na1-sim\n", 0644);
    reload(rig, "is open to its group or to others");
    CHECK(rig.get("/api/config").at("toml") == before);
  }
  rig.full_sync();
  CHECK(state(rig) != "degraded");
  CHECK(rig.stop() == 0);
}

TEST_CASE("a refused token is tried again at once on reload, with the new one") {
  Rig rig{{.sim = {"--contacts", "5"}, .token = "pat-na1-wrong"}};
  rig.start();
  REQUIRE(rig.daemon().wait_until([&] { return state(rig) == "degraded"; }));
  write_file(rig.directory() / "token", "pat-na1-sim\n");
  reload(rig, "the new access token is tried");
  // The next try by itself would come after a minute.
  REQUIRE(rig.daemon().wait_until([&] { return state(rig) != "degraded"; }, hubsync::Duration{20'000}));
  rig.full_sync();
  CHECK(joined(rig.differences()) == "");
  CHECK_FALSE(contains(rig.daemon().errors(), "pat-na1"));
}

TEST_CASE("a token revoked while the daemon runs is replaced by a reload, and nothing is lost") {
  Rig rig{{.sim = {"--contacts", "5"}}};
  rig.start();
  rig.full_sync();
  rig.sim().admin("POST", "/_sim/tokens", {{"token", "pat-na1-next"}, {"scopes", scopes}});
  rig.sim().admin("POST", "/_sim/tokens", {{"token", "pat-na1-sim"}, {"revoked", true}});
  REQUIRE(rig.api("POST", "/api/contacts", R"({"email":"kept@example.com"})").status == 201);
  REQUIRE(rig.daemon().wait_until([&] { return state(rig) == "degraded"; }));
  write_file(rig.directory() / "token", "pat-na1-next\n");
  reload(rig, "the new access token is tried");
  REQUIRE(rig.daemon().wait_until([&] { return state(rig) != "degraded"; }));
  // What was refused goes out by itself, and at once: a minute is how long it would have waited.
  REQUIRE(rig.daemon().wait_until(
      [&] { return rig.sim().dump("contacts").size() == 6; }, hubsync::Duration{20'000}
  ));
  rig.full_sync();
  CHECK(joined(rig.differences()) == "");
}

TEST_CASE("a token of another portal that a reload brings reads and writes nothing") {
  Rig rig{{.sim = {"--contacts", "5"}}};
  rig.start();
  rig.full_sync();
  // The same simulator as another portal: what the token opens is what it tells of itself.
  rig.sim().admin("PATCH", "/_sim/options", {{"portal_id", 7654321}});
  rig.sim().admin("POST", "/_sim/tokens", {{"token", "pat-na1-other"}, {"scopes", scopes}});
  write_file(rig.directory() / "token", "pat-na1-other\n");
  reload(rig, "7654321");
  CHECK(state(rig) == "degraded");
  rig.sim().reset_counters();
  REQUIRE(rig.api("POST", "/api/contacts", R"({"email":"held@example.com"})").status == 201);
  CHECK(rig.cli({"sync", "--full", "--wait", "--timeout", "20s"}).code == 7);
  const Json calls = rig.sim().admin("GET", "/_sim/counters").at("calls");
  CHECK_MESSAGE(rig.sim().calls() == 0, calls.dump());
  rig.sim().admin("PATCH", "/_sim/options", {{"portal_id", 48000001}});
  write_file(rig.directory() / "token", "pat-na1-sim\n");
  reload(rig, "the new access token is tried");
  REQUIRE(rig.daemon().wait_until([&] { return state(rig) != "degraded"; }));
  rig.full_sync();
  CHECK(joined(rig.differences()) == "");
}

TEST_CASE("a field that a reload maps is read from HubSpot without being asked for") {
  Rig rig{{.settings = {{"sync", {{"full_interval", "\"0\""}}}}}};
  rig.start();
  rig.sim().admin(
      "POST",
      "/_sim/objects/contacts",
      {{"properties", {{"email", "ada@example.com"}, {"jobtitle", "Countess"}}}}
  );
  rig.full_sync();
  REQUIRE(rig.local("contacts").size() == 1);
  CHECK_FALSE(rig.local("contacts").at(0).at("customFields").contains("job"));
  rig.configure({
      {"objects.contacts.fields", {{"email", "\"email\""}, {"job", "\"jobtitle\""}}},
  });
  reload(rig, "objects.contacts");
  const bool read = rig.daemon().wait_until([&] {
    return rig.local("contacts").at(0).at("customFields").value("job", Json()) == "Countess";
  });
  CHECK_MESSAGE(read, rig.local("contacts").at(0).dump());
}

TEST_CASE("a webhook secret that comes with a reload opens the listener, and its going closes it") {
  Rig rig{{.settings = {{"webhooks", {{"listen", "\"127.0.0.1:0\""}}}}}};
  const std::string secret = rig.directory() / "webhook-secret";
  rig.configure({{"webhooks", {{"secret_file", "\"" + secret + "\""}}}});
  rig.start();
  const auto listening = [&] {
    return rig.get("/api/sync/status").at("webhooks").at("listening").get<bool>();
  };
  CHECK_FALSE(listening());
  write_file(secret, "first-secret\n");
  reload(rig, "webhooks are taken");
  CHECK(listening());
  CHECK(rig.api("POST", "/api/webhooks/test").json().at("status") == 200);
  write_file(secret, "second-secret\nfirst-secret\n");
  reload(rig, "reloaded");
  CHECK(rig.api("POST", "/api/webhooks/test").json().at("status") == 200);
  REQUIRE(::remove(secret.c_str()) == 0);
  reload(rig, "webhooks are off");
  CHECK_FALSE(listening());
  CHECK(rig.stop() == 0);
}

TEST_CASE("one failed poll leaves the data current, a HubSpot that stays away stalls it") {
  Rig rig{{.sim = {"--contacts", "5"}, .settings = {{"sync", {{"poll_interval", "\"2s\""}}}}}};
  rig.start();
  rig.full_sync();
  const auto freshness = [&] { return rig.get("/api/sync/status").at("freshness").get<std::string>(); };
  CHECK(freshness() == "current");
  const Json gone = {{"path", "/crm/"}, {"action", "answer"}, {"status", 503}, {"count", -1}};
  rig.sim().admin("POST", "/_sim/faults", gone);
  REQUIRE(rig.daemon().wait_until([&] { return state(rig) == "degraded"; }));
  CHECK(freshness() == "current");
  REQUIRE(rig.daemon().wait_until([&] { return freshness() == "stalled"; }));
  rig.sim().admin("DELETE", "/_sim/faults");
  REQUIRE(rig.daemon().wait_until([&] { return freshness() == "current"; }));
}
