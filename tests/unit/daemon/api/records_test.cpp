#include <doctest/doctest.h>

#include "tests/support/deal_rules.hpp"
#include "tests/unit/daemon/api/fixture.hpp"

using namespace hubsync;
using namespace hubsync::api;

TEST_CASE("a created record is answered with 201, its address and its version") {
  ApiFixture api;
  const auto response = api.send(
      "POST",
      "/api/contacts",
      R"({"email":"a@b.c","phone":null,"customFields":{"lifecycle":"lead","score":7}})",
      {{"Content-Type", "application/json; charset=utf-8"}}
  );
  CHECK(response.status == 201);
  CHECK(header_of(response, "Location") == "/api/contacts/id-1");
  CHECK(header_of(response, "ETag") == "\"1\"");
  CHECK(response.body.starts_with(
      R"({"id":"id-1","hubspotId":null,"email":"a@b.c","firstName":null,"lastName":null,"phone":null,)"
      R"("company":null,"customFields":{"lifecycle":"lead","score":"7"},"syncStatus":"pending",)"
      R"("syncDirection":null,)"
  ));
  REQUIRE(api.repository.edits.size() == 1);
  CHECK(api.repository.edits[0].actor == "uid 1000");
  CHECK(api.engine.edits == 1);
}

TEST_CASE("companies have the same routes and fields of their own") {
  ApiFixture api;
  const auto created = api.send("POST", "/api/companies", R"({"name":"Initech","domain":"initech.example"})");
  CHECK(created.status == 201);
  CHECK(header_of(created, "Location") == "/api/companies/id-1");
  CHECK(api.send("PUT", "/api/companies/id-1", R"({"industry":"software"})").status == 200);
  const auto shown = api.get("/api/companies/id-1");
  CHECK(shown.body.contains(R"("name":"Initech","domain":"initech.example","industry":"software")"));
  CHECK(api.get("/api/contacts/id-1").status == 404);
  CHECK(api.send("POST", "/api/companies", R"({"email":"a@b.c"})").status == 400);
}

TEST_CASE("a type that is configured alone has the same routes, and all its fields in customFields") {
  ApiFixture api;
  CHECK(api.get("/api/deals").status == 404);
  api.engine.known_rules.types.push_back(test::deal_rules());
  const auto created = api.send("POST", "/api/deals", R"({"customFields":{"name":"Big one","amount":12}})");
  CHECK(created.status == 201);
  CHECK(header_of(created, "Location") == "/api/deals/id-1");
  CHECK(created.body.starts_with(
      R"({"id":"id-1","hubspotId":null,"customFields":{"amount":"12","name":"Big one"},"syncStatus":)"
  ));
  CHECK(api.send("PUT", "/api/deals/id-1", R"({"customFields":{"amount":"13"}})").status == 200);
  CHECK(api.get("/api/deals").body.contains(R"("amount":"13")"));
  CHECK(api.send("DELETE", "/api/deals/id-1").status == 200);
  CHECK(api.send("POST", "/api/deals/id-1/restore").status == 200);
  CHECK(api.get("/api/deal/id-1").status == 404);
  CHECK(api.get("/api/contacts/id-1").status == 404);
}

TEST_CASE("a change names its fields only and takes null as a clear") {
  ApiFixture api;
  api.add_record("r", "contacts", {{"email", "a@b.c"}, {"phone", "1"}});
  const auto response = api.send("PUT", "/api/contacts/r", R"({"phone":null})");
  CHECK(response.status == 200);
  CHECK(header_of(response, "ETag") == "\"4\"");
  CHECK(response.body.contains(R"("email":"a@b.c")"));
  CHECK(response.body.contains(R"("phone":null)"));
  CHECK(api.repository.edits.back().fields == Fields{{"phone", ""}});
  CHECK(api.engine.edits == 1);
}

TEST_CASE("a deleted record is shown as deleted and can be restored") {
  ApiFixture api;
  api.add_record("r", "contacts", {{"email", "a@b.c"}});
  const auto deleted = api.send("DELETE", "/api/contacts/r");
  CHECK(deleted.status == 200);
  CHECK(deleted.body.contains(R"("deleted":true)"));
  const auto restored = api.send("POST", "/api/contacts/r/restore");
  CHECK(restored.status == 200);
  CHECK(restored.body.contains(R"("deleted":false)"));
  CHECK(api.engine.edits == 2);
}

TEST_CASE("If-Match guards every edit against a stale version") {
  ApiFixture api;
  struct Case {
    std::string tag;
    int status;
  };
  for (const auto& [tag, status] : std::vector<Case>{
           {"\"3\"", 200},
           {"3", 200},
           {"*", 200},
           {"\"2\"", 412},
           {"\"abc\"", 412},
           {"W/\"3\"", 400},
           {"", 400},
           {"\"3\", \"4\"", 400}
       }) {
    CAPTURE(tag);
    for (const auto& [method, path] : std::vector<std::pair<std::string, std::string>>{
             {"PUT", "/api/contacts/r"}, {"DELETE", "/api/contacts/r"}, {"POST", "/api/contacts/r/restore"}
         }) {
      CAPTURE(method);
      api.add_record("r", "contacts", {{"email", "a@b.c"}});
      const auto response = api.send(method, path, method == "PUT" ? "{}" : "", {{"If-Match", tag}});
      CHECK(response.status == status);
      if (status != 200) {
        CHECK(error_in(response).code == (status == 412 ? ErrorCode::stale : ErrorCode::invalid));
      }
    }
  }
}

TEST_CASE("a taken e-mail is a conflict that names the field, and wakes nobody") {
  ApiFixture api;
  api.add_record("r", "contacts", {{"email", "a@b.c"}});
  const auto response = api.send("POST", "/api/contacts", R"({"email":"a@b.c"})");
  CHECK(response.status == 409);
  CHECK(error_in(response).field == "email");
  CHECK(api.engine.edits == 0);
}

TEST_CASE("a list passes its filters on and counts all") {
  ApiFixture api;
  api.add_record("r", "contacts", {{"email", "a@b.c"}});
  const auto response = api.get("/api/contacts?page=2&limit=500&search=ada&syncStatus=conflict&deleted=true");
  CHECK(response.status == 200);
  CHECK(response.body.starts_with(R"({"items":[{"id":"r",)"));
  CHECK(response.body.ends_with(R"("page":2,"limit":500,"total":1})"));
  const RecordQuery& query = api.repository.record_query;
  CHECK(query.type == "contacts");
  CHECK(query.page == 2);
  CHECK(query.limit == 500);
  CHECK(query.search == "ada");
  CHECK(query.status == SyncStatus::conflict);
  CHECK(query.deleted);
  CHECK_FALSE(query.after);
}

TEST_CASE("a walk shows every record once and ends with null") {
  ApiFixture api;
  std::vector<std::string> ids;
  for (const char last : {'a', 'b', 'c', 'd'}) {
    ids.push_back(std::string{"01a0c450-85bd-752f-8953-25734694700"} + last);
    api.add_record(ids.back(), "contacts", {});
  }
  std::vector<std::string> seen;
  std::optional<std::string> after = "";
  for (int pages = 0; after && pages < 10; ++pages) {
    const auto page = body_of<WalkPage<api::Record>>(api.get("/api/contacts?limit=2&after=" + *after));
    CHECK(page.items.size() == 2);
    for (const api::Record& record : page.items) {
      seen.push_back(record.id);
    }
    after = page.next;
  }
  CHECK(seen == ids);
  CHECK(api.get("/api/contacts?after=" + ids.back()).body == R"({"items":[],"next":null})");
  CHECK(api.get("/api/contacts?after=zzzz").status == 400);
}

TEST_CASE("an edit over TCP is audited with the address") {
  ApiFixture api;
  api.peer = {.kind = http::Peer::Kind::tcp, .address = "127.0.0.1"};
  (void)api.send("POST", "/api/contacts", R"({"email":"a@b.c"})");
  CHECK(api.repository.edits.back().actor == "127.0.0.1");
}

TEST_CASE("bad input of records is refused with the field at fault, and nothing is edited") {
  struct Case {
    std::string method;
    std::string target;
    std::string body;
    int status;
    std::string field;
  };
  const std::vector<Case> cases{
      {"GET", "/api/contacts?page=0", "", 400, "page"},
      {"GET", "/api/contacts?page=-1", "", 400, "page"},
      {"GET", "/api/contacts?page=1x", "", 400, "page"},
      {"GET", "/api/contacts?page=99999999999999999999", "", 400, "page"},
      {"GET", "/api/contacts?limit=0", "", 400, "limit"},
      {"GET", "/api/contacts?limit=501", "", 400, "limit"},
      {"GET", "/api/companies?limit=", "", 400, "limit"},
      {"GET", "/api/contacts?syncStatus=x", "", 400, "syncStatus"},
      {"GET", "/api/contacts?deleted=maybe", "", 400, "deleted"},
      {"POST", "/api/contacts", "", 400, ""},
      {"POST", "/api/contacts", "{", 400, ""},
      {"POST", "/api/contacts", "[]", 400, ""},
      {"POST", "/api/contacts", "\"a\"", 400, ""},
      {"POST", "/api/contacts", "{}", 400, ""},
      {"POST", "/api/contacts", R"({"email":"a@b.c"} x)", 400, ""},
      {"POST", "/api/contacts", R"({"email":"a@b.c","email":"d@e.f"})", 400, ""},
      {"POST", "/api/contacts", "{\"email\":\"\xff\"}", 400, ""},
      {"POST", "/api/contacts", R"({"phone":null})", 400, ""},
      {"POST", "/api/contacts", R"({"email":7})", 400, "email"},
      {"POST", "/api/contacts", R"({"email":["a"]})", 400, "email"},
      {"POST", "/api/contacts", R"({"nickname":"x"})", 400, "nickname"},
      {"POST", "/api/contacts", R"({"id":"x"})", 400, "id"},
      {"POST", "/api/contacts", R"({"customFields":"x"})", 400, "customFields"},
      {"POST", "/api/contacts", R"({"customFields":{"a":{}}})", 400, "customFields.a"},
      {"PUT", "/api/contacts/r", R"({"version":4})", 400, "version"},
      {"PUT", "/api/contacts/r", R"({"email":true})", 400, "email"},
      {"PUT", "/api/contacts/none", R"({"email":"a@b.c"})", 404, ""},
      {"GET", "/api/contacts/none", "", 404, ""},
      {"DELETE", "/api/contacts/none", "", 404, ""},
      {"POST", "/api/contacts/none/restore", "", 404, ""},
  };
  ApiFixture api;
  api.add_record("r", "contacts", {{"email", "x@y.z"}});
  for (const Case& bad : cases) {
    CAPTURE(bad.target);
    CAPTURE(bad.body);
    const auto response = api.send(bad.method, bad.target, bad.body);
    CHECK(response.status == bad.status);
    CHECK(error_in(response).field == bad.field);
  }
  CHECK(api.engine.edits == 0);
  CHECK(api.repository.records.size() == 1);
  CHECK(api.repository.records.at("r").version == 3);
}
