// Keyed digests: enough to know a text again, and nothing else. Any thread.
#pragma once

#include <string_view>
#include <vector>

namespace hubsync::store {

/// HMAC-SHA256. Throws std::runtime_error when OpenSSL cannot.
[[nodiscard]] std::vector<unsigned char> hmac_sha256(std::string_view key, std::string_view text);

}  // namespace hubsync::store
