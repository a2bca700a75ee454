#include <unistd.h>

#include <doctest/doctest.h>

#include "daemon/api/peer.hpp"
#include "tests/unit/daemon/api/fixture.hpp"

using namespace hubsync;
using namespace hubsync::api;

namespace {

hubsync::Conflict a_conflict() {
  hubsync::Conflict conflict;
  conflict.id = 3;
  conflict.version = 2;
  conflict.type = "contacts";
  conflict.record = {"r"};
  conflict.fields = {"phone"};
  conflict.local_version = {{"phone", "1"}};
  conflict.hubspot_version = {{"phone", "2"}};
  return conflict;
}

}  // namespace

TEST_CASE("a resolution reaches the engine with its fields and who asked") {
  ApiFixture api;
  hubsync::Conflict resolved = a_conflict();
  resolved.resolution = Resolution::merged;
  resolved.decided = {{"phone", {.local = "1", .remote = "2", .kept = "3"}}};
  api.engine.outcomes = {{.error = {}, .conflict = resolved}};
  api.peer.uid = ::getuid();
  const auto response = api.send(
      "POST",
      "/api/conflicts/3/resolve",
      R"({"resolution":"merged","fields":{"phone":{"value":"3"},"email":"hubspot","lastName":"local",)"
      R"("firstName":{"value":null}},"partial":true,"version":2})"
  );
  CHECK(response.status == 200);
  CHECK(body_of<api::Conflict>(response).decisions.at(0).kept == "3");
  REQUIRE(api.engine.wishes.size() == 1);
  const ConflictWish& wish = api.engine.wishes.front();
  CHECK(wish.id == 3);
  CHECK(wish.if_version == 2);
  CHECK(wish.resolution == Resolution::merged);
  CHECK(wish.partial);
  CHECK(wish.fields.at("phone") == Choice{.take = Choice::Take::value, .value = "3"});
  CHECK(wish.fields.at("firstName") == Choice{.take = Choice::Take::value, .value = ""});
  CHECK(wish.fields.at("email") == Choice{.take = Choice::Take::hubspot});
  CHECK(wish.fields.at("lastName") == Choice{.take = Choice::Take::local});
  CHECK(api.engine.resolver == user_of(api.peer));
}

TEST_CASE("a user is called by name, one without a name by number, TCP by address") {
  CHECK(user_of({.uid = 0}) == "root");
  CHECK(user_of({.uid = 3'999'999'999}) == "uid 3999999999");
  CHECK(user_of({.uid = 65'534}) == "uid 65534");
  CHECK(user_of({.kind = http::Peer::Kind::tcp, .address = "127.0.0.1"}) == "127.0.0.1");
}

TEST_CASE("an undo reaches the engine, and takes no body") {
  ApiFixture api;
  api.engine.outcomes = {{.error = {}, .conflict = a_conflict()}};
  CHECK(api.send("POST", "/api/conflicts/3/undo").status == 200);
  REQUIRE(api.engine.wishes.size() == 1);
  CHECK(api.engine.wishes.front().undo);
  CHECK(api.send("POST", "/api/conflicts/x/undo").status == 404);
  CHECK(api.send("POST", "/api/conflicts/3/undo", R"({"force":true})").status == 400);
}

TEST_CASE("a stale resolution is a 409 that shows the conflict as it is now") {
  ApiFixture api;
  api.engine.outcomes = {{.error = Error{ErrorCode::stale, "HubSpot has moved"}, .conflict = a_conflict()}};
  const auto response = api.send("POST", "/api/conflicts/3/resolve", R"({"resolution":"keep_local"})");
  CHECK(response.status == 409);
  CHECK(error_in(response).code == ErrorCode::stale);
  CHECK(response.body.contains(R"("conflict":{"id":"3",)"));
}

TEST_CASE("a resolution of no conflict is a 404, one that HubSpot can not confirm a 503") {
  ApiFixture api;
  api.engine.outcomes = {{.error = Error{ErrorCode::not_found, "there is no conflict 9"}, .conflict = {}}};
  CHECK(api.send("POST", "/api/conflicts/9/resolve", R"({"resolution":"keep_local"})").status == 404);
  CHECK(api.send("POST", "/api/conflicts/x/resolve", R"({"resolution":"keep_local"})").status == 404);
  api.engine.outcomes = {{.error = Error{ErrorCode::unavailable, "no answer"}, .conflict = a_conflict()}};
  CHECK(api.send("POST", "/api/conflicts/3/resolve", R"({"resolution":"keep_local"})").status == 503);
}

TEST_CASE("a wrong resolution is refused with the field at fault, and asks the engine nothing") {
  struct Case {
    std::string body;
    std::string field;
  };
  const std::vector<Case> cases{
      {"", ""},
      {"[]", ""},
      {"{}", "resolution"},
      {R"({"resolution":"newest"})", "resolution"},
      {R"({"resolution":"auto_resolved"})", "resolution"},
      {R"({"resolution":1})", "resolution"},
      {R"({"resolution":"merged"})", "fields"},
      {R"({"resolution":"merged","fields":{}})", "fields"},
      {R"({"resolution":"merged","fields":[]})", "fields"},
      {R"({"resolution":"keep_local","fields":{"phone":"local"}})", "fields"},
      {R"({"resolution":"merged","fields":{"phone":"remote"}})", "phone"},
      {R"({"resolution":"merged","fields":{"phone":{}}})", "phone"},
      {R"({"resolution":"merged","fields":{"phone":{"value":[]}}})", "phone"},
      {R"({"resolution":"merged","fields":{"phone":{"value":5}}})", "phone"},
      {R"({"resolution":"merged","fields":{"phone":{"value":true}}})", "phone"},
      {R"({"resolution":"merged","fields":{"phone":{"value":"1","x":1}}})", "phone"},
      {R"({"resolution":"keep_local","version":"2"})", "version"},
      {R"({"resolution":"keep_local","force":true})", "force"},
  };
  ApiFixture api;
  for (const Case& bad : cases) {
    CAPTURE(bad.body);
    const auto response = api.send("POST", "/api/conflicts/3/resolve", bad.body);
    CHECK(response.status == 400);
    CHECK(error_in(response).field == bad.field);
  }
  CHECK(api.engine.wishes.empty());
}

TEST_CASE("many resolutions are answered one by one") {
  ApiFixture api;
  api.engine.outcomes = {
      {.error = {}, .conflict = a_conflict()},
      {.error = Error{ErrorCode::not_found, "there is no conflict"}, .conflict = {}}
  };
  const auto response = api.send(
      "POST",
      "/api/conflicts/resolve",
      R"({"items":[{"id":"3","resolution":"keep_hubspot","version":2},{"id":"x","resolution":"keep_local"}]})"
  );
  CHECK(response.status == 200);
  REQUIRE(api.engine.wishes.size() == 2);
  CHECK(api.engine.wishes[0].if_version == 2);
  CHECK(api.engine.wishes[1].id == 0);
  const auto results = body_of<ResolveResults>(response);
  REQUIRE(results.items.size() == 2);
  CHECK(results.items[0].conflict->id == "3");
  CHECK_FALSE(results.items[0].error);
  CHECK(results.items[1].error->code == ErrorCode::not_found);
  CHECK(results.items[1].id == "x");
  for (const char* bad :
       {R"({"items":[]})",
        R"({"items":{}})",
        R"({"items":[{"resolution":"keep_local"}]})",
        R"({"items":[1]})",
        "{}"}) {
    CAPTURE(bad);
    CHECK(api.send("POST", "/api/conflicts/resolve", bad).status == 400);
  }
}

TEST_CASE("conflicts are filtered by type, field and record") {
  ApiFixture api;
  CHECK(api.get("/api/conflicts?entityType=contact&field=phone&entityId=r&page=2&limit=7").status == 200);
  CHECK(api.repository.conflict_query.type == "contacts");
  CHECK(api.repository.conflict_query.field == "phone");
  CHECK(api.repository.conflict_query.record == LocalId{"r"});
  CHECK(api.repository.conflict_query.page == 2);
  CHECK(api.get("/api/conflicts?entityType=deals").status == 400);
}

TEST_CASE("a record is explained with the last writers of both sides and what is pending") {
  ApiFixture api;
  api.add_record("r", "contacts", {{"phone", "2"}}).hubspot_id = HubspotId{512};
  api.repository.records["r"].remote_presence = Presence::live;
  hubsync::Explanation& known = api.repository.explanation;
  known.plan.summary = "It was edited here.";
  known.plan.fields = {
      {.field = "phone",
       .property = "phone",
       .rule = "conflict = manual",
       .local = "2",
       .remote = "1",
       .base = BasePair{"1", "1"},
       .state = "to HubSpot",
       .why = "Edited here."}
  };
  known.writers["phone"] = {.at = api.clock.now(), .actor = "uid 1000", .action = "update"};
  known.due = hubsync::DueItem{.record = {"r"}, .type = "contacts", .hubspot_id = {}, .error = "500"};
  known.aliases = {HubspotId{7}};
  api.engine.history["phone"] = {{.value = "1", .at = api.clock.now(), .source = "CRM_UI", .user = "user 7"}};
  const auto shown = body_of<api::Explanation>(api.get("/api/explain/contact/r"));
  CHECK(shown.former_hubspot_ids == std::vector<std::string>{"7"});
  CHECK(shown.hubspot_presence == "live");
  REQUIRE(shown.fields.size() == 1);
  CHECK(shown.fields[0].base_hubspot == "1");
  CHECK(shown.fields[0].last_local->user == "uid 1000");
  CHECK(shown.fields[0].last_hubspot->user == "user 7");
  CHECK(shown.pending->error_message == "500");
  CHECK(api.get("/api/explain/contacts/x").status == 404);
  CHECK(api.get("/api/explain/deals/r").status == 400);
}
