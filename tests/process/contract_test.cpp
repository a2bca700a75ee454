// The contract tests as a program: against hubspot-sim, and without a portal to ask.
#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

TEST_CASE("the contract with HubSpot holds in hubspot-sim over HTTP, and is skipped without a token") {
  const TemporaryDirectory directory;
  const Finished skipped = run(directory / "skipped", {.words = {program("contract_tests")}});
  CHECK(skipped.code == 77);
  CHECK(skipped.out.find("HUBSPOT_ACCESS_TOKEN is not set") != std::string::npos);

  const Sim sim{directory / "sim", {"--contacts", "50", "--companies", "5"}};
  const Finished asked =
      run(directory / "contract",
          {.words = {program("contract_tests")},
           .environment = {{"HUBSPOT_ACCESS_TOKEN", "pat-na1-sim"}, {"HUBSPOT_BASE_URL", sim.url()}}},
          4 * patience);
  CHECK_MESSAGE(asked.code == 0, asked.out);
}
