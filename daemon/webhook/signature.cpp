#include "daemon/webhook/signature.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace hubsync::webhook {
namespace {

constexpr std::size_t digest_bytes = 32;
using Digest = std::array<unsigned char, digest_bytes>;

void require(bool done) {
  if (!done) {
    throw std::runtime_error("OpenSSL cannot compute SHA-256");
  }
}

bool equal(const Digest& left, const Digest& right) {
  return CRYPTO_memcmp(left.data(), right.data(), digest_bytes) == 0;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<Digest> from_hex(std::string_view text) {
  if (text.size() != 2 * digest_bytes) {
    return std::nullopt;
  }
  Digest digest{};
  for (std::size_t i = 0; i < digest_bytes; ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    digest[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return digest;
}

/// Exactly 44 characters, padded, of the standard alphabet: 32 bytes have no other form.
std::optional<Digest> from_base64(std::string_view text) {
  constexpr std::size_t length = 44;
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() != length || text.back() != '=') {
    return std::nullopt;
  }
  Digest digest{};
  std::size_t filled = 0;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text.substr(0, length - 1)) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) {
      return std::nullopt;
    }
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      digest[filled++] = static_cast<unsigned char>((bits >> static_cast<unsigned>(count)) & 0xFFU);
    }
  }
  return (bits & 0x3U) == 0 ? std::optional{digest} : std::nullopt;
}

std::string to_base64(const Digest& digest) {
  std::string text(44, '\0');
  // EVP_EncodeBlock writes a NUL behind the text, where std::string has one anyway.
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), digest.data(), digest_bytes);
  return text;
}

/// Only digits in the form HubSpot sends: anything else could be one time to us and another to who signed it.
std::optional<Instant> read_timestamp(std::string_view text) {
  if (text.size() != 13 || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  std::int64_t milliseconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), milliseconds);
  return instant_from_ms(milliseconds);
}

}  // namespace

/// A secret inside two digest states, so that no plain copy of it is kept.
class Verifier::Key {
 public:
  explicit Key(std::string_view secret)
      : hash_(EVP_MD_CTX_new(), &EVP_MD_CTX_free), mac_(nullptr, &EVP_MAC_CTX_free) {
    require(hash_ && EVP_DigestInit_ex(hash_.get(), EVP_sha256(), nullptr) == 1);
    require(EVP_DigestUpdate(hash_.get(), secret.data(), secret.size()) == 1);
    const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> hmac(
        EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free
    );
    require(hmac != nullptr);
    mac_.reset(EVP_MAC_CTX_new(hmac.get()));
    char name[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0), OSSL_PARAM_construct_end()
    };
    const auto* bytes = reinterpret_cast<const unsigned char*>(secret.data());
    require(mac_ && EVP_MAC_init(mac_.get(), bytes, secret.size(), parameters) == 1);
  }

  /// SHA-256 of the secret and the parts.
  [[nodiscard]] Digest hash(std::initializer_list<std::string_view> parts) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    require(context && EVP_MD_CTX_copy_ex(context.get(), hash_.get()) == 1);
    for (const std::string_view part : parts) {
      require(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
    }
    Digest digest{};
    require(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
    return digest;
  }

  /// HMAC-SHA256 of the parts.
  [[nodiscard]] Digest mac(std::initializer_list<std::string_view> parts) const {
    const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(
        EVP_MAC_CTX_dup(mac_.get()), &EVP_MAC_CTX_free
    );
    require(context != nullptr);
    for (const std::string_view part : parts) {
      const auto* bytes = reinterpret_cast<const unsigned char*>(part.data());
      require(EVP_MAC_update(context.get(), bytes, part.size()) == 1);
    }
    Digest digest{};
    std::size_t size = 0;
    require(EVP_MAC_final(context.get(), digest.data(), &size, digest_bytes) == 1 && size == digest_bytes);
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash_;
  std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> mac_;
};

std::string decode_for_signature(std::string_view uri) {
  constexpr std::string_view decoded = ":/?@!$'()*,;";
  std::string result;
  result.reserve(uri.size());
  for (std::size_t at = 0; at < uri.size();) {
    if (uri[at] == '%' && at + 2 < uri.size()) {
      const int high = hex_value(uri[at + 1]);
      const int low = hex_value(uri[at + 2]);
      const char c = high < 0 || low < 0 ? '\0' : static_cast<char>(high * 16 + low);
      if (c != '\0' && decoded.find(c) != std::string_view::npos) {
        result.push_back(c);
        at += 3;
        continue;
      }
    }
    result.push_back(uri[at++]);
  }
  return result;
}

Verifier::Verifier(const std::vector<std::string_view>& secrets, bool older) : older_(older) {
  for (const std::string_view secret : secrets) {
    keys_.push_back(std::make_unique<const Key>(secret));
  }
}

Verifier::~Verifier() = default;

Verdict Verifier::verify(const SignedRequest& request, Instant now) const {
  // A bad signature of version 3 never falls back to a weaker one.
  if (request.signature_v3) {
    return verify_v3(request, *request.signature_v3, now);
  }
  return older_ && request.signature ? verify_older(request, *request.signature) : Verdict::missing;
}

Verdict Verifier::verify_v3(const SignedRequest& request, std::string_view given, Instant now) const {
  const auto digest = from_base64(given);
  if (!request.timestamp || !digest) {
    return Verdict::forged;
  }
  const auto sent = read_timestamp(*request.timestamp);
  if (!sent || *sent < now - max_age || *sent > now + max_age) {
    return Verdict::stale;
  }
  const std::string decoded = decode_for_signature(request.uri);
  bool genuine = false;
  for (const auto& key : keys_) {
    genuine |= equal(key->mac({request.method, decoded, request.body, *request.timestamp}), *digest);
    if (decoded != request.uri) {
      // HubSpot's own client libraries sign without decoding (HUBSPOT.md §9.4).
      genuine |= equal(key->mac({request.method, request.uri, request.body, *request.timestamp}), *digest);
    }
  }
  return genuine ? Verdict::genuine : Verdict::forged;
}

Verdict Verifier::verify_older(const SignedRequest& request, std::string_view given) const {
  const auto digest = from_hex(given);
  const std::string_view version = request.version.value_or("v1");
  if (!digest || (version != "v1" && version != "v2")) {
    return Verdict::forged;
  }
  bool genuine = false;
  for (const auto& key : keys_) {
    genuine |= equal(
        version == "v1" ? key->hash({request.body}) : key->hash({request.method, request.uri, request.body}),
        *digest
    );
  }
  return genuine ? Verdict::genuine : Verdict::forged;
}

std::string Verifier::sign(
    std::string_view method, std::string_view uri, std::string_view body, std::string_view timestamp
) const {
  return to_base64(keys_.front()->mac({method, decode_for_signature(uri), body, timestamp}));
}

}  // namespace hubsync::webhook
