#include "daemon/hubspot/record_page.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "daemon/hubspot/json_guard.hpp"
#include "tests/support/records.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

RecordPage page_of(std::string body, const RecordShape& shape = {}) {
  static const TypeRules rules = contact_rules();
  auto page = read_record_page(std::move(body), rules, shape);
  REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error()));
  return std::move(*page);
}

std::string results(std::string_view records) {
  return R"({"results":[)" + std::string(records) + "]}";
}

}  // namespace

TEST_CASE("a record's properties become fields by local name") {
  const auto page =
      page_of(R"({"results":[{"id":"874716779721","properties":{"createdate":"2022-02-17T19:22:45.581Z",
    "email":"a@b.example","firstname":"Zoë \"Z\" \ud83d\ude00","lastname":null,"phone":"","hs_object_id":"874716779721",
    "lastmodifieddate":"2022-02-17T19:22:50Z","hubsync_id":"u-1"},
    "createdAt":"2022-02-17T19:22:45.581Z","updatedAt":"2022-02-17T19:22:45.5Z","archived":false,
    "objectWriteTraceId":"t-1","url":"https://x","warnings":[{"category":"x","context":{"a":"b"}}]}],
    "paging":{"next":{"after":"874716779722","link":"https://evil.example/"}}})");
  REQUIRE(page.records.size() == 1);
  const RemoteRecord& record = page.records.front();
  CHECK(record.id == HubspotId{874716779721});
  CHECK_FALSE(record.archived);
  CHECK(
      record.values ==
      Fields{{"email", "a@b.example"}, {"firstName", "Zoë \"Z\" 😀"}, {"lastName", ""}, {"phone", ""}}
  );
  CHECK(record.uid == "u-1");
  CHECK(record.modified == parse_instant("2022-02-17T19:22:45.500Z"));
  CHECK(record.trace_id == "t-1");
  CHECK_FALSE(record.references_known);
  CHECK(page.next == "874716779722");
  CHECK(page.bad.empty());
}

TEST_CASE("null is empty and a missing key is absent") {
  const auto page = page_of(results(R"({"id":"1","properties":{"email":null}})"));
  CHECK(page.records.front().values == Fields{{"email", ""}});
  CHECK_FALSE(page.records.front().modified);
  CHECK_FALSE(page.records.front().uid);
}

TEST_CASE("numbers and booleans as property values are taken as the text they were sent as") {
  const auto page = page_of(results(
      R"({"id":1,"properties":{"phone":491234567890123456789012,"firstname":true,"lastname":1.50,"email":-7}})"
  ));
  CHECK(
      page.records.front().values ==
      Fields{
          {"email", "-7"}, {"firstName", "true"}, {"lastName", "1.50"}, {"phone", "491234567890123456789012"}
      }
  );
}

TEST_CASE("without updatedAt the modified property counts") {
  const auto page =
      page_of(results(R"({"id":"1","properties":{"lastmodifieddate":"2022-02-17T19:22:50Z"}})"));
  CHECK(page.records.front().modified == parse_instant("2022-02-17T19:22:50Z"));
}

TEST_CASE("one unreadable record is set aside and the others go on") {
  for (const char* bad : {
           R"({"properties":{}})",
           R"({"id":null,"properties":{}})",
           R"({"id":"x1","properties":{}})",
           R"({"id":99999999999999999999,"properties":{}})",
           R"({"id":-5})",
           R"({"id":{"a":[1,{"id":"7"}]}})",
           R"({"id":"2","properties":[]})",
           R"({"id":"2","properties":null})",
           R"({"id":"2","properties":{"email":["a"]}})",
           R"({"id":"2","properties":{"email":{"a":"b"}}})",
           R"({"id":"2","archived":"no"})",
           R"({"id":"2","associations":{"companies":{"results":[{"id":"x"}]}}})",
           R"({"id":"2","associations":{"companies":{"results":[7]}}})",
           R"({"id":"2","propertiesWithHistory":{"email":[{"timestamp":"yesterday"}]}})",
           "7",
           "null",
           "[]",
           R"([{"id":"9","properties":{}}])",
           "{\"id\":\"2\",\"properties\":{\"email\":\"a\xff\"}}",
           "{\"id\":\"2\",\"properties\":{\"email\":\"a\xed\xa0\x80\"}}",
           R"({"id":"2","properties":{"email":"a\ud800"}})",
           R"({"id":"2","properties":{"email":"\udc00\ud800x"}})",
           "{\"id\":\"2\",\"properties\":{\"email\":\"raw\nline\"}}",
       }) {
    CAPTURE(bad);
    const auto page = page_of(results(
        R"({"id":"1","properties":{"email":"é"}},)" + std::string(bad) +
        R"(,{"id":"3","properties":{"email":"c"}})"
    ));
    REQUIRE(page.records.size() == 2);
    CHECK(page.records[0].values == Fields{{"email", "é"}});
    CHECK(page.records[1].id == HubspotId{3});
    REQUIRE(page.bad.size() == 1);
    CHECK_FALSE(page.bad.front().reason.empty());
  }
}

TEST_CASE("odd text in a property that is not mapped does no harm") {
  CHECK(page_of(results("{\"id\":\"1\",\"other\":{\"x\":\"\xff\"},\"properties\":{\"n\":{\"x\":[]}}}"))
            .bad.empty());
}

TEST_CASE("a bad record keeps the id it was sent with") {
  CHECK(page_of(results(R"({"id":"77","properties":{"email":[]}})")).bad.front().id == "77");
}

TEST_CASE("a body that is not the promised shape is an error, not an empty page") {
  const TypeRules rules = contact_rules();
  for (const char* body : {
           "",
           "null",
           "[]",
           "7",
           "{}",
           R"({"results":null})",
           R"({"results":{}})",
           R"({"result":[]})",
           R"({"results":[)",
           R"({"results":[]}x)",
           "<html></html>",
           R"({"x":{"results":[]}})",
           R"({"results":[],"paging":{"next":{}}})",
           R"({"results":[],"paging":{"next":{"after":null}}})",
           R"({"results":[],"paging":{"next":{"after":""}}})",
           R"({"results":[],"paging":7})",
       }) {
    CAPTURE(body);
    CHECK_FALSE(read_record_page(body, rules, {}).has_value());
  }
}

TEST_CASE("nesting is capped before anything is built") {
  const TypeRules rules = contact_rules();
  CHECK_FALSE(read_record_page(std::string(500'000, '['), rules, {}).has_value());
  CHECK_FALSE(parse_json(std::string(500'000, '[')).has_value());
  std::string deep = R"({"results":[{"id":"1","x":)" + std::string(40, '[') + std::string(40, ']') + "}]}";
  CHECK_FALSE(read_record_page(deep, rules, {}).has_value());
  // Brackets inside text are no nesting.
  CHECK(parse_json("[\"" + std::string(100, '[') + "\"]").has_value());
}

TEST_CASE("paging, totals and errors are read wherever they stand") {
  const auto page = page_of(
      R"({"total":12,"errors":[{"category":"OBJECT_NOT_FOUND","context":{"ids":["5"]}}],
          "paging":{"next":{"after":200}},"status":"COMPLETE","numErrors":1,"results":[]})"
  );
  CHECK(page.total == 12);
  CHECK(page.next == "200");
  REQUIRE(page.errors.size() == 1);
  CHECK(page.errors.front().names("ids", "5"));
  CHECK_FALSE(page_of(R"({"results":[],"paging":null})").next);
  CHECK_FALSE(page_of(R"({"results":[],"paging":{"prev":{"before":"1"}}})").next);
}

TEST_CASE("the primary association is the reference, whatever the order") {
  const RecordShape shape{.associations = true};
  const auto page = page_of(
      results(R"({"id":"1","properties":{},"associations":{"companies":{"results":[
        {"id":"30","type":"contact_to_company_unlabeled"},{"id":"20","type":"contact_to_company_unlabeled"},
        {"id":"30","type":"contact_to_company"},{"id":10,"type":"billing_contact"}]}}},
        {"id":"2","properties":{},"associations":{"companies":{"results":[
        {"id":"30","type":"contact_to_company_unlabeled"},{"id":"20","type":"contact_to_company_unlabeled"}]}}},
        {"id":"3","properties":{}},{"id":"4","properties":{},"associations":{}},
        {"id":"5","properties":{},"associations":{"companies":{"results":[{"id":"30","type":"contact_to_company"}],
        "paging":{"next":{"after":"x","link":"y"}}}}})"),
      shape
  );
  REQUIRE(page.records.size() == 5);
  CHECK(page.records[0].reference == HubspotId{30});
  CHECK(page.records[0].references_known);
  CHECK(page.records[1].reference == HubspotId{20});
  CHECK(page.records[2].references_known);
  CHECK_FALSE(page.records[2].reference);
  CHECK(page.records[3].references_known);
  CHECK_FALSE(page.records[4].references_known);
}

TEST_CASE("of a property's history the newest time counts, in any order") {
  const auto page = page_of(results(R"({"id":"1","properties":{"email":"a"},"propertiesWithHistory":{"email":[
    {"value":"x","timestamp":"2022-01-01T00:00:00Z","sourceType":"API"},
    {"value":"a","timestamp":"2022-03-01T00:00:00.5Z","sourceType":"CRM_UI","updatedByUserId":4},
    {"value":"y","timestamp":"2022-02-01T00:00:00Z"}],"phone":[],"other":[{"timestamp":"never"}]}})"));
  REQUIRE(page.bad.empty());
  CHECK(page.records.front().times == FieldTimes{{"email", *parse_instant("2022-03-01T00:00:00.500Z")}});
  CHECK(page.records.front().values == Fields{{"email", "a"}});
}
