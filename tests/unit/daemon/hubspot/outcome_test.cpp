#include "daemon/hubspot/outcome.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hubsync;
using namespace std::chrono_literals;

namespace {

HttpReply answer(int status, std::string body, std::map<std::string, std::string, std::less<>> headers = {}) {
  headers.try_emplace("content-type", "application/json;charset=utf-8");
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

}  // namespace

TEST_CASE("a status decides what a failure means, and a write that got lost is unknown") {
  struct Row {
    int status;
    Outcome read;
    Outcome write;
  };
  for (const Row& row : std::vector<Row>{
           {302, Outcome::refused, Outcome::refused},
           {400, Outcome::refused, Outcome::refused},
           {401, Outcome::denied, Outcome::denied},
           {403, Outcome::denied, Outcome::denied},
           {404, Outcome::refused, Outcome::refused},
           {408, Outcome::unavailable, Outcome::unknown},
           {409, Outcome::refused, Outcome::refused},
           {414, Outcome::refused, Outcome::refused},
           {423, Outcome::unavailable, Outcome::unavailable},
           {429, Outcome::throttled, Outcome::throttled},
           {477, Outcome::throttled, Outcome::throttled},
           {500, Outcome::unavailable, Outcome::unknown},
           {502, Outcome::unavailable, Outcome::unknown},
           {503, Outcome::unavailable, Outcome::unknown},
           {504, Outcome::unavailable, Outcome::unknown},
           {520, Outcome::unavailable, Outcome::unknown},
           {524, Outcome::unavailable, Outcome::unknown},
           {0, Outcome::unavailable, Outcome::unknown},
       }) {
    CAPTURE(row.status);
    const HttpReply reply = answer(row.status, "");
    CHECK(failure_of(reply, Effect::read).outcome == row.read);
    CHECK(failure_of(reply, Effect::write).outcome == row.write);
    CHECK(failure_of(reply, Effect::write).status == row.status);
  }
}

TEST_CASE("a lost connection is unknown for a write unless nothing was sent") {
  CHECK(failure_of(TransportFailure{.message = "reset"}, Effect::write).outcome == Outcome::unknown);
  CHECK(failure_of(TransportFailure{.message = "reset"}, Effect::read).outcome == Outcome::unavailable);
  const TransportFailure refused{.surely_not_sent = true, .message = "refused"};
  CHECK(failure_of(refused, Effect::write).outcome == Outcome::unavailable);
  const TransportFailure later{.surely_not_sent = true, .message = "daily", .postponed = 1h};
  CHECK(failure_of(later, Effect::write).outcome == Outcome::postponed);
  CHECK(failure_of(later, Effect::write).retry_after == Duration(1h));
}

TEST_CASE("bad property values keep HubSpot's words") {
  const auto failure = failure_of(
      answer(400, R"({"status":"error","message":"Property values were not valid: [{\"isValid\":false}]",
        "correlationId":"c-1","category":"VALIDATION_ERROR",
        "errors":[{"message":"x","code":"INVALID_EMAIL","context":{"propertyName":["email"]}}]})"),
      Effect::write
  );
  CHECK(failure.category == "VALIDATION_ERROR");
  CHECK(failure.message == R"(Property values were not valid: [{"isValid":false}])");
  CHECK(failure.correlation_id == "c-1");
  CHECK(failure.properties == std::vector<std::string>{"email"});
  CHECK_FALSE(failure.retry_after);
}

TEST_CASE("a list of objects in the text of an error is told as what each of them says") {
  const auto failure = [](const std::string& list) {
    const std::string message =
        R"("message":"Property values were not valid: )" + list + R"(","category":"X"})";
    return failure_of(answer(400, R"({"status":"error",)" + message), Effect::write);
  };
  const auto told = [&failure](const std::string& list) { return failure(list).message; };
  CHECK(
      told(
          R"([{\"isValid\":false,\"message\":\"bob is no address\",\"name\":\"email\"},{\"message\":\"too long\"}])"
      ) == "Property values were not valid: email: bob is no address; too long"
  );
  CHECK(told(R"([{\"name\":\"email\"}])") == R"(Property values were not valid: [{"name":"email"}])");
  CHECK(told(R"([{\"message\":)") == R"(Property values were not valid: [{"message":)");
  CHECK(told("[1]") == "Property values were not valid: [1]");
  CHECK(
      failure(R"([{\"message\":\"no\",\"name\":\"email\"},{\"name\":\"industry\"}])").properties ==
      std::vector<std::string>{"email", "industry"}
  );
}

TEST_CASE("a conflict names the record that has the key, in its text or in its context, or not at all") {
  const auto in_text = failure_of(
      answer(409, R"({"message":"Contact already exists. Existing ID: 37765128953","category":"CONFLICT"})"),
      Effect::write
  );
  CHECK(in_text.existing_id == HubspotId{37765128953});
  const auto in_context = failure_of(
      answer(
          409, R"({"message":"exists","category":"CONFLICT","errors":[{"context":{"existingId":["12"]}}]})"
      ),
      Effect::write
  );
  CHECK(in_context.existing_id == HubspotId{12});
  CHECK_FALSE(failure_of(answer(409, R"({"message":"Contact already exists."})"), Effect::write).existing_id);
  CHECK_FALSE(failure_of(answer(409, R"({"message":"Existing ID: none"})"), Effect::write).existing_id);
}

TEST_CASE("HubSpot's own words are told from the page of a proxy") {
  CHECK(failure_of(answer(503, R"({"status":"error","message":"Try again"})"), Effect::write).own_words);
  CHECK(failure_of(answer(500, R"({"category":"INTERNAL_ERROR"})"), Effect::write).own_words);
  CHECK_FALSE(failure_of(answer(503, "<html><body>Bad gateway</body></html>"), Effect::write).own_words);
  CHECK_FALSE(failure_of(answer(503, "{}"), Effect::write).own_words);
  CHECK_FALSE(failure_of(answer(503, ""), Effect::write).own_words);
}

TEST_CASE("a missing scope is named") {
  const auto failure = failure_of(
      answer(403, R"({"status":"error","message":"No scopes.","category":"MISSING_SCOPES",
        "errors":[{"context":{"requiredGranularScopes":["crm.objects.contacts.read","crm.x"]}}],
        "links":{"scopes":"https://x"}})"),
      Effect::read
  );
  CHECK(failure.message == "No scopes. Needs one of: crm.objects.contacts.read crm.x");
}

TEST_CASE("both forms of a 404 are read") {
  const auto bare = failure_of(
      answer(404, R"({"status":"error","message":"resource not found","correlationId":"c"})"), Effect::read
  );
  CHECK(bare.category.empty());
  CHECK(bare.message == "resource not found");
  CHECK(
      failure_of(answer(404, R"({"category":"OBJECT_NOT_FOUND"})"), Effect::read).category ==
      "OBJECT_NOT_FOUND"
  );
}

TEST_CASE("every body of a 429 gives its own wait") {
  const auto rolling = failure_of(
      answer(
          429, R"({"status":"error","message":"You have reached your ten_secondly_rolling limit.",
        "errorType":"RATE_LIMIT","correlationId":"c","policyName":"TEN_SECONDLY_ROLLING","groupName":"publicapi:x"})"
      ),
      Effect::read
  );
  CHECK(rolling.retry_after == Duration(10s));
  CHECK(rolling.category == "TEN_SECONDLY_ROLLING");
  const auto search = failure_of(
      answer(429, R"({"status":"error","message":"You have reached your secondly limit.","correlationId":"c",
        "category":"RATE_LIMITS"})"),
      Effect::read
  );
  CHECK(search.retry_after == Duration(1s));
  const auto daily = failure_of(
      answer(429, R"({"message":"You have reached your daily limit.","policyName":"DAILY"})"), Effect::read
  );
  CHECK(daily.category == "DAILY");
  CHECK_FALSE(daily.retry_after);
  const auto plain =
      failure_of(answer(429, "error code: 1015", {{"content-type", "text/plain"}}), Effect::read);
  CHECK(plain.retry_after == Duration(10s));
  CHECK(plain.message == "error code: 1015");
}

TEST_CASE("Retry-After is honoured in seconds and as a date, within bounds") {
  const auto wait = [](int status, std::string text) {
    return failure_of(
               answer(
                   status, "{}", {{"retry-after", std::move(text)}, {"date", "Sun, 06 Nov 1994 08:49:37 GMT"}}
               ),
               Effect::read
    )
        .retry_after;
  };
  CHECK(wait(429, "7") == Duration(7s));
  CHECK(wait(429, "0") == Duration(1s));
  CHECK(wait(429, "86400") == Duration(15min));
  CHECK(wait(429, "99999999999999999999999") == Duration(15min));
  CHECK(wait(477, "86000") == Duration(86'000s));
  CHECK(wait(477, "8640000") == Duration(24h));
  CHECK(wait(503, "Sun, 06 Nov 1994 08:50:07 GMT") == Duration(30s));
  CHECK_FALSE(wait(503, "soon"));
  CHECK(failure_of(answer(423, "{}"), Effect::write).retry_after == Duration(2s));
  // Without the answer's own clock a date means nothing.
  CHECK_FALSE(failure_of(answer(503, "{}", {{"retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"}}), Effect::read)
                  .retry_after);
}

TEST_CASE("an HTML page, an empty body and broken JSON still give a message") {
  const auto html = failure_of(
      answer(502, "<html><h1>Bad gateway</h1></html>", {{"content-type", "text/html"}}), Effect::write
  );
  CHECK(html.message == "HTTP 502 with an HTML page");
  CHECK(html.outcome == Outcome::unknown);
  CHECK(failure_of(answer(500, ""), Effect::read).message == "HTTP 500 without a message");
  CHECK(failure_of(answer(500, R"({"message":)"), Effect::read).message == R"({"message":)");
  CHECK(failure_of(answer(500, R"([1])"), Effect::read).message == "[1]");
  CHECK(
      failure_of(answer(500, R"({"message":7,"category":[],"context":3,"errors":{}})"), Effect::read)
          .status == 500
  );
  CHECK(
      failure_of(answer(500, "", {{"x-hubspot-correlation-id", "c-9"}}), Effect::read).correlation_id == "c-9"
  );
}

TEST_CASE("messages are short and hold no control characters") {
  CHECK(tidy_message("a\r\n\x1b[31mb\t") == "a   [31mb");
  CHECK(tidy_message(std::string(2'000, 'x')).size() == 500);
  std::string accents;
  for (int i = 0; i < 600; ++i) {
    accents += "é";
  }
  CHECK(tidy_message(accents).size() == 1'000);
  CHECK(tidy_message("a\xFF\xC3(b") == "a\xEF\xBF\xBD\xEF\xBF\xBD(b");
  CHECK(tidy_message(std::string(100'000, '\x80')).size() <= 2'000);
  CHECK(tidy_message("  ").empty());
}

TEST_CASE("errors of single inputs get the meaning of their category") {
  const auto errors = item_errors(nlohmann::json::parse(R"([
    {"status":"error","category":"OBJECT_NOT_FOUND","message":"gone","context":{"ids":["1","2"]}},
    {"category":"CONFLICT","message":"x","errors":[{"context":{"existingId":["9"],"objectWriteTraceId":["t1"]}}]},
    {"category":"VALIDATION_ERROR","message":"x","context":{"id":7}},
    {"category":"RATE_LIMITS","message":"x"},
    {"category":"INTERNAL_ERROR","message":"x"},
    {"category":"MISSING_SCOPES","message":"x"},
    5
  ])"));
  REQUIRE(errors.size() == 6);
  CHECK(errors[0].failure.outcome == Outcome::refused);
  CHECK(errors[0].failure.status == 404);
  CHECK(errors[0].names("ids", "2"));
  CHECK(errors[1].failure.status == 409);
  CHECK(errors[1].failure.existing_id == HubspotId{9});
  CHECK(errors[1].names("objectWriteTraceId", "t1"));
  CHECK(errors[2].names("id", "7"));
  CHECK(errors[3].failure.outcome == Outcome::throttled);
  CHECK(errors[4].failure.outcome == Outcome::unknown);
  CHECK(errors[5].failure.outcome == Outcome::denied);
}
