// HubSpot's request signatures, versions 1 to 3 (HUBSPOT.md §9.4). Pure; any thread. Reads no clock and no
// secret file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.hpp"

namespace hubsync::webhook {

/// How far a request's time may lie in the past or in the future.
inline constexpr Duration max_age{300'000};

/// What a signature covers, and the signature.
struct SignedRequest {
  std::string_view method;
  std::string_view uri;   ///< As HubSpot called it: public scheme and host, then raw path and query.
  std::string_view body;  ///< The bytes as they came.
  std::optional<std::string_view> signature_v3 = {};  ///< X-HubSpot-Signature-v3
  std::optional<std::string_view> timestamp = {};     ///< X-HubSpot-Request-Timestamp
  std::optional<std::string_view> signature = {};     ///< X-HubSpot-Signature
  std::optional<std::string_view> version = {};       ///< X-HubSpot-Signature-Version
};

enum class Verdict : std::uint8_t {
  genuine,
  missing,  ///< No signature of a version that is accepted.
  stale,    ///< The time is not 13 digits, or too far from ours.
  forged
};

/// Knows the application's secret, and the next one while it is being changed.
class Verifier {
 public:
  /// Copies what it needs of each secret into keyed digests. `older`: versions 1 and 2 are accepted as well,
  /// where a request brings no version 3; they do not cover the time, so a captured request can be repeated.
  Verifier(const std::vector<std::string_view>& secrets, bool older);
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;
  ~Verifier();

  [[nodiscard]] Verdict verify(const SignedRequest& request, Instant now) const;

  /// The version 3 signature that HubSpot would send, with the first secret; for the self-test.
  [[nodiscard]] std::string sign(
      std::string_view method, std::string_view uri, std::string_view body, std::string_view timestamp
  ) const;

 private:
  class Key;
  [[nodiscard]] Verdict verify_v3(const SignedRequest& request, std::string_view given, Instant now) const;
  [[nodiscard]] Verdict verify_older(const SignedRequest& request, std::string_view given) const;

  std::vector<std::unique_ptr<const Key>> keys_;
  bool older_;
};

/// The URI with the twelve escapes that HubSpot decodes before it signs; all others stay. One pass.
[[nodiscard]] std::string decode_for_signature(std::string_view uri);

}  // namespace hubsync::webhook
