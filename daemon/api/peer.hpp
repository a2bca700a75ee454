// Who is at the other end, in a person's words. Loop thread.
#pragma once

#include <string>

#include "daemon/http/message.hpp"

namespace hubsync::api {

/// The user's name from the socket's peer credentials; "uid 1000" for a user without a name, the address over
/// TCP.
[[nodiscard]] std::string user_of(const http::Peer& peer);

}  // namespace hubsync::api
