#include "daemon/engine/push.hpp"

#include <doctest/doctest.h>

#include "tests/unit/daemon/engine/engine_rig.hpp"

using namespace hubsync;
using hubsync::test::EngineRig;

TEST_CASE("a contact that somebody makes in HubSpot right before we do is taken for ours") {
  EngineRig rig;
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  std::int64_t theirs = 0;
  rig.transport.before = [&](const HttpRequest& request) {
    if (theirs == 0 && request.target.ends_with("/contacts/batch/upsert")) {
      theirs = rig.make("contacts", R"({"email":"race@x.example","lastname":"Remote"})");
    }
  };
  const auto made = rig.data.repository->create_record(
      {.type = "contacts", .fields = {{"email", "race@x.example"}, {"firstName", "Local"}}, .actor = "app"},
      rig.clock.now()
  );
  REQUIRE(made);
  rig.engine->local_edits();
  rig.wait(std::chrono::minutes{2});
  REQUIRE(theirs != 0);
  REQUIRE(rig.record("contacts", theirs));
  CHECK(rig.record("contacts", theirs)->id == made->id);
  CHECK(rig.record("contacts", theirs)->status == SyncStatus::synced);
  CHECK(rig.value("contacts", theirs, "lastName") == "Remote");
  CHECK(rig.data.count("SELECT count(*) FROM records WHERE type = 'contacts'") == 1);
}

namespace {

Task<void> sync_one(EngineRig& rig, LocalId id) {
  const auto run = co_await rig.engine->sync_entity("contacts", id);
  CHECK(run.has_value());
}

}  // namespace

TEST_CASE("syncing one record reads its links too") {
  EngineRig rig;
  const auto company = rig.make("companies", R"({"name":"Acme","domain":"acme.example"})");
  const auto contact = rig.make("contacts", R"({"email":"a@x.example"})");
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  REQUIRE(rig.record("contacts", contact));
  rig.admin(
      "POST",
      "/_sim/associations",
      "{\"from\":\"contacts\",\"fromId\":" + std::to_string(contact) +
          ",\"to\":\"companies\",\"toId\":" + std::to_string(company) + ",\"typeId\":1}"
  );
  rig.clock.start(sync_one(rig, rig.record("contacts", contact)->id));
  rig.wait();
  CHECK(rig.value("contacts", contact, "company") == rig.record("companies", company)->id.text);
}

TEST_CASE("creates carry an id of ours where the property for it was made by a request that came late") {
  EngineRig rig;
  rig.stop();
  const auto handle = [&rig](const std::string& method, const std::string& target, const std::string& body) {
    return rig.model
        .handle(
            {.method = method, .target = target, .authorization = "Bearer pat-na1-sim", .body = body},
            rig.transport.time()
        )
        .status;
  };
  REQUIRE(handle("DELETE", "/crm/properties/2026-09/contacts/hubsync_id", "") == 204);
  int made = 0;
  rig.transport.before = [&](const HttpRequest& request) {
    if (made == 0 && request.method == "POST" &&
        request.target.starts_with("/crm/properties/2026-09/contacts")) {
      made = handle(request.method, request.target, request.body);
    }
  };
  rig.start();
  REQUIRE(made == 201);
  REQUIRE(rig.data.repository->create_record(
      {.type = "contacts", .fields = {{"email", "ada@x.example"}}, .actor = "uid 1000"}, rig.clock.now()
  ));
  rig.engine->local_edits();
  rig.wait(std::chrono::seconds{30});
  CHECK(rig.calls("POST /crm/objects/2026-09/contacts/batch/upsert") == 1);
  CHECK(rig.calls("POST /crm/objects/2026-09/contacts/batch/create") == 0);
}

TEST_CASE("an update does not wait for a create that gets no answer") {
  EngineRig rig;
  const auto company = rig.make("companies", R"({"name":"Acme"})");
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  rig.transport.latency = [](const HttpRequest& request) {
    return Duration{request.target.ends_with("/batch/upsert") ? 30'000 : 200};
  };
  Repository& repository = *rig.data.repository;
  REQUIRE(repository.create_record(
      {.type = "companies", .fields = {{"name", "Bolt"}}, .actor = "app"}, rig.clock.now()
  ));
  REQUIRE(repository.update_record(
      {.type = "companies",
       .id = rig.record("companies", company)->id,
       .fields = {{"name", "Acme Ltd"}},
       .actor = "app"},
      rig.clock.now()
  ));
  rig.engine->local_edits();
  rig.wait(std::chrono::seconds{5});
  REQUIRE(rig.calls("POST /crm/objects/2026-09/companies/batch/upsert") == 1);
  CHECK(rig.calls("POST /crm/objects/2026-09/companies/batch/update") == 1);
}

TEST_CASE("HubSpot gets what it takes of an edit; the value it refuses waits for a person") {
  EngineRig rig;
  const auto company = rig.make("companies", R"({"name":"Acme","domain":"acme.example"})");
  const auto sound = rig.make("companies", R"({"name":"Bolt","domain":"bolt.example"})");
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  const auto edit = [&rig](std::int64_t id, const Fields& fields) {
    REQUIRE(rig.data.repository->update_record(
        {.type = "companies", .id = rig.record("companies", id)->id, .fields = fields, .actor = "app"},
        rig.clock.now()
    ));
    rig.engine->local_edits();
    rig.wait(std::chrono::seconds{10});
  };
  const auto there = [&rig](std::int64_t id, const char* property) {
    const auto state = rig.admin("GET", "/_sim/objects/companies/" + std::to_string(id));
    return state["properties"].value(property, std::string{});
  };
  edit(company, {{"industry", "NO_SUCH"}, {"name", "Acme Ltd"}});
  CHECK(there(company, "name") == "Acme Ltd");
  CHECK(there(company, "industry").empty());
  CHECK(rig.record("companies", company)->status == SyncStatus::error);
  CHECK(
      rig.record("companies", company)->error.find("industry: NO_SUCH was not one of") != std::string::npos
  );

  edit(company, {{"name", "Acme Inc"}});
  CHECK(there(company, "name") == "Acme Inc");
  CHECK(rig.record("companies", company)->status == SyncStatus::error);
  CHECK(rig.value("companies", company, "industry") == "NO_SUCH");

  edit(sound, {{"industry", "COMPUTER_SOFTWARE"}});
  CHECK(there(sound, "industry") == "COMPUTER_SOFTWARE");
  edit(company, {{"industry", "COMPUTER_SOFTWARE"}});
  CHECK(there(company, "industry") == "COMPUTER_SOFTWARE");
  CHECK(rig.record("companies", company)->status == SyncStatus::synced);
}

TEST_CASE("two contacts whose addresses are exchanged here have them exchanged in HubSpot") {
  EngineRig rig;
  const auto ada = rig.make("contacts", R"({"email":"ada@x.example","firstname":"Ada"})");
  const auto eve = rig.make("contacts", R"({"email":"eve@x.example","firstname":"Eve"})");
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  const auto set = [&rig](std::int64_t id, const std::string& address) {
    REQUIRE(rig.data.repository->update_record(
        {.type = "contacts",
         .id = rig.record("contacts", id)->id,
         .fields = {{"email", address}},
         .actor = "app"},
        rig.clock.now()
    ));
  };
  set(ada, "moment@x.example");
  set(eve, "ada@x.example");
  set(ada, "eve@x.example");
  rig.engine->local_edits();
  rig.wait(std::chrono::minutes{2});
  for (const auto& [id, address] : {std::pair{ada, "eve@x.example"}, {eve, "ada@x.example"}}) {
    CHECK(rig.record("contacts", id)->status == SyncStatus::synced);
    CHECK(rig.value("contacts", id, "email") == address);
    CHECK(rig.admin("GET", "/_sim/objects/contacts/" + std::to_string(id))["properties"]["email"] == address);
  }
  CHECK(rig.data.repository->list_conflicts({}).total == 0);
}
