#include <doctest/doctest.h>

#include "tests/unit/daemon/api/fixture.hpp"

using namespace hubsync;
using namespace hubsync::api;

TEST_CASE("an unknown path is 404 in the shape of errors") {
  ApiFixture api;
  for (const char* const path :
       {"/",
        "/api",
        "/api/",
        "/api/contact",
        "/api/deals",
        "/api/contacts/",
        "/api/contacts//restore",
        "/api/contacts/r/undo",
        "/api/sync",
        "/api/sync/retry/",
        "/api/contacts/a/b/c",
        "/healthz/"}) {
    CAPTURE(path);
    const auto response = api.get(path);
    CHECK(response.status == 404);
    CHECK(error_in(response).code == ErrorCode::not_found);
  }
}

TEST_CASE("a known path with another method is 405 and says which it takes") {
  struct Case {
    std::string method;
    std::string path;
    std::string allowed;
  };
  const std::vector<Case> cases{
      {"PUT", "/api/contacts", "GET, HEAD, POST"},
      {"POST", "/api/companies/r", "GET, HEAD, PUT, DELETE"},
      {"GET", "/api/contacts/r/restore", "POST"},
      {"GET", "/api/sync/trigger", "POST"},
      {"POST", "/api/sync/status", "GET, HEAD"},
      {"DELETE", "/api/conflicts/history", "GET, HEAD"},
      {"DELETE", "/api/queue/pause", "POST"},
      {"GET", "/api/queue/r", "DELETE"},
      {"PATCH", "/healthz", "GET, HEAD"},
  };
  ApiFixture api;
  for (const Case& wrong : cases) {
    CAPTURE(wrong.path);
    const auto response = api.send(wrong.method, wrong.path);
    CHECK(response.status == 405);
    CHECK(error_in(response).code == ErrorCode::not_allowed);
    CHECK(header_of(response, "Allow") == wrong.allowed);
  }
}

TEST_CASE("a body of another type than JSON is 415") {
  struct Case {
    std::string type;
    int status;
  };
  const std::vector<Case> cases{
      {"application/json", 201},
      {"Application/JSON ; charset=utf-8", 201},
      {"application/vnd.hubsync+json", 201},
      {"application/x-www-form-urlencoded", 415},
      {"text/plain", 415},
      {"application/jsonp", 415},
      {"", 415},
  };
  for (const Case& sent : cases) {
    CAPTURE(sent.type);
    ApiFixture api;
    const auto response =
        api.send("POST", "/api/contacts", R"({"email":"a@b.c"})", {{"Content-Type", sent.type}});
    CHECK(response.status == sent.status);
    CHECK(api.repository.edits.size() == (sent.status == 201 ? 1 : 0));
  }
}

TEST_CASE("a body nobody asked for needs no type") {
  ApiFixture api;
  CHECK(api.send("POST", "/api/queue/pause", "", {{"Content-Type", "text/plain"}}).status == 200);
}

TEST_CASE("health says that the daemon lives, whatever HubSpot does") {
  ApiFixture api;
  api.engine.now = Engine::State::degraded;
  const auto response = api.get("/healthz");
  CHECK(response.status == 200);
  CHECK(response.body == R"({"status":"ok","state":"degraded"})");
}

TEST_CASE("the configuration is shown as it is in effect") {
  ApiFixture api;
  const auto response = api.get("/api/config");
  CHECK(response.status == 200);
  CHECK(response.body == R"({"file":"/etc/hubsync/hubsync.toml","toml":"[sync]\n"})");
}

TEST_CASE("what the store throws leaves the handler as an exception") {
  struct Broken : FakeRepository {
    StoreStatus status() override { throw std::runtime_error("disk I/O error"); }
  };
  ApiFixture api;
  Broken broken;
  FakeStore store{broken, api.loop};
  Services services{
      .store = store,
      .engine = api.engine,
      .clock = api.clock,
      .throttle = api.throttle,
      .started_at = api.clock.now(),
      .config = {},
      .webhooks = {},
      .version = {}
  };
  const http::Handler handler = make_handler(services);
  http::Request request;
  request.method = "GET";
  request.path = "/api/sync/status";
  CHECK_THROWS_AS((void)api.clock.run(handler(std::move(request))), std::runtime_error);
}
