#include "common/api_codec.hpp"

#include <doctest/doctest.h>

namespace hubsync::api {
namespace {

const Instant noon = *parse_instant("2026-11-24T12:00:00Z");

Record ada() {
  return {
      .type = "contacts",
      .id = "0190-1",
      .hubspot_id = "512",
      .fields = {{"email", "a@b.c"}, {"firstName", "Ada"}, {"lastName", "L"}, {"phone"}, {"company"}},
      .custom_fields = {{"lifecycle", "lead"}},
      .sync_status = "synced",
      .sync_direction = "to_hubspot",
      .last_modified_local = noon,
      .last_modified_hubspot = std::nullopt,
      .last_synced_at = noon,
      .version = 3,
      .deleted = false,
      .created_at = noon,
      .updated_at = noon,
      .error_message = std::nullopt,
  };
}

std::string problem_field(const std::string& body) {
  const auto input = decode_record_input(contact_fields, body);
  return input ? "no problem" : input.error().field;
}

}  // namespace

TEST_CASE("a record is written with its members in the order of the interface") {
  CHECK(
      encode(ada()) ==
      R"({"id":"0190-1","hubspotId":"512","email":"a@b.c","firstName":"Ada","lastName":"L","phone":null,"company":null,)"
      R"("customFields":{"lifecycle":"lead"},"syncStatus":"synced","syncDirection":"to_hubspot",)"
      R"("lastModifiedLocal":"2026-11-24T12:00:00.000Z","lastModifiedHubspot":null,)"
      R"("lastSyncedAt":"2026-11-24T12:00:00.000Z","version":3,"deleted":false,)"
      R"("createdAt":"2026-11-24T12:00:00.000Z","updatedAt":"2026-11-24T12:00:00.000Z","errorMessage":null})"
  );
}

TEST_CASE("what is written reads back the same") {
  const std::string record = encode(ada());
  CHECK(encode(decode<Record>(record).value()) == record);
  const std::string page = encode(Page<Record>{.items = {ada(), ada()}, .page = 2, .limit = 2, .total = 9});
  CHECK(encode(decode<Page<Record>>(page).value()) == page);
  Run run{.id = "r1", .kind = "full", .types = {"contacts"}, .state = "failed", .started_at = noon};
  run.progress["contacts"] = {.done = 5, .total = 9};
  run.error = Error{ErrorCode::refused, "HubSpot refused the token", "renew it", ""};
  run.guards = {{.id = "g1", .kind = "max_delete", .message = "12 deletes", .created_at = noon}};
  run.plan = {{{.type = "contacts", .action = "update", .fields = {{"phone", std::nullopt, "+49"}}}}};
  CHECK(encode(decode<Run>(encode(run)).value()) == encode(run));
  Status status{.state = "idle", .version = "1", .freshness = "current"};
  status.records["contacts"] = {.total = 1, .synced = 1};
  status.last_poll = run;
  CHECK(encode(decode<Status>(encode(status)).value()) == encode(status));
}

TEST_CASE("the status has the members of the interface in their order") {
  CHECK(
      encode(Status{.state = "idle", .version = "1", .freshness = "unknown"}) ==
      R"({"state":"idle","version":"1","uptimeSeconds":0,"records":{},)"
      R"("queue":{"pending":0,"running":0,"retrying":0,"failed":0,"completed":0},)"
      R"("rateLimit":{"capacity":0,"available":0,"waiting":0,"intervalMs":0,"dailyUsed":0,"dailyLimit":0},)"
      R"("webhooks":{"listening":false,"received":0,"rejected":0,"backlog":0,"lastEventAt":null},)"
      R"("conflicts":{"pending":0},"lastFullSync":null,"lastPoll":null,"freshness":"unknown",)"
      R"("guards":{"pending":0},"problems":[],"portalId":null})"
  );
}

TEST_CASE("a walk's last page has a null next, and a list's log leaves its payload out") {
  CHECK(encode(WalkPage<Record>{}) == R"({"items":[],"next":null})");
  const std::string log = encode(SyncLog{.id = "7", .created_at = noon});
  CHECK(log.find("payload") == std::string::npos);
  CHECK(encode(SyncLog{.id = "7", .created_at = noon, .payload = FieldList{{"a", "b"}}}
  ).contains(R"("payload":{"a":"b"})"));
}

TEST_CASE("an answer with members of the future is read, one with a wrong type is not") {
  CHECK(decode<Triggered>(R"({"runId":"r","shiny":{"a":[1]}})").value().run_id == "r");
  CHECK(decode<Triggered>(R"({"runId":7})").error().field == "runId");
  CHECK(decode<Retried>(R"({"retried":1.5})").error().field == "retried");
  CHECK(decode<Retried>(R"({"retried":99999999999999999999})").error().field == "retried");
  CHECK(decode<SyncLog>(R"({"createdAt":"yesterday"})").error().field == "createdAt");
}

TEST_CASE("an error body has hint and field only when there are any") {
  CHECK(
      encode_error({ErrorCode::not_found, "no such contact", "", ""}) ==
      R"({"error":{"code":"not_found","message":"no such contact"}})"
  );
  const Error full{ErrorCode::stale, "m", "h", "f"};
  CHECK(encode_error(full) == R"({"error":{"code":"stale","message":"m","hint":"h","field":"f"}})");
  CHECK(decode_error(encode_error(full)).value().code == ErrorCode::stale);
  CHECK(decode_error(R"({"error":{"code":"novel","message":"m"}})").value().code == ErrorCode::internal);
  for (const char* other : {"", "<html>", "[]", "{}", R"({"error":"text"})", R"({"error":null})"}) {
    CAPTURE(other);
    CHECK_FALSE(decode_error(other));
  }
}

TEST_CASE("every kind of error has a name that reads back") {
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    CHECK(parse_error_code(error_code_name(static_cast<ErrorCode>(code))) == static_cast<ErrorCode>(code));
  }
}

TEST_CASE("a record body sets what it names, null clears, customFields are merged in") {
  const auto input = decode_record_input(
      contact_fields, R"({"email":"a@b.c","phone":null,"customFields":{"n":1.50,"ok":true,"x":null}})"
  );
  const std::map<std::string, std::string, std::less<>> expected{
      {"email", "a@b.c"}, {"phone", ""}, {"n", "1.50"}, {"ok", "true"}, {"x", ""}
  };
  CHECK(input.value().fields == expected);
  CHECK(
      decode_record_input(contact_fields, R"({"customFields":{"big":12345678901234567890123}})")
          .value()
          .fields.at("big") == "12345678901234567890123"
  );
  CHECK(decode_record_input(contact_fields, "{}").value().fields.empty());
}

TEST_CASE("a record body with something else names the field at fault") {
  CHECK(problem_field(R"({"industry":"x"})") == "industry");
  CHECK(problem_field(R"({"version":3})") == "version");
  CHECK(problem_field(R"({"phone":49})") == "phone");
  CHECK(problem_field(R"({"email":["a"]})") == "email");
  CHECK(problem_field(R"({"customFields":[]})") == "customFields");
  CHECK(problem_field(R"({"customFields":{"a":{}}})") == "customFields.a");
  CHECK(problem_field(R"({"customFields":{"email":"x"}})") == "customFields.email");
  CHECK(problem_field(R"({"customFields":{"":"x"}})") == "customFields");
  CHECK(problem_field(R"({"customFields":{"a\u001b":"x"}})") == "customFields");
  CHECK(problem_field(R"({"email":"a\u0000b"})") == "email");
  CHECK(problem_field("{\"email\":\"" + std::string(max_value_bytes + 1, 'x') + "\"}") == "email");
  CHECK(problem_field("{\"email\":\"" + std::string(max_value_bytes, 'x') + "\"}") == "no problem");
}

TEST_CASE("JSON that is malformed, too deep, ambiguous or not UTF-8 is refused") {
  const std::string deep(500'000, '[');
  const std::string nested = "{\"customFields\":" + std::string(40, '[') + std::string(40, ']') + "}";
  for (const std::string& body :
       {std::string{""},
        std::string{"null"},
        std::string{"[]"},
        std::string{"{"},
        std::string{"{}x"},
        std::string{"{'a':1}"},
        std::string{R"({"email":"a","email":"b"})"},
        std::string{"{\"email\":\"\xff\"}"},
        std::string{"{\"email\":\"\xc0\xaf\"}"},
        std::string{R"({"email":"\ud800"})"},
        deep,
        nested}) {
    CAPTURE(body.substr(0, 60));
    const auto input = decode_record_input(contact_fields, body);
    REQUIRE_FALSE(input);
    CHECK(input.error().code == ErrorCode::invalid);
  }
}

TEST_CASE("a parse error does not repeat the input") {
  const auto input = decode_record_input(contact_fields, R"({"email":"secret@b.c" oops})");
  CHECK_FALSE(input.error().message.contains("secret"));
  CHECK_FALSE(input.error().message.contains("oops"));
}

TEST_CASE("a record input is written so that it reads back the same") {
  const RecordInput input{{{"email", "a@b.c"}, {"phone", ""}, {"jobTitle", "Boss"}}};
  const std::string body = encode_record_input(contact_fields, input);
  CHECK(body == R"({"email":"a@b.c","phone":null,"customFields":{"jobTitle":"Boss"}})");
  CHECK(decode_record_input(contact_fields, body).value().fields == input.fields);
  CHECK(encode_record_input(contact_fields, {{{"x", "1"}}}) == R"({"customFields":{"x":"1"}})");
}

TEST_CASE("a trigger may be empty, and knows its members") {
  CHECK(decode_trigger_request("").value().types.empty());
  const auto request =
      decode_trigger_request(R"({"types":["contact","companies","contacts"],"full":true})").value();
  CHECK(request.types == std::vector<std::string>{"contact", "companies", "contacts"});
  CHECK(request.full);
  CHECK_FALSE(request.dry_run);
  CHECK(decode_trigger_request(R"({"ful":true})").error().field == "ful");
  CHECK(decode_trigger_request(R"({"full":"yes"})").error().field == "full");
}

}  // namespace hubsync::api
