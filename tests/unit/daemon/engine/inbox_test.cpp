#include "daemon/engine/inbox.hpp"

#include <doctest/doctest.h>

#include "tests/unit/daemon/engine/engine_rig.hpp"

using namespace hubsync;
using hubsync::test::EngineRig;

namespace {

const std::string batch_read = "POST /crm/objects/2026-09/contacts/batch/read";

}  // namespace

TEST_CASE("an edit that an event tells of is here within a second") {
  EngineRig rig;
  const auto id = rig.make("contacts", R"({"email":"a@x.example","firstname":"Ada"})");
  rig.tell("contact.creation", id);
  rig.wait();
  REQUIRE(rig.value("contacts", id, "firstName") == "Ada");
  rig.edit("contacts", id, R"({"firstname":"Eve"})");
  rig.tell("contact.propertyChange", id);
  rig.wait(std::chrono::milliseconds{500});
  CHECK(rig.value("contacts", id, "firstName") == "Eve");
  rig.wait();
  CHECK(rig.all_done());
}

TEST_CASE("the value used is the one that HubSpot shows, not the one the event tells") {
  EngineRig rig;
  const auto id = rig.make("contacts", R"({"email":"a@x.example","firstname":"Ada"})");
  rig.tell("contact.propertyChange", id);
  rig.wait();
  CHECK(rig.value("contacts", id, "firstName") == "Ada");
  CHECK(rig.record("contacts", id)->status == SyncStatus::synced);
}

TEST_CASE("an event that tells nothing new writes nothing and is no conflict") {
  EngineRig rig;
  const auto id = rig.make("contacts", R"({"email":"a@x.example","firstname":"Ada"})");
  rig.tell("contact.creation", id);
  rig.wait();
  const Record before = *rig.record("contacts", id);
  for (int i = 0; i < 3; ++i) {
    rig.tell("contact.propertyChange", id);
  }
  rig.wait();
  CHECK(*rig.record("contacts", id) == before);
  CHECK(rig.data.count("SELECT count(*) FROM conflicts") == 0);
  CHECK(rig.data.count("SELECT count(*) FROM due") == 0);
}

TEST_CASE("a deletion is believed only when HubSpot shows it") {
  EngineRig rig;
  const auto id = rig.make("contacts", R"({"email":"a@x.example"})");
  rig.tell("contact.creation", id);
  rig.wait();
  rig.tell("contact.deletion", id);
  rig.wait();
  CHECK(rig.record("contacts", id)->local_presence == Presence::live);
  CHECK(rig.all_done());
  rig.admin("DELETE", "/_sim/objects/contacts/" + std::to_string(id));
  rig.tell("contact.deletion", id);
  rig.wait();
  CHECK(rig.record("contacts", id)->local_presence == Presence::deleted);
  rig.admin("POST", "/_sim/objects/contacts/" + std::to_string(id) + "/restore");
  rig.tell("contact.restore", id);
  rig.wait();
  CHECK(rig.record("contacts", id)->local_presence == Presence::live);
}

TEST_CASE("a record that is nowhere is deleted when an event said so, and only then") {
  EngineRig rig;
  const auto id = rig.make("contacts", R"({"email":"a@x.example"})");
  rig.tell("contact.creation", id);
  rig.wait();
  rig.admin("POST", "/_sim/objects/contacts/" + std::to_string(id) + "/purge", R"({"privacy":false})");
  rig.tell("contact.propertyChange", id);
  rig.wait();
  CHECK(rig.record("contacts", id)->local_presence == Presence::live);
  rig.tell("contact.deletion", id);
  rig.wait();
  CHECK(rig.record("contacts", id)->local_presence == Presence::deleted);
}

TEST_CASE("events of a merge lead both records to the survivor, whichever of them comes first") {
  for (const bool loser_first : {false, true}) {
    EngineRig rig;
    const auto a = rig.make("contacts", R"({"email":"a@x.example","firstname":"Ada"})");
    const auto b = rig.make("contacts", R"({"email":"b@x.example","lastname":"Bee"})");
    rig.tell("contact.creation", a);
    rig.tell("contact.creation", b);
    rig.wait();
    const auto merged = rig.admin(
        "POST",
        "/_sim/objects/contacts/merge",
        "{\"primary\":" + std::to_string(a) + ",\"loser\":" + std::to_string(b) + "}"
    );
    const std::int64_t survivor = std::stoll(merged["id"].get<std::string>());
    if (loser_first) {
      rig.tell("contact.propertyChange", b);
      rig.wait();
    }
    rig.tell("contact.merge", a, {{a}, {b}});
    rig.tell("contact.propertyChange", survivor);
    rig.wait();
    REQUIRE(rig.record("contacts", survivor).has_value());
    CHECK_FALSE(rig.record("contacts", a).has_value());
    CHECK_FALSE(rig.record("contacts", b).has_value());
    CHECK(rig.data.repository->list_records({.type = "contacts"}).total == 1);
    CHECK(rig.value("contacts", survivor, "lastName") == "Bee");
    CHECK(
        rig.data.count("SELECT count(*) FROM sync_log WHERE action = 'delete' AND direction = 'to_hubspot'"
        ) == 0
    );
  }
}

TEST_CASE("a changed association is read, from whichever end the event tells it") {
  EngineRig rig;
  const auto company = rig.make("companies", R"({"name":"Acme","domain":"acme.example"})");
  const auto contact = rig.make("contacts", R"({"email":"a@x.example"})");
  rig.tell("company.creation", company);
  rig.tell("contact.creation", contact);
  rig.wait();
  CHECK(rig.value("contacts", contact, "company").empty());
  rig.admin(
      "POST",
      "/_sim/associations",
      "{\"from\":\"contacts\",\"fromId\":" + std::to_string(contact) +
          ",\"to\":\"companies\",\"toId\":" + std::to_string(company) + ",\"typeId\":1}"
  );
  WebhookEvent change;
  change.subscription_type = "company.associationChange";
  change.association_type = "COMPANY_TO_CONTACT";
  change.from = HubspotId{company};
  change.to = HubspotId{contact};
  rig.tell(change);
  rig.wait();
  CHECK(rig.value("contacts", contact, "company") == rig.record("companies", company)->id.text);
}

TEST_CASE(
    "a privacy deletion erases the person once HubSpot no longer has them, in whatever order its events come"
) {
  for (const bool deletion_first : {true, false}) {
    EngineRig rig;
    const auto id = rig.make("contacts", R"({"email":"canary@x.example"})");
    rig.tell("contact.creation", id);
    rig.wait();
    rig.admin("POST", "/_sim/objects/contacts/" + std::to_string(id) + "/purge", R"({"privacy":true})");
    rig.tell(deletion_first ? "contact.deletion" : "contact.privacyDeletion", id);
    rig.wait();
    rig.tell(deletion_first ? "contact.privacyDeletion" : "contact.deletion", id);
    rig.wait();
    CHECK_FALSE(rig.record("contacts", id).has_value());
    CHECK(rig.data.count("SELECT count(*) FROM records") == 0);
    CHECK(rig.all_done());
    CHECK(std::ranges::count(rig.events.kinds, "privacy.erased") == 1);
  }
}

TEST_CASE("a privacy deletion that comes before HubSpot has done it is looked at again within the minute") {
  EngineRig rig;
  const auto id = rig.make("contacts", R"({"email":"canary@x.example"})");
  rig.tell("contact.creation", id);
  rig.wait();
  rig.tell("contact.privacyDeletion", id);
  rig.wait(std::chrono::seconds{20});
  CHECK(rig.record("contacts", id).has_value());
  CHECK_FALSE(rig.all_done());
  rig.admin("POST", "/_sim/objects/contacts/" + std::to_string(id) + "/purge", R"({"privacy":true})");
  rig.wait(std::chrono::seconds{12});
  CHECK_FALSE(rig.record("contacts", id).has_value());
  CHECK(rig.all_done());
}

TEST_CASE("a privacy deletion that HubSpot never does is given up, and erases nobody") {
  EngineRig rig;
  const auto id = rig.make("contacts", R"({"email":"canary@x.example"})");
  rig.tell("contact.creation", id);
  rig.tell("contact.privacyDeletion", id);
  rig.wait(std::chrono::minutes{3});
  CHECK(rig.record("contacts", id).has_value());
  CHECK(rig.data.repository->list_inbox({.state = InboxState::failed}).total == 1);
}

TEST_CASE("a burst of events costs one read call for each hundred records") {
  EngineRig rig;
  rig.admin("POST", "/_sim/objects/contacts", R"({"count":2000,"properties":{"email":"p{n}@x.example"}})");
  std::vector<std::int64_t> ids;
  rig.admin("GET", "/_sim/counters");
  for (const auto& line :
       {rig.model
            .handle(
                {.method = "GET", .target = "/_sim/dump/contacts", .authorization = {}, .body = {}},
                rig.clock.now()
            )
            .body}) {
    std::size_t at = 0;
    while (at < line.size()) {
      const std::size_t end = line.find('\n', at);
      const auto json = nlohmann::json::parse(line.substr(at, end - at));
      ids.push_back(
          json["id"].is_string() ? std::stoll(json["id"].get<std::string>()) : json["id"].get<std::int64_t>()
      );
      at = end == std::string::npos ? line.size() : end + 1;
    }
  }
  REQUIRE(ids.size() == 2'000);
  for (int round = 0; round < 5; ++round) {
    for (const std::int64_t id : ids) {
      rig.tell("contact.propertyChange", id);
    }
    rig.wait(std::chrono::milliseconds{200});
  }
  rig.wait(std::chrono::minutes{2});
  CHECK(rig.all_done());
  CHECK(rig.calls(batch_read) == 20);
  CHECK(rig.data.repository->list_records({.type = "contacts"}).total == 2'000);
}

TEST_CASE("while HubSpot fails, events wait and are worked off when it is back") {
  EngineRig rig;
  const auto id = rig.make("contacts", R"({"email":"a@x.example"})");
  rig.admin(
      "POST", "/_sim/faults", R"({"method":"POST","path":"/crm/","action":"answer","status":502,"count":-1})"
  );
  rig.admin(
      "POST", "/_sim/faults", R"({"method":"GET","path":"/crm/","action":"answer","status":502,"count":-1})"
  );
  rig.tell("contact.creation", id);
  rig.wait(std::chrono::minutes{10});
  CHECK_FALSE(rig.all_done());
  rig.admin("DELETE", "/_sim/faults");
  rig.wait(std::chrono::minutes{10});
  CHECK(rig.all_done());
  CHECK(rig.record("contacts", id).has_value());
}

TEST_CASE("while webhooks flow polls are as rare as configured, and as often as ever once they stop") {
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  EngineRig rig;
  const auto id = rig.make("contacts", R"({"email":"a@x.example"})");
  rig.engine->reload({
      .rules = rig.rules,
      .retry = {},
      .poll_interval = minutes{1},
      .poll_interval_with_webhooks = minutes{10},
      .full_interval = hours{100},
  });
  const auto polls = [&rig] { return rig.calls("POST /crm/objects/2026-09/contacts/search"); };
  rig.wait(minutes{5});
  CHECK(polls() >= 4);
  int before = polls();
  for (int i = 0; i < 60; ++i) {
    rig.tell("contact.propertyChange", id);
    rig.wait(seconds{30});
  }
  CHECK(polls() - before >= 2);
  CHECK(polls() - before <= 4);
  before = polls();
  rig.wait(minutes{10});
  CHECK(polls() - before >= 9);
}

TEST_CASE("events of a type that HubSpot refuses to show wait, and hold up no others") {
  EngineRig rig;
  const auto company = rig.make("companies", R"({"name":"Acme"})");
  const auto contact = rig.make("contacts", R"({"email":"a@x.example"})");
  rig.admin(
      "POST",
      "/_sim/faults",
      R"({"path":"/crm/objects/2026-09/companies/","action":"answer","status":403,"count":-1})"
  );
  rig.tell("company.creation", company);
  rig.wait();
  rig.tell("contact.creation", contact);
  rig.wait();
  CHECK(rig.record("contacts", contact));
  CHECK_FALSE(rig.all_done());
  REQUIRE(rig.engine->problems().size() == 1);
  CHECK(rig.engine->problems().front().field == "companies");
  rig.admin("DELETE", "/_sim/faults");
  rig.wait(std::chrono::minutes{3});
  CHECK(rig.record("companies", company));
  CHECK(rig.all_done());
}
