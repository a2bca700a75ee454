// sim_tests: without options the test cases, as any test program; with --seeds or --seed the simulation
// itself.
#define DOCTEST_CONFIG_IMPLEMENT
#include <malloc.h>

#include <doctest/doctest.h>

#include "tests/sim/runner.hpp"

int main(int argc, char** argv) {
  // Each history makes and drops megabytes: given back to the system each time, they cost a sixth of the run.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  if (const auto request = hubsync::sim::read_request(argc, argv)) {
    return hubsync::sim::run_simulation(*request);
  }
  return doctest::Context{argc, argv}.run();
}
