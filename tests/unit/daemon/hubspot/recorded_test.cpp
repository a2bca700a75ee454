#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "daemon/hubspot/outcome.hpp"
#include "daemon/hubspot/record_page.hpp"
#include "tests/support/records.hpp"

using namespace hubsync;
using nlohmann::json;

namespace {

/// The mapping of the account that was recorded.
TypeRules recorded_rules() {
  TypeRules rules = test::contact_rules();
  rules.fields = {
      {.name = "email", .property = "email", .kind = ValueKind::email},
      {.name = "firstName", .property = "firstname"},
      {.name = "lastName", .property = "lastname"},
      {.name = "text", .property = "text_field"},
      {.name = "number", .property = "number_field"},
  };
  return rules;
}

void check_records(const json& sent, const json& entry) {
  const auto page = read_record_page(entry.dump(), recorded_rules(), {});
  REQUIRE(page.has_value());
  CHECK(page->bad.empty());
  REQUIRE(page->records.size() == entry["results"].size());
  for (std::size_t i = 0; i < page->records.size(); ++i) {
    const json& result = entry["results"][i];
    const RemoteRecord& record = page->records[i];
    CHECK(to_string(record.id) == result["id"].get<std::string>());
    CHECK(record.modified == parse_instant(result["updatedAt"].get<std::string>()));
    CHECK(record.archived == result["archived"].get<bool>());
    const json& email =
        result["properties"].contains("email") ? result["properties"]["email"] : json(nullptr);
    CHECK(value_or_empty(record.values, "email") == (email.is_string() ? email.get<std::string>() : ""));
    CHECK(record.values.contains("text") == result["properties"].contains("text_field"));
  }
  if (sent.contains("filterGroups")) {
    CHECK(page->total == entry["total"].get<std::int64_t>());
  }
}

}  // namespace

TEST_CASE("every recorded answer of the real HubSpot is read") {
  std::ifstream file(HUBSYNC_SOURCE_DIR "/tests/support/recorded-hubspot-2022.jsonl");
  REQUIRE(file.good());
  int read = 0;
  int limited = 0;
  for (std::string line; std::getline(file, line);) {
    const json entry = json::parse(line);
    if (!entry.contains("status")) {
      continue;  // The line on the origin of the recording.
    }
    HttpReply reply{
        .status = entry["status"].get<int>(), .body = entry["reply"].is_null() ? "" : entry["reply"].dump()
    };
    for (const auto& [name, value] : entry["headers"].items()) {
      std::string lower = name;
      for (char& c : lower) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      }
      reply.headers[lower] = value.get<std::string>();
    }
    if (!is_success(reply.status)) {
      const CallFailure failure = failure_of(reply, Effect::read);
      CHECK(failure.outcome == Outcome::throttled);
      CHECK(failure.category == "RATE_LIMITS");
      CHECK(failure.retry_after == Duration{1'000});
      CHECK(failure.correlation_id == entry["reply"]["correlationId"].get<std::string>());
      ++limited;
    } else if (!reply.body.empty()) {
      check_records(entry["request"], entry["reply"]);
      ++read;
    }
  }
  CHECK(read == 136);
  CHECK(limited == 22);
}
