// What an operator relies on: the control API over TCP, and the day's budget of calls over restarts.
#include <signal.h>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string bearer = "a-token-of-some-length-4711";

Settings with_tcp(const TemporaryDirectory& directory) {
  return {
      {"control", {{"listen", "\"127.0.0.1:0\""}, {"token_file", "\"" + (directory / "control-token") + "\""}}
      }
  };
}

/// Where the daemon says that it listens; the text log writes fields as name=value.
Address tcp_address(Rig& rig) {
  const std::string mark = "the control API listens address=";
  std::size_t at = std::string::npos;
  REQUIRE(rig.daemon().wait_until([&] { return (at = rig.daemon().errors().find(mark)) != std::string::npos; }
  ));
  const std::string rest = rig.daemon().errors().substr(at + mark.size());
  return {rest.substr(0, rest.find_first_of(" \n"))};
}

Reply get_with(const Address& address, const std::string& target, const std::string& authorization) {
  Request request{.target = target};
  if (!authorization.empty()) {
    request.headers.emplace_back("Authorization", authorization);
  }
  return send(address, request);
}

Json rate_limit(Rig& rig) {
  return rig.get("/api/sync/status").at("rateLimit");
}

}  // namespace

TEST_CASE("the control API over TCP takes the bearer token and nothing else") {
  Rig rig;
  rig.configure(with_tcp(rig.directory()));
  write_file(rig.directory() / "control-token", bearer + "\n");
  rig.start();
  const Address address = tcp_address(rig);
  CHECK(get_with(address, "/api/sync/status", "").status == 401);
  CHECK(get_with(address, "/api/sync/status", "").json().at("error").at("code") == "unauthorized");
  CHECK(get_with(address, "/api/sync/status", "Bearer wrong").status == 401);
  CHECK(get_with(address, "/api/sync/status", "Basic " + bearer).status == 401);
  CHECK(get_with(address, "/api/sync/status", "Bearer " + bearer).status == 200);
  CHECK(get_with(address, "/healthz", "").status == 401);
  CHECK(rig.api("GET", "/api/sync/status").status == 200);

  write_file(rig.directory() / "control-token", "another-token-of-some-length\n");
  rig.daemon().signal(SIGHUP);
  REQUIRE(rig.daemon().wait_until([&] {
    return get_with(address, "/healthz", "Bearer another-token-of-some-length").status == 200;
  }));
  CHECK(get_with(address, "/healthz", "Bearer " + bearer).status == 401);
  CHECK_FALSE(contains(rig.daemon().errors(), bearer));
  CHECK(rig.stop() == 0);
}

TEST_CASE("a TCP listener without a usable token refuses to start") {
  Rig rig;
  rig.configure(with_tcp(rig.directory()));
  const std::string token = rig.directory() / "control-token";
  std::string named;
  SUBCASE("no token file is configured") {
    rig.configure({{"control", {{"token_file", ""}}}});
    named = "control.token_file";
  }
  SUBCASE("the file is not there") {
    named = token;
  }
  SUBCASE("the file is empty") {
    write_file(token, "\n");
    named = token;
  }
  SUBCASE("others can read the file") {
    write_file(token, bearer + "\n", 0644);
    named = "chmod";
  }
  const auto refused = rig.launch_daemon({"--config", rig.config_file()});
  REQUIRE(refused->wait());
  CHECK(*refused->wait() != 0);
  CHECK_MESSAGE(contains(refused->errors(), named), refused->errors());
}

TEST_CASE("a spent daily budget stops all calls over every kind of restart, and the control API goes on") {
  Rig rig{{.sim = {"--contacts", "2000"}, .settings = {{"rate_limit", {{"daily", "12"}}}}}};
  rig.sim().admin("PATCH", "/_sim/options", {{"daily_headers", false}});
  rig.start();
  const auto used = [&] { return rate_limit(rig).at("dailyUsed").get<std::int64_t>(); };
  bool edited = false;
  const auto work = [&] {
    const std::string body = "{\"email\":\"n" + std::to_string(used()) + "@example.com\"}";
    edited = rig.api("POST", "/api/contacts", body).status == 201 || edited;
  };
  rig.cli({"sync", "--full", "--wait", "--timeout", "3s"});
  work();
  SUBCASE("it goes on") {}
  SUBCASE("it stops") {
    CHECK(rig.stop() == 0);
  }
  SUBCASE("it is killed") {
    rig.daemon().kill();
  }
  if (!rig.daemon().running()) {
    rig.start();
    work();
  }
  REQUIRE(rig.daemon().wait_until([&] { return used() == 12; }));
  const Json status = rig.get("/api/sync/status");
  CHECK(status.at("state") == "degraded");
  REQUIRE(status.at("problems").size() == 1);
  CHECK(contains(status.at("problems").at(0).at("message"), "daily budget"));
  CHECK(edited);
  rig.start();
  CHECK(used() == 12);
  CHECK(rig.get("/api/sync/status").at("state") == "degraded");
  CHECK(rig.api("POST", "/api/contacts", R"({"email":"later@example.com"})").status == 201);
  CHECK(rig.sim().calls() <= 12);
  CHECK(rig.sim().calls() >= 10);
  rig.configure({{"rate_limit", {{"daily", "200"}}}});
  rig.daemon().signal(SIGHUP);
  REQUIRE(rig.daemon().wait_until([&] { return rig.get("/api/sync/status").at("state") != "degraded"; }));
  rig.full_sync();
  CHECK(joined(rig.differences()) == "");
}

TEST_CASE("a command with a key has one effect, also when the daemon is killed before its answer is read") {
  Rig rig;
  rig.start();
  const auto create = [](const std::string& key) {
    return Request{
        .method = "POST",
        .target = "/api/contacts",
        .body = R"({"email":")" + key + R"(@keys.example"})",
        .headers = {{"Idempotency-Key", key}}
    };
  };
  const auto how_many = [&rig](const std::string& key) {
    return rig.get("/api/contacts?search=" + key + "%40keys.example").at("total");
  };
  const Reply first = send({rig.socket()}, create("k1"));
  CHECK(first.status == 201);
  {
    Pending lost{{rig.socket()}, create("k2")};
    rig.daemon().wait(hubsync::Duration{3});
    rig.daemon().kill();
    (void)lost.finish();
  }
  rig.start();
  const Reply again = send({rig.socket()}, create("k1"));
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  const Reply second = send({rig.socket()}, create("k2"));
  CHECK(second.status == 201);
  CHECK(send({rig.socket()}, create("k2")).body == second.body);
  CHECK(how_many("k1") == 1);
  CHECK(how_many("k2") == 1);
  Request other = create("k1");
  other.body = R"({"email":"other@keys.example"})";
  const Reply refused = send({rig.socket()}, other);
  CHECK(refused.status == 409);
  CHECK(refused.json().at("error").at("code") == "conflict");
}
