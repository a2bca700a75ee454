// The token endpoint, and the access tokens that it grants.
#include <doctest/doctest.h>

#include "tests/unit/hubspot_sim/sim_fixture.hpp"

using namespace hubspot_sim;

namespace {

const std::string good =
    "grant_type=refresh_token&client_id=app&client_secret=s%2Fecret&refresh_token=refresh-1";
const std::string details = "/account-info/v3/details";

ModelOptions oauth_app() {
  ModelOptions options = Sim::quiet();
  options.limits = true;
  options.oauth_client_id = "app";
  options.oauth_client_secret = "s/ecret";
  options.refresh_token = "refresh-1";
  options.token_lifetime = Duration{90'000};
  return options;
}

Answer ask(Sim& sim, const std::string& form, const std::string& version = "2026-09") {
  return sim.send({"POST", "/oauth/" + version + "/token", "", form});
}

std::string status_of(Sim& sim, const std::string& form) {
  const Answer answer = ask(sim, form);
  CHECK(answer.status == 400);
  CHECK(answer.body.contains("error_description"));
  return answer.body.value("status", "") + " " + answer.body.value("error", "");
}

}  // namespace

TEST_CASE("a refresh token brings an access token in every version") {
  for (const std::string version : {"2026-09", "2026-03", "v3"}) {
    Sim sim{oauth_app()};
    const Answer answer = ask(sim, good, version);
    REQUIRE(answer.status == 200);
    CHECK(answer.body["expires_in"] == 90);
    CHECK(answer.body["token_type"] == "bearer");
    CHECK(answer.body["refresh_token"] == "refresh-1");
    sim.token = answer.body["access_token"];
    const Answer used = sim.get(details);
    CHECK(used.status == 200);
    CHECK(used.header("X-HubSpot-RateLimit-Max") == "100");
    CHECK(used.header("X-HubSpot-RateLimit-Daily") == "");
  }
}

TEST_CASE("an access token expires, and the answer tells for how long") {
  Sim sim{oauth_app()};
  sim.token = ask(sim, good).body["access_token"];
  sim.now += Duration{89'000};
  CHECK(sim.get(details).status == 200);
  sim.now += Duration{3'000};
  const Answer late = sim.get(details);
  CHECK(late.status == 401);
  CHECK(late.body["category"] == "EXPIRED_AUTHENTICATION");
  CHECK(late.body["message"] == "The OAuth token used to make this call expired 2 second(s) ago.");
  CHECK(late.body["context"].contains("expire time"));
  sim.now += std::chrono::hours{2};
  CHECK(sim.get(details).body["message"].get<std::string>().ends_with("expired 2 hour(s) ago."));
}

TEST_CASE("the token endpoint says what is wrong in HubSpot's words and in OAuth's") {
  Sim sim{oauth_app()};
  CHECK(status_of(sim, "grant_type=password") == "BAD_GRANT_TYPE unsupported_grant_type");
  CHECK(status_of(sim, "grant_type=refresh_token&client_id=other") == "BAD_CLIENT_ID invalid_client");
  CHECK(
      status_of(sim, "grant_type=refresh_token&client_id=app&client_secret=x") ==
      "BAD_CLIENT_SECRET invalid_client"
  );
  sim.set_option("refresh_token", "");
  CHECK(status_of(sim, good) == "BAD_REFRESH_TOKEN invalid_grant");
  CHECK(sim.send({"POST", "/oauth/v3/token?" + good, "", ""}).status == 400);
}

TEST_CASE("a rotated refresh token takes the place of the one before") {
  ModelOptions options = oauth_app();
  options.rotate_refresh_token = true;
  Sim sim{options};
  const Answer first = ask(sim, good);
  const std::string next = first.body["refresh_token"];
  CHECK(next != "refresh-1");
  CHECK(status_of(sim, good) == "BAD_REFRESH_TOKEN invalid_grant");
  CHECK(ask(sim, good.substr(0, good.rfind('=') + 1) + next).status == 200);
}

TEST_CASE("faults reach the token endpoint, and all granted access tokens can be taken back") {
  Sim sim{oauth_app()};
  sim.post("/_sim/faults", {{"path", "/oauth/"}, {"status", 429}, {"retry_after", "7"}});
  const Answer throttled = ask(sim, good);
  CHECK(throttled.status == 429);
  CHECK(throttled.header("Retry-After") == "7");
  sim.token = ask(sim, good).body["access_token"];
  sim.post("/_sim/tokens", {{"oauth", true}});
  CHECK(sim.get(details).body["category"] == "INVALID_AUTHENTICATION");
}
