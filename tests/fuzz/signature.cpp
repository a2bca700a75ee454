// The signature check. An input is six lines (secret, method, URI, version, signature, timestamp) and the
// body.
#include "daemon/webhook/signature.hpp"

#include <array>
#include <charconv>
#include <string>

#include "tests/fuzz/check.hpp"

namespace hubsync::fuzz {
namespace {

struct Input {
  std::array<std::string_view, 6> lines;
  std::string_view body;

  [[nodiscard]] std::string_view secret() const { return lines[0]; }
  [[nodiscard]] std::string_view timestamp() const { return lines[5]; }
  [[nodiscard]] bool is_v3() const { return lines[3] == "v3"; }

  [[nodiscard]] webhook::SignedRequest request() const {
    webhook::SignedRequest request{.method = lines[1], .uri = lines[2], .body = body};
    if (is_v3()) {
      request.signature_v3 = lines[4];
      request.timestamp = timestamp();
    } else {
      request.signature = lines[4];
      request.version = lines[3];
    }
    return request;
  }

  /// The moment that the request says it was made at.
  [[nodiscard]] Instant made_at() const {
    std::int64_t ms = 0;
    std::from_chars(timestamp().data(), timestamp().data() + timestamp().size(), ms);
    return instant_from_ms(ms < 0 || ms > 9'999'999'999'999 ? 0 : ms);
  }
};

Input input_of(std::string_view text) {
  Input input;
  for (std::string_view& line : input.lines) {
    const std::size_t end = text.find('\n');
    line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  input.body = text;
  return input;
}

/// Whatever HubSpot would sign is genuine, and nothing next to it.
void check_own_signature(const webhook::Verifier& verifier, const Input& input) {
  constexpr std::string_view stamp = "1767225600123";
  constexpr std::int64_t made = 1'767'225'600'123;
  webhook::SignedRequest request = input.request();
  request.version.reset();
  request.signature.reset();
  std::string signature = verifier.sign(request.method, request.uri, request.body, stamp);
  request.signature_v3 = signature;
  request.timestamp = stamp;
  ASSERT(verifier.verify(request, instant_from_ms(made)) == webhook::Verdict::genuine);
  ASSERT(verifier.verify(request, instant_from_ms(made) + webhook::max_age) == webhook::Verdict::genuine);
  ASSERT(verifier.verify(request, instant_from_ms(made + 1) + webhook::max_age) == webhook::Verdict::stale);
  ASSERT(verifier.verify(request, instant_from_ms(made - 1) - webhook::max_age) == webhook::Verdict::stale);
  const std::string longer = std::string{request.body} + "x";
  request.body = longer;
  ASSERT(verifier.verify(request, instant_from_ms(made)) == webhook::Verdict::forged);
  request.body = input.body;
  signature[input.body.size() % 40] ^= 1;
  request.signature_v3 = signature;
  ASSERT(verifier.verify(request, instant_from_ms(made)) != webhook::Verdict::genuine);
}

/// A request that was found genuine has the very signature that we would make for it.
void check_genuine(const webhook::Verifier& verifier, const Input& input) {
  if (!input.is_v3()) {
    ASSERT(input.lines[4].size() == 64);
    return;
  }
  const webhook::SignedRequest request = input.request();
  const auto matches = [&](std::string_view uri) {
    return verifier.sign(request.method, uri, request.body, input.timestamp()) == input.lines[4];
  };
  ASSERT(input.timestamp().size() == 13);
  ASSERT(matches(request.uri) || matches(webhook::decode_for_signature(request.uri)));
}

}  // namespace
}  // namespace hubsync::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hubsync;
  const fuzz::Input input = fuzz::input_of(fuzz::text_of(data, size));
  if (input.secret().empty()) {
    return 0;
  }
  ASSERT(webhook::decode_for_signature(input.lines[2]).size() <= input.lines[2].size());
  const webhook::Verifier strict{{input.secret()}, false};
  const webhook::Verifier rotating{{"another", input.secret()}, true};
  const webhook::Verdict verdict = strict.verify(input.request(), input.made_at());
  if (verdict == webhook::Verdict::genuine) {
    fuzz::check_genuine(strict, input);
  }
  ASSERT(input.is_v3() || verdict == webhook::Verdict::missing);
  const webhook::Verdict lenient = rotating.verify(input.request(), input.made_at());
  ASSERT(!input.is_v3() || lenient == verdict);
  if (lenient == webhook::Verdict::genuine) {
    fuzz::check_genuine(strict, input);
  }
  fuzz::check_own_signature(strict, input);
  return 0;
}
