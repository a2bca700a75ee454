// The program's own standard streams as an Output: what they are and what the environment says decides about
// colours, progress and width. One thread.
#pragma once

#include "cli/output/output.hpp"

namespace hubsync::cli {

/// `colours`: wanted, where the streams and the environment (NO_COLOR, TERM) allow them.
[[nodiscard]] Output standard_output(bool json, bool quiet, bool colours);

}  // namespace hubsync::cli
