#include "daemon/store/hmac.hpp"

#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace hubsync::store {

std::vector<unsigned char> hmac_sha256(std::string_view key, std::string_view text) {
  std::vector<unsigned char> digest(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (HMAC(
          EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), digest.data(), &size
      ) == nullptr) {
    throw std::runtime_error("OpenSSL cannot compute HMAC-SHA256");
  }
  digest.resize(size);
  return digest;
}

}  // namespace hubsync::store
