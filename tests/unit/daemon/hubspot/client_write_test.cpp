#include <doctest/doctest.h>

#include "tests/unit/daemon/hubspot/client_rig.hpp"

using namespace hubsync;
using namespace hubsync::test;

TEST_CASE("a create carries the key as a property, trace ids and no null") {
  Rig rig;
  auto inputs = two_creates();
  inputs[0].fields["company"] = "a reference is no property";
  inputs[0].fields["unmapped"] = "stays here";
  inputs[0].fields["phone"] = "";
  rig.write(WriteKind::create, inputs);
  CHECK(rig.sent().target == "/crm/objects/2026-09/contacts/batch/create");
  CHECK(rig.body() == json::parse(R"({"inputs":[
    {"objectWriteTraceId":"t1","properties":{"email":"a@x.example","phone":"","hubsync_id":"u1"}},
    {"objectWriteTraceId":"t2","properties":{"email":"b@x.example","hubsync_id":"u2"}}]})"));
}

TEST_CASE("an upsert names the key, and an update by id names none") {
  Rig rig;
  rig.write(WriteKind::upsert, {two_creates()[0]});
  CHECK(rig.sent().target == "/crm/objects/2026-09/contacts/batch/upsert");
  CHECK(
      rig.body() == json::parse(R"({"inputs":[{"objectWriteTraceId":"t1","id":"u1","idProperty":"hubsync_id",
    "properties":{"email":"a@x.example"}}]})")
  );
  rig.write(WriteKind::update, {two_updates()[0]});
  CHECK(rig.sent().target == "/crm/objects/2026-09/contacts/batch/update");
  CHECK(
      rig.body() ==
      json::parse(R"({"inputs":[{"objectWriteTraceId":"t1","id":"11","properties":{"phone":"1"}}]})")
  );
}

TEST_CASE("results of a write are matched by trace id in any order") {
  Rig rig;
  rig.transport.answer(
      201, R"({"results":[{"id":"2","objectWriteTraceId":"t2","properties":{"email":"b@x.example"}},
    {"id":"1","objectWriteTraceId":"t1","properties":{"email":"a@x.example"}}]})"
  );
  const auto replies = rig.write(WriteKind::create, two_creates());
  REQUIRE(replies.size() == 2);
  CHECK(replies[0].value().id == HubspotId{1});
  CHECK(replies[1].value().id == HubspotId{2});
}

TEST_CASE("without trace ids, results are matched by id, by key or by e-mail") {
  Rig rig;
  rig.transport.answer(200, R"({"results":[{"id":"22","properties":{}},{"id":"11","properties":{}}]})");
  const auto by_id = rig.write(WriteKind::update, two_updates());
  CHECK(by_id[0].value().id == HubspotId{11});
  rig.transport.answer(200, R"({"results":[{"id":"2","properties":{"hubsync_id":"u2"}},
    {"id":"1","properties":{"hubsync_id":"u1"}}]})");
  CHECK(rig.write(WriteKind::upsert, two_creates())[0].value().id == HubspotId{1});
  auto inputs = two_creates();
  inputs[0].uid = inputs[1].uid = "";
  inputs[0].fields["email"] = "A@X.example";
  rig.transport.answer(201, R"({"results":[{"id":"2","properties":{"email":"b@x.example"}},
    {"id":"1","properties":{"email":"a@x.example"}}]})");
  CHECK(rig.write(WriteKind::create, inputs)[0].value().id == HubspotId{1});
}

TEST_CASE("without trace ids, ids and keys, results are matched by the values that were sent") {
  Rig rig;
  auto inputs = two_creates();
  inputs[0].uid = inputs[1].uid = "";
  inputs[0].fields = {{"firstName", " Ada"}, {"phone", "1"}};
  inputs[1].fields = {{"firstName", "Ada"}, {"phone", "2"}};
  rig.transport.answer(201, R"({"results":[
    {"id":"2","properties":{"firstname":"Ada","phone":"2","createdate":"2026-11-29T10:00:00Z"}},
    {"id":"1","properties":{"firstname":"Ada","phone":"1","createdate":"2026-11-29T10:00:00Z"}}]})");
  const auto both = rig.write(WriteKind::create, inputs);
  REQUIRE(both[0].has_value());
  REQUIRE(both[1].has_value());
  CHECK(both[0]->id == HubspotId{1});
  CHECK(both[1]->id == HubspotId{2});
  SUBCASE("the only result is for the only input, whatever it shows") {
    rig.transport.answer(201, R"({"results":[{"id":"1","properties":{}}]})");
    CHECK(rig.write(WriteKind::create, {inputs[0]})[0].value().id == HubspotId{1});
  }
  SUBCASE("one of two that shows neither is nobody's") {
    rig.transport.answer(201, R"({"results":[{"id":"1","properties":{"firstname":"Bob"}}]})");
    const auto replies = rig.write(WriteKind::create, inputs);
    CHECK(replies[0].error().outcome == Outcome::unknown);
    CHECK(replies[1].error().outcome == Outcome::unknown);
  }
  SUBCASE("a key is compared as HubSpot stores it") {
    inputs[0].fields["email"] = " A@X.example ";
    inputs[1].fields["email"] = "b@x.example";
    rig.transport.answer(201, R"({"results":[{"id":"2","properties":{"email":"b@x.example"}},
      {"id":"1","properties":{"email":"a@x.example"}}]})");
    CHECK(rig.write(WriteKind::create, inputs)[0].value().id == HubspotId{1});
  }
}

TEST_CASE("each input of a partial failure is settled alone") {
  Rig rig;
  rig.transport.answer(
      207, R"({"results":[{"id":"1","objectWriteTraceId":"t1","properties":{}}],"numErrors":1,"errors":[
    {"status":"error","category":"CONFLICT","message":"Contact already exists. Existing ID: 5",
     "context":{"objectWriteTraceId":["t2"]}}]})"
  );
  rig.transport.with_header("x-hubspot-correlation-id", "c-7");
  const auto created = rig.write(WriteKind::create, two_creates());
  CHECK(created[0].has_value());
  REQUIRE_FALSE(created[1].has_value());
  CHECK(created[1].error().outcome == Outcome::refused);
  CHECK(created[1].error().existing_id == HubspotId{5});
  CHECK(created[1].error().correlation_id == "c-7");
  CHECK_FALSE(created[1].error().whole_batch);

  rig.transport.answer(207, R"({"results":[{"id":"22","properties":{}}],"errors":[
    {"category":"OBJECT_NOT_FOUND","message":"gone","context":{"ids":["11"]}}]})");
  const auto updated = rig.write(WriteKind::update, two_updates());
  CHECK(updated[0].error().status == 404);
  CHECK(updated[1].has_value());
}

TEST_CASE("an error that names nobody is the one open input's, and nobody's when there are two") {
  Rig rig;
  rig.transport.answer(207, R"({"results":[{"id":"22","properties":{}}],"errors":[
    {"category":"VALIDATION_ERROR","message":"bad"}]})");
  CHECK(rig.write(WriteKind::update, two_updates())[0].error().outcome == Outcome::refused);
  rig.transport.answer(207, R"({"results":[],"errors":[{"category":"VALIDATION_ERROR","message":"bad"}]})");
  const auto replies = rig.write(WriteKind::update, two_updates());
  CHECK(replies[0].error().outcome == Outcome::unknown);
  CHECK(replies[1].error().outcome == Outcome::unknown);
  CHECK(replies[1].error().message == "bad");
}

TEST_CASE("an answer that says nothing about a write leaves it unknown") {
  for (const char* body : {
           R"({"status":"COMPLETE","results":[]})",
           R"({"status":"PENDING","results":[]})",
           "{}",
           "",
           "<html></html>",
           R"({"results":[{"id":"7","objectWriteTraceId":"other","properties":{}}]})",
           R"({"results":[{"id":"x","objectWriteTraceId":"t1","properties":{}}]})",
       }) {
    CAPTURE(body);
    Rig rig;
    rig.transport.answer(200, body);
    for (const auto& reply : rig.write(WriteKind::create, two_creates())) {
      REQUIRE_FALSE(reply.has_value());
      CHECK(reply.error().outcome == Outcome::unknown);
    }
  }
}

TEST_CASE("a batch refused as one says nothing about its inputs, unless there is only one") {
  Rig rig;
  const char* refusal = R"({"status":"error","category":"VALIDATION_ERROR","message":"bad"})";
  rig.transport.answer(400, refusal);
  const auto two = rig.write(WriteKind::create, two_creates());
  CHECK(two[0].error().whole_batch);
  CHECK(two[1].error().whole_batch);
  rig.transport.answer(400, refusal);
  CHECK_FALSE(rig.write(WriteKind::create, {two_creates()[0]})[0].error().whole_batch);
  rig.transport.answer(503, "");
  const auto lost = rig.write(WriteKind::create, two_creates());
  CHECK(lost[0].error().outcome == Outcome::unknown);
  CHECK_FALSE(lost[0].error().whole_batch);
}

TEST_CASE("an input that can not be sent fails alone") {
  Rig rig;
  auto inputs = two_updates();
  inputs[0].fields["phone"] = "\xff";
  rig.transport.answer(200, R"({"results":[{"id":"22","properties":{}}]})");
  const auto replies = rig.write(WriteKind::update, inputs);
  CHECK(replies[0].error().outcome == Outcome::refused);
  CHECK(replies[1].has_value());
  CHECK(rig.body()["inputs"].size() == 1);
  CHECK(rig.write(WriteKind::update, {{.trace_id = "t"}})[0].error().outcome == Outcome::refused);
  CHECK(rig.write(WriteKind::upsert, {{.trace_id = "t"}})[0].error().outcome == Outcome::refused);
}
