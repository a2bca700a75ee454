// ASSERT stays on in release builds: it is better to stop than to run wrong with somebody's customer data (I36).
// Any thread.
#pragma once

namespace hubsync {

/// Called once, before the process aborts, with the failed expression and its place. Must not throw or allocate much.
using AssertHandler = void (*)(const char* expression, const char* file, int line);

/// Installs what a failed assertion does before aborting (the daemon: record the reason, log it).
void set_assert_handler(AssertHandler handler);

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace hubsync

#define ASSERT(expression) \
  (static_cast<bool>(expression) ? void(0) : ::hubsync::assertion_failed(#expression, __FILE__, __LINE__))
