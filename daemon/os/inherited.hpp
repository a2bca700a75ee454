// Sockets that the service manager opened before it started us (socket activation). Call once, before any
// thread starts. Says nothing about what they are good for: http::Listener looks at that.
#pragma once

#include <map>
#include <string>

#include "common/result.hpp"

namespace hubsync {

/// Descriptors by the name their unit gives them (FileDescriptorName=): "control" or "webhooks", at most one
/// each. Another name is an error, so that no socket waits for a daemon that never accepts on it. They are
/// the caller's to close.
[[nodiscard]] Result<std::map<std::string, int>> take_inherited_sockets();

}  // namespace hubsync
