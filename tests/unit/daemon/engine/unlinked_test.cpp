#include "daemon/engine/unlinked.hpp"

#include <optional>

#include <doctest/doctest.h>

#include "tests/unit/daemon/engine/engine_rig.hpp"

using namespace hubsync;
using hubsync::test::EngineRig;

namespace {

Task<void> look_up(
    EngineRig& rig, bool has_uid, std::vector<Claim> claims, std::optional<Reply<ReadResult>>& answer
) {
  answer = co_await find_unlinked(
      rig.client, *rig.rules.find("companies"), has_uid, std::move(claims), CallClass::change
  );
}

Reply<ReadResult> find(EngineRig& rig, std::vector<Claim> claims, bool has_uid = false) {
  std::optional<Reply<ReadResult>> answer;
  rig.clock.start(look_up(rig, has_uid, std::move(claims), answer));
  rig.wait(std::chrono::minutes{1});
  REQUIRE(answer);
  return *answer;
}

Claim unanswered(Fields sent) {
  Claim claim;
  claim.sent_before = true;
  claim.sent = std::move(sent);
  return claim;
}

}  // namespace

TEST_CASE("a batch of companies with long domains is looked for in as many searches as it needs") {
  EngineRig rig;
  std::vector<Claim> claims;
  for (int i = 100; i < 200; ++i) {
    Claim claim;
    claim.key = "a-company-with-a-long-domain-" + std::to_string(i) + ".example.com";
    claims.push_back(std::move(claim));
  }
  const auto id = rig.make("companies", R"({"domain":")" + claims.back().key + R"("})");
  rig.wait(std::chrono::minutes{1});  // Until the search index has it.
  const auto answer = find(rig, claims);
  REQUIRE_MESSAGE(answer, answer.error().message);
  REQUIRE(answer->records.size() == 1);
  CHECK(answer->records.front().id == HubspotId{id});
}

TEST_CASE("what an unanswered create without a key made is found by what it sent, at once") {
  EngineRig rig;
  rig.make("companies", R"({"name":"Another"})");
  const auto id = rig.make("companies", R"({"name":"Ours","industry":"COMPUTER_SOFTWARE"})");
  const auto answer = find(rig, {unanswered({{"name", "Ours"}, {"industry", "COMPUTER_SOFTWARE"}})});
  REQUIRE_MESSAGE(answer, answer.error().message);
  REQUIRE(answer->records.size() == 1);
  CHECK(answer->records.front().id == HubspotId{id});
  CHECK(find(rig, {unanswered({{"name", "Ours"}, {"industry", "BANKING"}})})->records.empty());
}

TEST_CASE("what an unanswered create with a domain made is found before the search index has it") {
  EngineRig rig;
  const auto id = rig.make("companies", R"({"name":"Renamed since","domain":"ours.example"})");
  Claim claim = unanswered({{"name", "Ours"}, {"domain", "ours.example"}});
  claim.key = "ours.example";
  const auto answer = find(rig, {claim});
  REQUIRE_MESSAGE(answer, answer.error().message);
  REQUIRE_FALSE(answer->records.empty());
  CHECK(answer->records.front().id == HubspotId{id});
}

TEST_CASE("what is found by our id and by its domain is known as it was shown last") {
  EngineRig rig;
  const auto id = rig.make("companies", R"({"hubsync_id":"ours","domain":"ours.example","name":"Ours"})");
  rig.wait(std::chrono::minutes{1});  // Until the search index has it.
  rig.transport.before = [&](const HttpRequest& request) {
    if (request.target.ends_with("/search")) {
      rig.edit("companies", id, R"({"name":"Renamed there"})");
    }
  };
  Claim claim = unanswered({{"name", "Ours"}, {"domain", "ours.example"}});
  claim.key = "ours.example";
  claim.uid = "ours";
  const auto answer = find(rig, {claim}, true);
  REQUIRE_MESSAGE(answer, answer.error().message);
  REQUIRE(answer->records.size() == 1);
  CHECK(answer->records.front().values.at("name") == "Renamed there");
  CHECK(answer->records.front().uid == "ours");
}
