#include "tests/hubspot_sim/admin.hpp"

#include <set>

#include <doctest/doctest.h>

#include "tests/unit/hubspot_sim/sim_fixture.hpp"

using namespace hubspot_sim;
using nlohmann::json;

namespace {

const std::string list = "/crm/v3/objects/contacts";

Answer create(Sim& sim) {
  return sim.post(list, {{"properties", {{"email", "a@example.com"}}}});
}

bool exists(Sim& sim) {
  return sim.get(list + "/a@example.com?idProperty=email").status == 200;
}

}  // namespace

TEST_CASE("an answer fault replaces the answer and applies nothing, as often as asked") {
  Sim sim;
  sim.post(
      "/_sim/faults", {{"method", "POST"}, {"path", list}, {"status", 502}, {"body", "html"}, {"count", 2}}
  );
  CHECK(sim.get(list).status == 200);
  for (int i = 0; i < 2; ++i) {
    const auto bad = create(sim);
    CHECK(bad.status == 502);
    CHECK(bad.header("Content-Type").starts_with("text/html"));
  }
  CHECK_FALSE(exists(sim));
  CHECK(create(sim).status == 201);
}

TEST_CASE("a dropped connection says by its action whether the request was applied") {
  Sim before;
  before.post("/_sim/faults", {{"method", "POST"}, {"action", "drop_before"}});
  CHECK(create(before).delivery == Delivery::drop);
  CHECK_FALSE(exists(before));
  Sim after;
  after.post("/_sim/faults", {{"method", "POST"}, {"action", "drop_after"}});
  CHECK(create(after).delivery == Delivery::drop);
  CHECK(exists(after));
}

TEST_CASE("answers can be late, cut, truncated, or wrong after the work was done") {
  Sim sim;
  sim.post("/_sim/faults", {{"action", "delay"}, {"delay", "3s"}});
  CHECK(sim.get(list).delay == Duration{3'000});
  sim.post("/_sim/faults", {{"action", "cut_after"}});
  CHECK(sim.get(list).delivery == Delivery::cut_short);
  sim.post("/_sim/faults", {{"action", "truncate"}});
  CHECK(sim.get(list).body.is_discarded());
  sim.post("/_sim/faults", {{"action", "applied_answer"}, {"status", 504}, {"body", "html"}});
  CHECK(create(sim).status == 504);
  CHECK(exists(sim));
}

TEST_CASE("the odd answers of HubSpot's surroundings are there") {
  Sim sim;
  sim.post("/_sim/faults", {{"status", 477}, {"retry_after", "3600"}});
  const auto moved = sim.get(list);
  CHECK(moved.status == 477);
  CHECK(moved.header("Retry-After") == "3600");
  sim.post("/_sim/faults", {{"status", 429}, {"body", "cloudflare_1015"}});
  CHECK(sim.get(list).text == "error code: 1015");
  sim.post("/_sim/faults", {{"status", 200}, {"body", "empty"}});
  CHECK(sim.get(list).text.empty());
  sim.post("/_sim/faults", {{"status", 423}});
  CHECK(sim.get(list).body["status"] == "error");
}

TEST_CASE("a fault can skip requests, hit a share of them, and be taken back") {
  Sim sim;
  sim.post("/_sim/faults", {{"skip", 2}, {"count", 1}});
  CHECK(sim.get(list).status == 200);
  CHECK(sim.get(list).status == 200);
  CHECK(sim.get(list).status == 500);
  CHECK(sim.get(list).status == 200);
  const auto id = sim.post("/_sim/faults", {{"percent", 30}, {"count", -1}}).body["id"];
  int hits = 0;
  for (int i = 0; i < 200; ++i) {
    hits += sim.get(list).status == 500 ? 1 : 0;
  }
  CHECK(hits > 30);
  CHECK(hits < 90);
  CHECK(sim.remove("/_sim/faults/" + std::to_string(id.get<int>())).status == 204);
  CHECK(sim.get(list).status == 200);
}

TEST_CASE("a person edits many records in one call") {
  Sim sim;
  sim.model.seed({.contacts = 50, .companies = 5}, sim.now);
  sim.wait(1'000);
  const auto edited = sim.post(
      "/_sim/objects/contacts/bulk-edit",
      {{"count", 30}, {"skip", 10}, {"properties", {{"phone", "+1 {n} {id}"}}}}
  );
  CHECK(edited.body["edited"] == 30);
  int with_phone = 0;
  for (const auto& record : sim.get(list + "?limit=100&properties=phone").body["results"]) {
    const auto& phone = record["properties"]["phone"];
    with_phone += phone.is_string() && phone.get<std::string>().starts_with("+1 ") ? 1 : 0;
  }
  CHECK(with_phone >= 30);
  CHECK(sim.post("/_sim/objects/contacts/bulk-delete", {{"count", 7}}).body["deleted"] == 7);
  CHECK(sim.get(list + "?limit=100").body["results"].size() == 43);
}

TEST_CASE("records are made by count, and shown with all their values") {
  Sim sim;
  const auto made = sim.post(
      "/_sim/objects/contacts",
      {{"count", 3}, {"properties", {{"email", "bulk{n}@example.com"}, {"firstname", "B"}}}}
  );
  REQUIRE(made.body["ids"].size() == 3);
  const auto shown = sim.get("/_sim/objects/contacts/" + made.body["ids"][1].get<std::string>()).body;
  CHECK(shown["all"]["email"] == "bulk2@example.com");
  CHECK(shown["all"]["hs_object_source"] == "CRM_UI");
  CHECK(shown["history"].size() == 2);
  CHECK(sim.get("/_sim/counters").body["creates"] == 0);
}

TEST_CASE("a dump has every record on a line") {
  Sim sim;
  sim.model.seed({.contacts = 20, .companies = 4}, sim.now);
  const auto dump = sim.get("/_sim/dump/contacts").text;
  CHECK(std::count(dump.begin(), dump.end(), '\n') == 20);
  const auto first = json::parse(dump.substr(0, dump.find('\n')));
  CHECK(first["archived"] == false);
  CHECK(first["properties"].is_object());
}

TEST_CASE("creates are counted by unique value, so that a double create shows") {
  Sim sim;
  create(sim);
  const auto id = sim.get(list).body["results"][0]["id"].get<std::string>();
  sim.remove(list + "/" + id);
  create(sim);
  CHECK(sim.get("/_sim/counters").body["createsByKey"]["contacts.email=a@example.com"] == 2);
  CHECK(sim.remove("/_sim/counters").status == 204);
  CHECK(sim.get("/_sim/counters").body["createsByKey"].empty());
}

TEST_CASE("a write that changes nothing is counted as such") {
  Sim sim;
  const auto id = sim.contact("a@example.com");
  sim.patch(list + "/" + id, {{"properties", {{"email", "a@example.com"}}}});
  CHECK(sim.get("/_sim/counters").body["noopWrites"] == 1);
}

TEST_CASE("options change by name, and wrong ones are refused") {
  Sim sim;
  CHECK(sim.patch("/_sim/options", {{"search_lag", "4s"}, {"limits", true}}).status == 200);
  CHECK(sim.get("/_sim/options").body["search_lag"] == "4s");
  CHECK(sim.patch("/_sim/options", {{"nonsense", 1}}).status == 400);
  CHECK(sim.patch("/_sim/options", {{"limits", "yes"}}).status == 400);
  CHECK(sim.get("/_sim/nowhere").status == 404);
}

TEST_CASE("changes are recorded as events with a webhook's facts") {
  auto options = Sim::quiet();
  options.record_events = true;
  Sim sim{options};
  const auto a = sim.contact("a@example.com");
  const auto b = sim.contact("b@example.com");
  const auto company = sim.company("N");
  sim.put("/crm/v4/objects/contacts/" + a + "/associations/default/companies/" + company, nullptr);
  sim.patch("/_sim/objects/contacts/" + a, {{"properties", {{"phone", "1"}}}});
  sim.post(list + "/merge", {{"primaryObjectId", a}, {"objectIdToMerge", b}});
  std::set<std::string> kinds;
  for (const auto& event : sim.model.take_events()) {
    kinds.insert(event.subscription_type);
    if (event.property_name == "phone") {
      CHECK(event.change_source == "CRM_UI");
      CHECK(event.object_id == std::stoll(a));
    }
    if (event.subscription_type == "contact.merge") {
      CHECK(event.merged_object_ids == std::vector<std::int64_t>{std::stoll(b)});
      CHECK(event.new_object_id != std::stoll(a));
    }
  }
  CHECK(
      kinds ==
      std::set<std::string>{
          "contact.creation",
          "contact.propertyChange",
          "contact.associationChange",
          "contact.merge",
          "company.creation",
          "company.propertyChange",
          "company.associationChange"
      }
  );
  CHECK(sim.model.take_events().empty());
}

TEST_CASE("seeded portals are equal for equal seeds and look like real ones") {
  Sim one;
  Sim two;
  one.model.seed({.contacts = 300, .companies = 40}, one.now);
  two.model.seed({.contacts = 300, .companies = 40}, two.now);
  const auto dump = one.get("/_sim/dump/contacts").text;
  CHECK(dump == two.get("/_sim/dump/contacts").text);
  int without_email = 0;
  int with_company = 0;
  std::size_t start = 0;
  for (auto end = dump.find('\n'); end != std::string::npos; end = dump.find('\n', start)) {
    const auto record = json::parse(dump.substr(start, end - start));
    without_email += record["properties"].contains("email") ? 0 : 1;
    with_company += record["associations"].contains("companies") ? 1 : 0;
    start = end + 1;
  }
  CHECK(without_email > 5);
  CHECK(with_company > 230);
  CHECK(with_company < 280);
  CHECK(dump.find("さくら") != std::string::npos);
}
