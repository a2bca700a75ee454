#include <doctest/doctest.h>

#include "tests/unit/daemon/api/fixture.hpp"

using namespace hubsync;
using namespace hubsync::api;

namespace {

hubsync::Guard twelve_contacts() {
  return {
      .id = 7,
      .type = "contacts",
      .direction = SyncDirection::to_hubspot,
      .count = 12,
      .limit = 5,
      .sample = {{.id = {"r1"}, .hubspot_id = HubspotId{512}, .key = "ada@example.org"}}
  };
}

}  // namespace

TEST_CASE("guards are listed with what they hold and which way it would go") {
  ApiFixture api;
  api.repository.guards = {twelve_contacts()};
  const auto page = decode<api::Page<api::Guard>>(api.get("/api/guards").body);
  REQUIRE(page);
  REQUIRE(page->items.size() == 1);
  const api::Guard& guard = page->items.front();
  CHECK(guard.id == "7");
  CHECK(guard.kind == "max_delete");
  CHECK(guard.entity_type == "contacts");
  CHECK(guard.direction == "to_hubspot");
  CHECK(guard.count == 12);
  REQUIRE(guard.sample.size() == 1);
  CHECK(guard.sample.front().hubspot_id == "512");
  CHECK(guard.sample.front().label == "ada@example.org");
  CHECK_FALSE(guard.released_at);
  CHECK_FALSE(api.repository.closed_guards_too);
  api.get("/api/guards?all=true");
  CHECK(api.repository.closed_guards_too);
}

TEST_CASE("a release tells the engine, once, and says who it was") {
  ApiFixture api;
  api.repository.guards = {twelve_contacts()};
  const http::Response response = api.send("POST", "/api/guards/7/release", R"({"count":12})");
  CHECK_MESSAGE(response.status == 200, response.body);
  const auto guard = decode<api::Guard>(response.body);
  REQUIRE(guard);
  CHECK(guard->released_by == "uid 1000");
  CHECK(api.repository.release.count == 12);
  CHECK(api.engine.released == std::vector<std::string>{"contacts"});
}

TEST_CASE("a guard that is unknown, no number or released already is not released") {
  ApiFixture api;
  api.repository.guards = {twelve_contacts()};
  api.repository.guards.front().closed_at = api.clock.now();
  CHECK(api.send("POST", "/api/guards/7/release", "").status == 409);
  CHECK(api.send("POST", "/api/guards/8/release", "").status == 404);
  CHECK(api.send("POST", "/api/guards/seven/release", "").status == 404);
  CHECK(api.send("POST", "/api/guards/7/release", R"({"count":"x"})").status == 400);
  CHECK(api.send("POST", "/api/guards/7/release", R"({"force":true})").status == 400);
  CHECK(api.engine.released.empty());
}
