#include "daemon/engine/pull.hpp"

#include <doctest/doctest.h>

#include "tests/unit/daemon/engine/engine_rig.hpp"

using namespace hubsync;
using hubsync::test::EngineRig;

TEST_CASE("a full run that a restart interrupted leaves nothing to the polls that happened before its end") {
  EngineRig rig;
  const auto first = rig.make("companies", R"({"name":"Acme"})");
  rig.trigger(true);
  for (int i = 0; i < 100 && !rig.record("companies", first); ++i) {
    rig.wait(std::chrono::milliseconds{10});
  }
  REQUIRE(rig.record("companies", first));
  rig.stop();  // The companies are walked, the contacts are not.
  REQUIRE(rig.data.repository->unfinished_runs().size() == 1);
  rig.wait(std::chrono::minutes{20});
  const auto between = rig.make("companies", R"({"name":"Bolt"})");
  rig.wait(std::chrono::minutes{20});
  rig.start();
  rig.wait(std::chrono::seconds{30});
  REQUIRE(rig.data.repository->unfinished_runs().empty());
  rig.trigger(false);
  rig.wait(std::chrono::seconds{30});
  CHECK(rig.record("companies", between));
}

TEST_CASE("a poll that fails half-way leaves its changes to the next one") {
  EngineRig rig;
  const auto company = rig.make("companies", R"({"name":"Acme"})");
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  rig.edit("companies", company, R"({"name":"Bolt"})");
  rig.wait(std::chrono::minutes{20});
  const std::string search = "POST /crm/objects/2026-09/companies/search";
  const int before = rig.calls(search);
  // The search is answered, the reading that follows is not.
  rig.admin(
      "POST",
      "/_sim/faults",
      R"({"path":"/crm/objects/2026-09/companies/","action":"answer","status":403,"skip":1,"count":-1})"
  );
  rig.trigger(false);
  rig.wait(std::chrono::minutes{20});
  REQUIRE(rig.calls(search) == before + 1);
  REQUIRE(rig.value("companies", company, "name") == "Acme");
  rig.admin("DELETE", "/_sim/faults");
  rig.trigger(false);
  rig.wait(std::chrono::minutes{20});
  CHECK(rig.value("companies", company, "name") == "Bolt");
}

TEST_CASE("a full run follows a merge into the recycle bin, where both records are gone") {
  EngineRig rig;
  const auto loser = rig.make("contacts", R"({"email":"a@x.example"})");
  const auto primary = rig.make("contacts", R"({"email":"b@x.example"})");
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  REQUIRE(rig.record("contacts", loser));
  rig.admin("PATCH", "/_sim/options", R"({"merge_new_id":false})");
  const auto merged = rig.admin(
      "POST",
      "/_sim/objects/contacts/merge",
      "{\"primary\":" + std::to_string(primary) + ",\"loser\":" + std::to_string(loser) + "}"
  );
  REQUIRE(merged["id"] == std::to_string(primary));
  rig.admin("DELETE", "/_sim/objects/contacts/" + std::to_string(primary));
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  CHECK_FALSE(rig.record("contacts", loser));
  REQUIRE(rig.record("contacts", primary));
  CHECK(rig.record("contacts", primary)->local_presence == Presence::deleted);
  CHECK(rig.data.count("SELECT count(*) FROM records WHERE type = 'contacts' AND local_presence = 1") == 0);
}

TEST_CASE("what a listing leaves out is deleted only where the recycle bin shows it") {
  EngineRig rig;
  const auto alive = rig.make("contacts", R"({"email":"alive@x.example"})");
  const auto archived = rig.make("contacts", R"({"email":"archived@x.example"})");
  const auto purged = rig.make("contacts", R"({"email":"purged@x.example"})");
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  rig.admin("DELETE", "/_sim/objects/contacts/" + std::to_string(archived));
  rig.admin("POST", "/_sim/objects/contacts/" + std::to_string(purged) + "/purge", R"({"privacy":false})");
  rig.admin(
      "POST",
      "/_sim/faults",
      R"({"method":"GET","path":"/crm/objects/2026-09/contacts","action":"answer","status":200,"body":"custom",)"
      R"("custom_body":"{\"results\":[]}","count":1})"
  );
  rig.trigger(true);
  rig.wait(std::chrono::minutes{1});
  CHECK(rig.admin("GET", "/_sim/faults").dump().find("\"remaining\":0") != std::string::npos);
  CHECK(rig.record("contacts", alive)->local_presence == Presence::live);
  CHECK(rig.record("contacts", alive)->status == SyncStatus::synced);
  CHECK(rig.record("contacts", archived)->local_presence == Presence::deleted);
  CHECK(rig.record("contacts", purged)->local_presence == Presence::live);
  CHECK(rig.record("contacts", purged)->status == SyncStatus::error);
}

TEST_CASE("a poll finds what changed however our clock is set") {
  for (const auto error :
       {std::chrono::hours{-9'000}, std::chrono::hours{-1}, std::chrono::hours{1}, std::chrono::hours{9'000}
       }) {
    CAPTURE(error.count());
    EngineRig rig;
    rig.trigger(true);
    rig.wait(std::chrono::seconds{30});
    rig.clock.set_wall(rig.clock.now() + error);
    // With the new clock: a poll whose cursor is stored, then the edit, then the poll that has to see it.
    rig.trigger(false);
    rig.wait(std::chrono::minutes{30});
    const auto made = rig.make("contacts", R"({"email":"new@x.example"})");
    rig.trigger(false);
    rig.wait(std::chrono::seconds{30});
    CHECK(rig.record("contacts", made));
  }
}

TEST_CASE("a poll uses what HubSpot allows of searches, although the reading takes as long") {
  std::vector<SteadyInstant> searches;
  EngineRig rig;
  rig.trigger(false);
  rig.wait(std::chrono::seconds{30});
  for (int i = 0; i < 4'000; ++i) {
    rig.make("contacts", "{\"email\":\"p" + std::to_string(i) + "@x.example\"}");
  }
  const auto is_search = [](const HttpRequest& request) {
    return request.target.ends_with("contacts/search");
  };
  rig.transport.latency = [&](const HttpRequest& request) { return Duration{is_search(request) ? 60 : 90}; };
  rig.transport.before = [&](const HttpRequest& request) {
    if (is_search(request)) {
      searches.push_back(rig.clock.steady());
    }
  };
  rig.trigger(false);
  rig.wait(std::chrono::seconds{10});
  CHECK(rig.data.count("SELECT count(*) FROM records WHERE type = 'contacts'") == 4'000);
  constexpr std::size_t limit = 5;  // A second: HUBSPOT.md §8.
  REQUIRE(searches.size() > 4 * limit);
  for (std::size_t i = limit; i < searches.size(); ++i) {
    CHECK(searches[i] - searches[i - limit] > std::chrono::seconds{1});
  }
  const auto allowed = limit * std::chrono::duration<double>(searches.back() - searches.front()).count();
  CHECK(static_cast<double>(searches.size() - 1) >= 0.92 * allowed);
}

TEST_CASE("a full run tells how many records it expects, and in the end how many there were") {
  EngineRig rig;
  rig.make("companies", R"({"name":"Acme"})");
  for (int i = 0; i < 250; ++i) {
    rig.make("contacts", "{\"email\":\"p" + std::to_string(i) + "@x.example\"}");
  }
  const std::string search = "POST /crm/objects/2026-09/contacts/search";
  int searches = rig.calls(search);
  rig.trigger(true);
  const auto progress = [&rig] {
    const auto unfinished = rig.data.repository->unfinished_runs();
    const Run* const live = unfinished.empty() ? nullptr : rig.engine->running(unfinished.front().id);
    return live == nullptr ? std::nullopt : std::optional{live->progress.at("contacts")};
  };
  std::optional<std::int64_t> expected;
  while (!expected && progress()) {
    rig.wait(std::chrono::milliseconds{50});
    expected = progress() && progress()->done < 250 ? progress()->total : std::nullopt;
  }
  CHECK(expected.value_or(-1) == 250);
  rig.wait(std::chrono::seconds{30});
  CHECK(rig.calls(search) == ++searches);
  rig.make("contacts", R"({"email":"another@x.example"})");
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  const auto last = rig.data.repository->status().last_full;
  REQUIRE(last);
  CHECK(last->progress.at("contacts").done == 251);
  CHECK(last->progress.at("contacts").total.value_or(-1) == 251);
  CHECK(rig.calls(search) == searches);
}
