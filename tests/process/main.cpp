// process_tests: tests that start the real programs.
//   process_tests --kills N          the kill test kills N times (else HUBSYNC_TEST_KILLS, else a handful)
//   process_tests --fault-proxy …    is the proxy that the fault tests start
#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdlib>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/process/fault_proxy.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view{argv[1]} == "--fault-proxy") {
    return hubsync::rig::run_fault_proxy({argv + 2, argv + argc});
  }
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string_view{argv[i]} == "--kills") {
      ::setenv("HUBSYNC_TEST_KILLS", argv[i + 1], 1);
    }
  }
  doctest::Context context{argc, argv};
  return context.run();
}
