// Replaces a secret in its file. Loop thread; waits for the disk.
#pragma once

#include <string>

#include "common/result.hpp"
#include "daemon/os/secrets.hpp"

namespace hubsync {

/// Puts `next` in the place of `expected`, mode 0600, so that after a crash the file has one or the other.
/// `conflict` when the file holds something else by now: somebody has put it there on purpose.
[[nodiscard]] Result<void> replace_secret(
    const std::string& path, const Secret& expected, const Secret& next
);

}  // namespace hubsync
