// Commands with an Idempotency-Key (I20).
#include <doctest/doctest.h>

#include "tests/unit/daemon/api/fixture.hpp"

using namespace hubsync;
using namespace hubsync::api;

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

const Headers first_key{{"Idempotency-Key", "4a1f"}};
const std::string ada = R"({"email":"a@b.c"})";

}  // namespace

TEST_CASE("a command that is repeated is answered as before, and carried out once") {
  ApiFixture api;
  const auto first = api.send("POST", "/api/contacts", ada, first_key);
  CHECK(first.status == 201);
  CHECK(api.repository.kept_for == LocalId{"id-1"});
  CHECK(api.send("PUT", "/api/contacts/id-1", R"({"phone":"1"})").status == 200);
  const auto again = api.send("POST", "/api/contacts", ada, first_key);
  CHECK(again.status == first.status);
  CHECK(again.body == first.body);
  CHECK(header_of(again, "Location") == header_of(first, "Location"));
  CHECK(header_of(again, "ETag") == header_of(first, "ETag"));
  CHECK(api.repository.records.size() == 1);
  for (const std::string method : {"PUT", "DELETE"}) {
    const Headers key{{"Idempotency-Key", method}};
    const std::string body = method == "PUT" ? R"({"phone":"2"})" : "";
    const auto done = api.send(method, "/api/contacts/id-1", body, key);
    const auto edits = api.repository.edits.size();
    CHECK(api.send(method, "/api/contacts/id-1", body, key).body == done.body);
    CHECK(api.repository.edits.size() == edits);
  }
}

TEST_CASE("a key that was given to another request is a conflict, whatever differs") {
  ApiFixture api;
  api.add_record("r", "contacts", {{"email", "a@b.c"}});
  REQUIRE(api.send("PUT", "/api/contacts/r", R"({"phone":"1"})", first_key).status == 200);
  const auto edits = api.repository.edits.size();
  const auto refused = [&](const std::string& method, const std::string& path, const std::string& body) {
    const auto response = api.send(method, path, body, first_key);
    CHECK(response.status == 409);
    CHECK(error_in(response).code == ErrorCode::conflict);
    CHECK(error_in(response).field == "Idempotency-Key");
  };
  refused("PUT", "/api/contacts/r", R"({"phone":"2"})");
  refused("PUT", "/api/contacts/s", R"({"phone":"1"})");
  refused("DELETE", "/api/contacts/r", "");
  refused("POST", "/api/queue/pause", "");
  const Headers versioned{{"Idempotency-Key", "4a1f"}, {"If-Match", "\"3\""}};
  CHECK(api.send("PUT", "/api/contacts/r", R"({"phone":"1"})", versioned).status == 409);
  CHECK(api.repository.edits.size() == edits);
  CHECK(api.send("GET", "/api/contacts/r", "", first_key).status == 200);

  api.peer.uid = 1001;  // Keys of somebody else are others.
  CHECK(api.send("PUT", "/api/contacts/r", R"({"phone":"2"})", first_key).status == 200);
}

TEST_CASE("a refused command is not remembered: it may succeed later") {
  ApiFixture api;
  CHECK(api.send("PUT", "/api/contacts/r", R"({"phone":"1"})", first_key).status == 404);
  api.add_record("r", "contacts", {{"email", "a@b.c"}});
  CHECK(api.send("PUT", "/api/contacts/r", R"({"phone":"1"})", first_key).status == 200);
}

TEST_CASE("a key is one header of up to 255 visible characters") {
  ApiFixture api;
  for (const std::string& key :
       {std::string{}, std::string(256, 'k'), std::string{"a b"}, std::string{"ä"}}) {
    const auto response = api.send("POST", "/api/contacts", ada, {{"Idempotency-Key", key}});
    CHECK(response.status == 400);
    CHECK(error_in(response).field == "Idempotency-Key");
  }
  CHECK(
      api.send("POST", "/api/contacts", ada, {{"Idempotency-Key", "a"}, {"Idempotency-Key", "b"}}).status ==
      400
  );
  CHECK(api.repository.records.empty());
  CHECK(api.send("POST", "/api/contacts", ada, {{"Idempotency-Key", std::string(255, 'k')}}).status == 201);
}

TEST_CASE("a decision about a conflict is repeated with its answer, and kept for its record") {
  ApiFixture api;
  hubsync::Conflict conflict;
  conflict.id = 4;
  conflict.record = {"r"};
  api.engine.outcomes = {{.conflict = conflict}};
  const std::string decision = R"({"resolution":"keep_local"})";
  const auto first = api.send("POST", "/api/conflicts/4/resolve", decision, first_key);
  REQUIRE(first.status == 200);
  CHECK(api.repository.kept_for == LocalId{"r"});
  api.engine.outcomes = {{.error = Error{ErrorCode::stale, "it is resolved already"}, .conflict = conflict}};
  api.engine.wishes.clear();
  const auto again = api.send("POST", "/api/conflicts/4/resolve", decision, first_key);
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  CHECK(api.engine.wishes.empty());
  // Refused as it is resolved already, by nobody whose key is known.
  CHECK(api.send("POST", "/api/conflicts/4/resolve", decision, {{"Idempotency-Key", "other"}}).status == 409);
}

TEST_CASE("what the engine does is repeated with its answer too, which may be anybody's") {
  ApiFixture api;
  const auto first = api.send("POST", "/api/sync/trigger", R"({"full":true})", first_key);
  CHECK(first.status == 202);
  CHECK(api.repository.kept_for == LocalId{});
  api.engine.trigger_answer = Engine::Triggered{.run_id = "run-9", .joined = false};
  const auto again = api.send("POST", "/api/sync/trigger", R"({"full":true})", first_key);
  CHECK(again.status == 202);
  CHECK(again.body == first.body);
  CHECK(header_of(again, "Location") == "/api/sync/runs/run-1");
}
