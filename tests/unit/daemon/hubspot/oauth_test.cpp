#include "daemon/hubspot/oauth.hpp"

#include <doctest/doctest.h>

#include "tests/unit/daemon/hubspot/fake_transport.hpp"

using namespace hubsync;
using namespace std::chrono_literals;
using hubsync::test::FakeTransport;

namespace {

class App final : public OauthApp {
 public:
  void append_client_id(std::string& text) const override { text.append("app-1"); }
  void append_client_secret(std::string& text) const override { text.append("se/cret&x"); }
  void append_refresh_token(std::string& text) const override { text.append("refresh+1"); }
  void keep(std::string_view access_token, std::string_view refresh_token) override {
    access = access_token;
    refresh = refresh_token;
  }

  std::string access;
  std::string refresh;
};

struct Client {
  FakeTransport transport;
  std::shared_ptr<App> app = std::make_shared<App>();

  Reply<Duration> renew(std::string_view version = "2026-09") {
    OauthClient client{transport, *find_api_version(version), [this] { return app; }};
    return test::run(client.renew());
  }
  CallFailure refused(int status, std::string body) {
    transport.answer(status, std::move(body));
    const auto reply = renew();
    REQUIRE_FALSE(reply);
    CHECK(app->access == "");
    return reply.error();
  }
};

}  // namespace

TEST_CASE("a token is asked for with a form in the body, and no secret is in the URL") {
  for (const auto& [version, target] :
       {std::pair{"2026-09", "/oauth/2026-09/token"},
        std::pair{"2026-03", "/oauth/2026-03/token"},
        std::pair{"v3", "/oauth/v3/token"}}) {
    Client client;
    client.transport.answer(
        200, R"({"access_token":"a-1","refresh_token":"r-2","expires_in":1800,"token_type":"bearer"})"
    );
    CHECK(client.renew(version).value_or(0s) == 30min);
    const HttpRequest& request = client.transport.requests.at(0);
    CHECK(request.method == "POST");
    CHECK(request.target == target);
    CHECK(request.content_type == "application/x-www-form-urlencoded");
    CHECK(
        request.body ==
        "grant_type=refresh_token&client_id=app-1&client_secret=se%2Fcret%26x&refresh_token=refresh%2B1"
    );
    CHECK(request.grant);
    CHECK(client.app->access == "a-1");
    CHECK(client.app->refresh == "r-2");
  }
}

TEST_CASE("an answer without a lifetime counts for half an hour, one without a token for nothing") {
  Client client;
  client.transport.answer(200, R"({"access_token":"a-1"})");
  CHECK(client.renew().value_or(0s) == 30min);
  for (const char* body : {"{}", "[]", "", R"({"access_token":"a b"})", R"({"access_token":7})"}) {
    Client other;
    CHECK(other.refused(200, body).outcome == Outcome::unavailable);
  }
}

TEST_CASE("a revoked refresh token and a wrong app need a person, with the fix") {
  Client client;
  const CallFailure revoked = client.refused(
      400,
      R"({"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token","error":"invalid_grant"})"
  );
  CHECK(revoked.outcome == Outcome::denied);
  CHECK(revoked.category == "BAD_REFRESH_TOKEN");
  CHECK(revoked.message.find("missing or invalid refresh token") != std::string::npos);
  CHECK(revoked.hint.find("install the HubSpot app again") != std::string::npos);
  const CallFailure app = client.refused(400, R"({"error":"invalid_client","error_description":"who?"})");
  CHECK(app.outcome == Outcome::denied);
  CHECK(app.category == "invalid_client");
  CHECK(app.hint.find("hubspot.client_id") != std::string::npos);
}

TEST_CASE("any other refusal by the token endpoint is tried again") {
  Client client;
  CHECK(client.refused(503, "{}").outcome == Outcome::unavailable);
  CHECK(client.refused(403, "<html>").outcome == Outcome::unavailable);
  CHECK(client.refused(400, "<html>").outcome == Outcome::unavailable);
  client.transport.answers.emplace_back(HttpReply{.status = 429, .headers = {{"retry-after", "17"}}});
  const auto throttled = client.renew();
  REQUIRE_FALSE(throttled);
  CHECK(throttled.error().outcome == Outcome::throttled);
  CHECK(throttled.error().retry_after == 17s);
  client.transport.answers.emplace_back(std::unexpected(TransportFailure{.message = "reset"}));
  CHECK(client.renew().error().outcome == Outcome::unavailable);
}

TEST_CASE("an answer that repeats a secret is not shown") {
  Client client;
  const CallFailure failure =
      client.refused(400, R"({"status":"BAD_REFRESH_TOKEN","message":"refresh+1 is not known"})");
  CHECK(failure.outcome == Outcome::denied);
  CHECK(failure.message.find("refresh+1") == std::string::npos);
}
