#include "common/assert.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace hubsync {
namespace {

std::atomic<AssertHandler> g_handler{nullptr};

}  // namespace

void set_assert_handler(AssertHandler handler) { g_handler = handler; }

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "hubsync: assertion failed: %s (%s:%d)\n", expression, file, line);
  if (AssertHandler handler = g_handler.exchange(nullptr)) {
    handler(expression, file, line);
  }
  std::abort();
}

}  // namespace hubsync
