// process_tests: tests that start the real programs. `process_tests --kills N` makes the kill tests kill N
// times.
#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdlib>
#include <string_view>

#include <doctest/doctest.h>

int main(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string_view{argv[i]} == "--kills") {
      ::setenv("HUBSYNC_TEST_KILLS", argv[i + 1], 1);
    }
  }
  doctest::Context context{argc, argv};
  return context.run();
}
