#include "daemon/http/bearer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "daemon/http/message.hpp"

namespace hubsync::http {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Digest digest_of(std::string_view text) {
  Digest digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

}  // namespace

bool bearer_matches(std::optional<std::string_view> authorization, std::string_view token) {
  constexpr std::string_view scheme = "Bearer ";
  if (!authorization || token.empty() ||
      !equals_ignoring_case(authorization->substr(0, scheme.size()), scheme)) {
    return false;
  }
  std::string_view given = authorization->substr(scheme.size());
  given.remove_prefix(std::min(given.find_first_not_of(' '), given.size()));
  // Digests have one length, so that the comparison does not tell the token's.
  const Digest left = digest_of(given);
  const Digest right = digest_of(token);
  return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace hubsync::http
