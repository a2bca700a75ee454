#include "daemon/engine/connection.hpp"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "tests/unit/daemon/engine/engine_rig.hpp"

using namespace hubsync;
using hubsync::test::EngineRig;

namespace {

void change_token(EngineRig& rig, const std::string& token) {
  rig.clock.start(rig.engine->renew_token([&rig, token] {
    const std::string before = std::exchange(rig.transport.token, token);
    return [&rig, before] { rig.transport.token = before; };
  }));
  rig.wait();
}

bool told(const EngineRig& rig, const std::string& kind) {
  return std::ranges::find(rig.events.kinds, kind) != rig.events.kinds.end();
}

}  // namespace

TEST_CASE("a new token that HubSpot refuses leaves the one before in use") {
  EngineRig rig;
  change_token(rig, "pat-na1-wrong");
  CHECK(rig.transport.token == "pat-na1-sim");
  CHECK(told(rig, "token.refused"));
  CHECK(rig.engine->problems().empty());
  const auto contact = rig.make("contacts", R"({"email":"a@x.example"})");
  rig.trigger(true);
  rig.wait(std::chrono::seconds{30});
  CHECK(rig.record("contacts", contact));
}

TEST_CASE("a new token waits until HubSpot can be reached, and is not used for anything before") {
  EngineRig rig;
  rig.admin("POST", "/_sim/faults", R"({"path":"/account-info/","action":"answer","status":503,"count":-1})");
  change_token(rig, "pat-na1-wrong");
  const int calls = rig.calls("POST /crm/objects/2026-09/contacts/search");
  rig.trigger(false);
  rig.wait(std::chrono::minutes{1});
  CHECK(rig.transport.token == "pat-na1-wrong");
  CHECK(rig.engine->state() == Engine::State::degraded);
  CHECK(rig.calls("POST /crm/objects/2026-09/contacts/search") == calls);
  rig.admin("DELETE", "/_sim/faults");
  rig.wait(std::chrono::minutes{1});
  CHECK(rig.transport.token == "pat-na1-sim");
  CHECK(rig.engine->problems().empty());
}

TEST_CASE("a refused token stays in place where the one before was refused too") {
  EngineRig rig;
  rig.stop();
  rig.transport.token = "pat-na1-gone";
  rig.start();
  change_token(rig, "pat-na1-wrong");
  CHECK(rig.transport.token == "pat-na1-wrong");
  REQUIRE(rig.engine->problems().size() == 1);
  CHECK(rig.engine->problems().front().code == ErrorCode::refused);
}

TEST_CASE("what a type offers is looked at again once it can be read") {
  EngineRig rig;
  const std::string properties = "GET /crm/properties/2026-09/companies";
  for (const std::string path : {"/crm/properties/2026-09/companies", "/crm/objects/2026-09/companies"}) {
    rig.admin(
        "POST", "/_sim/faults", R"({"action":"answer","status":403,"count":-1,"path":")" + path + "\"}"
    );
  }
  rig.stop();
  rig.start();
  CHECK(told(rig, "properties.unreadable"));
  rig.trigger(false);
  rig.wait(std::chrono::seconds{30});
  REQUIRE(rig.engine->problems().size() == 1);
  CHECK(rig.engine->problems().front().field == "companies");
  const int looks = rig.calls(properties);
  rig.admin("DELETE", "/_sim/faults");
  rig.trigger(false);
  rig.wait(std::chrono::seconds{30});
  CHECK(rig.engine->problems().empty());
  CHECK(rig.calls(properties) == looks + 1);
}
