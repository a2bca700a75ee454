#include "daemon/webhook/decode.hpp"

#include <set>

#include <doctest/doctest.h>

#include "tests/support/records.hpp"

using namespace hubsync;
using namespace hubsync::webhook;

namespace {

const std::string contact_event =
    R"({"eventId":3816279340,"subscriptionId":912345,"portalId":48210077,"appId":1160452,"occurredAt":1767225599001,)"
    R"("subscriptionType":"contact.propertyChange","attemptNumber":0,"objectId":211762804612,)"
    R"("propertyName":"firstname","propertyValue":"Ada","changeSource":"CRM_UI","sourceId":"userId:8123456"})";

std::vector<InboxEvent> decode(const std::string& body) {
  auto events = decode_events(body, test::default_rules());
  REQUIRE_MESSAGE(events.has_value(), (events ? "" : events.error().message));
  return *events;
}

bool refused(const std::string& body) {
  return !decode_events(body, test::default_rules()).has_value();
}

std::string with(std::string event, std::string_view from, std::string_view to) {
  const std::size_t at = event.find(from);
  REQUIRE(at != std::string::npos);
  return event.replace(at, from.size(), to);
}

std::string key_of(const std::string& event) {
  return decode("[" + event + "]").front().key;
}

}  // namespace

TEST_CASE("an event keeps what names it and what to read, and no value") {
  const auto events = decode("[" + contact_event + "]");
  REQUIRE(events.size() == 1);
  const InboxEvent& event = events.front();
  CHECK(event.portal_id == 48'210'077);
  CHECK(event.event_id == 3'816'279'340);
  CHECK(event.subscription_type == "contact.propertyChange");
  CHECK(event.property == "firstname");
  CHECK(event.occurred_at == instant_from_ms(1'767'225'599'001));
  CHECK(event.hint.type == "contacts");
  CHECK(event.hint.ids == std::vector<HubspotId>{{211'762'804'612}});
  CHECK(event.key.size() == 16);
}

TEST_CASE("the same event has one key whatever the attempt, and any difference makes another") {
  const std::string key = key_of(contact_event);
  CHECK(key_of(with(contact_event, R"("attemptNumber":0)", R"("attemptNumber":7)")) == key);
  CHECK(key_of(with(contact_event, R"("subscriptionId":912345)", R"("subscriptionId":1)")) == key);
  std::set<std::string> keys{key};
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"3816279340", "3816279341"},
           {"48210077", "48210078"},
           {"1767225599001", "1767225599002"},
           {"contact.propertyChange", "contact.creation"},
           {"211762804612", "211762804613"},
           {"\"firstname\"", "\"lastname\""},
           {"\"Ada\"", "\"ada\""}
       }) {
    keys.insert(key_of(with(contact_event, from, to)));
  }
  CHECK(keys.size() == 8);
  const auto pair = [](const char* name, const char* value) {
    return key_of(
        std::string{R"({"subscriptionType":"contact.propertyChange","objectId":1,"propertyName":")"} + name +
        R"(","propertyValue":")" + value + "\"}"
    );
  };
  CHECK(pair("ab", "c") != pair("a", "bc"));
}

TEST_CASE("ids beyond two to the power of 53 are read exactly, as numbers and as text") {
  CHECK(
      decode(R"([{"subscriptionType":"contact.creation","objectId":9007199254740993}])").front().hint.ids ==
      std::vector<HubspotId>{{9'007'199'254'740'993}}
  );
  CHECK(
      decode(R"([{"subscriptionType":"contact.creation","objectId":"9007199254740993"}])").front().hint.ids ==
      std::vector<HubspotId>{{9'007'199'254'740'993}}
  );
}

TEST_CASE("an event that says nothing usable is kept and hints at nothing; the others of its batch count") {
  const auto events = decode(
      R"([{},{"subscriptionType":"contact.creation","objectId":-4},{"subscriptionType":"contact.creation","objectId":1e3},)"
      R"({"subscriptionType":"deal.creation","objectId":5},{"subscriptionType":"contact.danced","objectId":6},)"
      R"({"subscriptionType":7,"objectId":null,"occurredAt":"soon"},)"
      R"({"subscriptionType":"contact.creation","objectId":99999999999999999999},)" +
      contact_event + "]"
  );
  REQUIRE(events.size() == 8);
  for (std::size_t i = 0; i < 7; ++i) {
    CAPTURE(i);
    CHECK(events[i].hint.type.empty());
    CHECK_FALSE(events[i].hint.why_not.empty());
  }
  CHECK(events[7].hint.type == "contacts");
}

TEST_CASE("a body that is no list of at most a hundred events is refused") {
  CHECK(refused(""));
  CHECK(refused("{}"));
  CHECK(refused("[1]"));
  CHECK(refused("[[]]"));
  CHECK(refused("[null]"));
  CHECK(refused("[{}"));
  CHECK(
      refused("[{}] "
              "x")
  );
  CHECK(refused(R"([{"a":1,"a":2}])"));
  CHECK(refused("[{\"a\":\"\xFF\"}]"));
  CHECK(refused(R"([{"a":"\ud800"}])"));
  CHECK(refused(std::string(500'000, '[')));
  CHECK(refused("[{\"a\":" + std::string(31, '[') + std::string(31, ']') + "}]"));
  CHECK(refused(std::string{"[]\0[]", 5}));
  CHECK(decode("[]").empty());
  std::string many = "[{}";
  for (int i = 1; i < 100; ++i) {
    many += ",{}";
  }
  CHECK(decode(many + "]").size() == 100);
  CHECK(refused(many + ",{}]"));
}

TEST_CASE("a text as long as HubSpot's longest value is taken, a longer one is not") {
  std::string umlauts;
  for (int i = 0; i < 65'536; ++i) {
    umlauts += "ä";
  }
  const auto event = [](const std::string& value) {
    return R"([{"subscriptionType":"contact.propertyChange","objectId":1,"propertyValue":")" + value + "\"}]";
  };
  CHECK(decode(event(umlauts)).size() == 1);
  CHECK(refused(event(umlauts + "x")));
}
