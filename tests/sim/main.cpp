// sim_tests: without options the test cases, as any test program; with --seeds or --seed the simulation
// itself.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "tests/sim/runner.hpp"

int main(int argc, char** argv) {
  if (const auto request = hubsync::sim::read_request(argc, argv)) {
    return hubsync::sim::run_simulation(*request);
  }
  return doctest::Context{argc, argv}.run();
}
