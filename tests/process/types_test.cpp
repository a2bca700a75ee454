// Object types that exist in the configuration alone, between real programs: deals with a key, and a custom
// object without one.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

constexpr int many = 9;

Settings with_deals() {
  return {
      {"sync", {{"full_interval", "\"0\""}}},
      {"objects.deals", {{"key", "\"name\""}}},
      {"objects.deals.fields",
       {{"name", "\"dealname\""},
        {"amount", "\"amount\""},
        {"stage", "\"dealstage\""},
        {"closes", "\"closedate\""}}}
  };
}

Settings with_boats() {
  return {
      {"sync", {{"full_interval", "\"0\""}}},
      {"objects.boats", {{"object_type_id", "\"2-31415926\""}, {"singular", "\"boat\""}}},
      {"objects.boats.fields", {{"name", "\"boat_name\""}, {"length", "\"length_m\""}}}
  };
}

RigOptions portal_with(const Settings& settings) {
  return {
      .sim = {"--contacts", "3", "--companies", "2", "--deals", std::to_string(many), "--no-bump"},
      .settings = settings
  };
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string field(const Json& record, const char* name) {
  return record.at("customFields").value(name, "");
}

std::string path_of(const Json& record) {
  return "/api/deals/" + record.at("id").get<std::string>();
}

/// Where a deal here and the one in HubSpot differ; a line each.
std::string differences(Rig& rig) {
  std::string lines;
  std::vector<Json> remote = rig.sim().dump("deals");
  std::erase_if(remote, [](const Json& record) { return record.at("archived").get<bool>(); });
  const std::vector<Json> local = rig.local("deals");
  if (local.size() != remote.size()) {
    lines += std::to_string(local.size()) + " here, " + std::to_string(remote.size()) + " in HubSpot\n";
  }
  for (const Json& there : remote) {
    const auto here = std::ranges::find_if(local, [&there](const Json& record) {
      return record.at("hubspotId") == there.at("id");
    });
    if (here == local.end()) {
      lines += "only in HubSpot: " + there.dump() + "\n";
      continue;
    }
    const Json& properties = there.at("properties");
    for (const auto& [name, property] :
         {std::pair{"name", "dealname"}, {"amount", "amount"}, {"stage", "dealstage"}, {"closes", "closedate"}
         }) {
      if (field(*here, name) != properties.value(property, "")) {
        lines += here->dump() + " and " + properties.dump() + " in " + name + "\n";
      }
    }
  }
  return lines;
}

void edit_in_hubspot(Rig& rig, const Json& record, const Json& properties) {
  rig.sim().admin(
      "PATCH",
      "/_sim/objects/deals/" + record.at("hubspotId").get<std::string>(),
      {{"properties", properties}}
  );
}

void poll(Rig& rig) {
  const Finished polled = rig.cli({"sync", "deals", "--wait", "--timeout", "60s"});
  REQUIRE_MESSAGE(polled.code == 0, polled.err);
}

}  // namespace

TEST_CASE("deals are synced both ways once they are configured") {
  Rig rig{portal_with(with_deals())};
  rig.start();
  rig.full_sync();
  REQUIRE(rig.local("deals").size() == many);
  CHECK(differences(rig) == "");
  CHECK(rig.get("/api/sync/status").at("records").at("deals").at("synced") == many);

  const Json edited = rig.local("deals")[1];
  const std::string id = edited.at("id");
  CHECK(rig.cli({"deals", "update", id, "amount=777", "stage=contractsent"}).code == 0);
  rig.settle();
  CHECK(rig.sim().value("deals", edited.at("hubspotId"), "amount") == "777");
  CHECK(rig.sim().value("deals", edited.at("hubspotId"), "dealstage") == "contractsent");

  edit_in_hubspot(rig, edited, {{"amount", "888"}, {"closedate", ""}});
  rig.sim().admin("POST", "/_sim/objects/deals", {{"properties", {{"dealname", "Made there"}}}});
  poll(rig);
  CHECK(field(rig.get(path_of(edited)), "amount") == "888");
  CHECK(field(rig.get(path_of(edited)), "closes").empty());
  CHECK(rig.get("/api/deals?search=Made%20there").at("total") == 1);

  const Json made =
      rig.cli_json({"deals", "create", "name=Made here", "amount=12", "closes=2027-01-31T00:00:00Z"});
  rig.settle();
  CHECK(rig.get(path_of(made)).at("syncStatus") == "synced");
  CHECK(differences(rig) == "");
  CHECK(rig.cli({"verify"}).code == 0);
  CHECK(joined(rig.differences()) == "");
  CHECK(rig.sim().throttled() == 0);
}

TEST_CASE("a deletion of a deal travels both ways, and so does its return") {
  Rig rig{portal_with(with_deals())};
  rig.start();
  rig.full_sync();
  const std::vector<Json> deals = rig.local("deals");
  const Json& here = deals[0];
  const Json& there = deals[1];
  CHECK(rig.cli({"deals", "delete", here.at("id")}).code == 0);
  rig.settle();
  const std::string there_path = "/_sim/objects/deals/" + there.at("hubspotId").get<std::string>();
  CHECK(
      rig.sim()
          .admin("GET", "/_sim/objects/deals/" + here.at("hubspotId").get<std::string>())
          .at("archived") == true
  );

  rig.sim().admin("DELETE", there_path);
  rig.full_sync();
  CHECK(rig.get(path_of(there)).at("deleted") == true);
  CHECK(rig.local("deals").size() == many - 2);

  rig.sim().admin("POST", there_path + "/restore");
  CHECK(rig.cli({"deals", "restore", here.at("id")}).code == 0);
  rig.full_sync();
  CHECK(rig.get(path_of(there)).at("deleted") == false);
  CHECK(rig.get(path_of(here)).at("hubspotId") != here.at("hubspotId"));
  CHECK(differences(rig) == "");
}

TEST_CASE("a deal that both sides edit is a conflict, shown and decided like any other") {
  Rig rig{portal_with(with_deals())};
  rig.start();
  rig.full_sync();
  const Json deal = rig.local("deals").front();
  const std::string id = deal.at("id");
  REQUIRE(rig.cli({"queue", "pause"}).code == 0);
  REQUIRE(rig.cli({"deals", "update", id, "amount=1"}).code == 0);
  edit_in_hubspot(rig, deal, {{"amount", "2"}});
  poll(rig);
  REQUIRE(rig.cli({"queue", "resume"}).code == 0);
  CHECK(rig.get(path_of(deal)).at("syncStatus") == "conflict");
  const Json conflicts = rig.cli_json({"conflicts", "list", "--type", "deal"});
  REQUIRE(conflicts.at("total") == 1);
  const Json& conflict = conflicts.at("items").at(0);
  CHECK(conflict.at("entityType") == "deals");
  CHECK(conflict.at("localVersion").at("amount") == "1");
  CHECK(conflict.at("hubspotVersion").at("amount") == "2");
  CHECK(rig.cli({"conflicts", "resolve", conflict.at("id"), "--keep", "local"}).code == 0);
  rig.settle();
  CHECK(rig.sim().value("deals", deal.at("hubspotId"), "amount") == "1");
  CHECK(differences(rig) == "");
}

TEST_CASE("a deal made on both sides with one name is one deal") {
  Rig rig{portal_with(with_deals())};
  rig.start();
  rig.full_sync();
  REQUIRE(rig.cli({"queue", "pause"}).code == 0);
  const Json made = rig.cli_json({"deals", "create", "name=Twice", "stage=closedwon"});
  rig.sim().admin("POST", "/_sim/objects/deals", {{"properties", {{"dealname", "Twice"}, {"amount", "5"}}}});
  REQUIRE(rig.cli({"queue", "resume"}).code == 0);
  poll(rig);
  rig.settle();
  CHECK(rig.local("deals").size() == many + 1);
  CHECK(field(rig.get(path_of(made)), "amount") == "5");
  CHECK(differences(rig) == "");
}

TEST_CASE("the command line shows, exports and imports deals, and refuses a type that is not configured") {
  Rig rig{portal_with(with_deals())};
  rig.start();
  rig.full_sync();
  const Json deal = rig.local("deals").front();
  const std::string id = deal.at("id");
  const Finished list = rig.cli({"deals", "list"});
  CHECK(list.code == 0);
  CHECK(contains(list.out, "FIELDS"));
  CHECK(contains(list.out, id));
  CHECK(rig.cli({"records", "list", "deals"}).out == list.out);
  CHECK(contains(rig.cli({"deals", "show", id}).out, field(deal, "name")));
  CHECK(contains(rig.cli({"explain", "deal", id}).out, "Both sides agree."));
  CHECK(contains(rig.cli({"status"}).out, "deals"));
  CHECK(rig.cli({"sync", "deal", id}).code == 0);

  const Finished exported = rig.cli({"export", "deals", "--format", "csv"});
  CHECK(exported.code == 0);
  CHECK(exported.out.starts_with(R"("id","hubspotId",)"));
  const Finished imported =
      rig.cli({"import", "deals", "-", "--format", "csv"}, "name,amount\r\nImported,3\r\n");
  CHECK(imported.code == 0);
  rig.settle();
  CHECK(differences(rig) == "");
  CHECK(contains(rig.cli({"completion", "bash"}).out, "deals list"));

  CHECK(rig.cli({"sync", "tickets"}).code == 2);
  CHECK(rig.cli({"logs", "--type", "nonsense"}).code == 2);
  CHECK(rig.cli({"tickets", "list"}).code == 4);
  CHECK(rig.api("GET", "/api/tickets").status == 404);
}

TEST_CASE("a custom object without a key is synced by its id, and its webhooks are those of objects") {
  Rig rig{portal_with(with_boats())};
  rig.sim().admin(
      "POST", "/_sim/objects/2-31415926", {{"count", 3}, {"properties", {{"boat_name", "Boat {n}"}}}}
  );
  rig.start();
  rig.full_sync();
  REQUIRE(rig.local("boats").size() == 3);
  const Json boat = rig.local("boats").front();
  const std::string id = boat.at("id");
  CHECK(rig.cli({"records", "update", "boats", id, "length=11.5"}).code == 0);
  CHECK(rig.cli({"records", "create", "boat", "name=Boat 1"}).code == 4);
  CHECK(rig.cli({"records", "create", "boats", "name=Boat 1"}).code == 0);
  rig.settle();
  CHECK(rig.sim().value("2-31415926", boat.at("hubspotId"), "length_m") == "11.5");
  // Without a key, one name is two boats.
  CHECK(rig.local("boats").size() == 4);
  CHECK(rig.sim().dump("2-31415926").size() == 4);
  CHECK(rig.cli({"records", "delete", "boats", id}).code == 0);
  rig.settle();
  CHECK(rig.sim().dump("2-31415926").back().at("archived") == true);
  CHECK(rig.cli({"verify"}).code == 0);
  const std::string events = rig.cli({"webhooks", "subscriptions"}).out;
  CHECK(contains(events, "object.creation 2-31415926\n"));
  CHECK(contains(events, "object.propertyChange 2-31415926 boat_name\n"));
}
