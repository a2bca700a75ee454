// Error answers in the one shape of the control API. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"
#include "daemon/http/message.hpp"

namespace hubsync::http {

/// The HTTP status that stands for this kind of failure.
[[nodiscard]] int status_of(ErrorCode code);

/// The name of the kind in an error body, such as "not_found".
[[nodiscard]] std::string_view code_name(ErrorCode code);

/// {"error":{"code","message","hint","field"}} with the status of the code; hint and field only when not
/// empty.
[[nodiscard]] Response error_response(const Error& error);

/// The same under another status (417, 431, 505: protocol errors that share the code "invalid").
[[nodiscard]] Response error_response(int status, const Error& error);

}  // namespace hubsync::http
