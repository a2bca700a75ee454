#include <doctest/doctest.h>

#include "tests/unit/daemon/api/fixture.hpp"

using namespace hubsync;
using namespace hubsync::api;

namespace {

InboxItem item(std::int64_t id) {
  InboxItem made;
  made.id = id;
  made.state = InboxState::failed;
  made.event.subscription_type = "contact.propertyChange";
  made.event.property = "email";
  made.event.portal_id = 42;
  made.event.event_id = 7;
  made.event.hint = {.type = "contacts", .ids = {{512}, {513}}, .wish = {}, .why_not = {}};
  made.error = "given up";
  return made;
}

}  // namespace

TEST_CASE("the inbox is listed by state, and one event is shown whole") {
  ApiFixture api;
  api.repository.inbox = {item(3)};
  const auto page = body_of<api::Page<WebhookItem>>(api.get("/api/webhooks?status=failed&limit=10"));
  CHECK(api.repository.inbox_query.state == InboxState::failed);
  CHECK(api.repository.inbox_query.limit == 10);
  REQUIRE(page.items.size() == 1);
  const auto shown = body_of<WebhookItem>(api.get("/api/webhooks/3"));
  CHECK(shown.hubspot_ids == std::vector<std::string>{"512", "513"});
  CHECK(shown.property_name == "email");
  CHECK(shown.error_message == "given up");
  CHECK(shown.portal_id == "42");
  CHECK(api.get("/api/webhooks/4").status == 404);
  CHECK(api.get("/api/webhooks?status=odd").status == 400);
}

TEST_CASE("replaying an event wakes the engine") {
  ApiFixture api;
  api.repository.inbox = {item(3)};
  CHECK(api.send("POST", "/api/webhooks/3/replay").status == 202);
  CHECK(api.engine.webhooks == 1);
  CHECK(api.send("POST", "/api/webhooks/9/replay").status == 404);
  CHECK(api.engine.webhooks == 1);
}

TEST_CASE("without a listener there is nothing to test, and status says why") {
  ApiFixture api;
  CHECK(api.send("POST", "/api/webhooks/test").status == 503);
  api.services.webhook_problem = [] {
    return std::optional{Error{ErrorCode::not_found, "webhooks are off: no webhook secret found"}};
  };
  const auto status = body_of<Status>(api.get("/api/sync/status"));
  REQUIRE(status.problems.size() == 1);
  CHECK(status.problems.front().message == "webhooks are off: no webhook secret found");
  CHECK(status.state == "idle");
}
