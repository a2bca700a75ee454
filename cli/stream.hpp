// Texts that the daemon sends as they come. One thread; blocks.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "cli/client.hpp"

namespace hubsync::cli {

/// Reads a WebSocket of the daemon's until `on_text` says false or the daemon goes away, which is an error.
[[nodiscard]] std::expected<void, CallError> read_stream(
    const std::string& socket_path,
    const std::string& target,
    const std::function<bool(const std::string&)>& on_text
);

}  // namespace hubsync::cli
