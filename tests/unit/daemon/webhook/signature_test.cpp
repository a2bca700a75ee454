#include "daemon/webhook/signature.hpp"

#include <fstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hubsync;
using namespace hubsync::webhook;

namespace {

const nlohmann::json& data() {
  static const nlohmann::json json = [] {
    std::ifstream file{HUBSYNC_SOURCE_DIR "/tests/unit/daemon/webhook/signatures.json"};
    return nlohmann::json::parse(file);
  }();
  return json;
}

/// A row of the data as a request; the row outlives it.
struct Row {
  explicit Row(const nlohmann::json& from)
      : secret(from["secret"]),
        version(from["version"]),
        method(from["method"]),
        uri(from["uri"]),
        body(from["body"]),
        signature(from["signature"]),
        timestamp(from.value("timestamp", "")) {
    request = {.method = method, .uri = uri, .body = body};
    if (version == "v3") {
      request.signature_v3 = signature;
      request.timestamp = timestamp;
      now = instant_from_ms(std::stoll(timestamp));
    } else {
      request.signature = signature;
      request.version = version;
    }
  }
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;

  [[nodiscard]] Verdict verify(bool older = true) const {
    return Verifier{{secret}, older}.verify(request, now);
  }

  std::string secret;
  std::string version;
  std::string method;
  std::string uri;
  std::string body;
  std::string signature;
  std::string timestamp;
  SignedRequest request;
  Instant now{};
};

const nlohmann::json& row_named(std::string_view name) {
  for (const auto& row : data()["genuine"]) {
    if (row["name"] == name) {
      return row;
    }
  }
  throw std::runtime_error("no such row");
}

constexpr std::string_view plain = "v3-single-event";

}  // namespace

TEST_CASE("every signature that HubSpot's own clients make is genuine") {
  REQUIRE(data()["genuine"].size() == 33);
  for (const auto& json : data()["genuine"]) {
    const Row row{json};
    CAPTURE(json["name"].get<std::string>());
    CHECK(row.verify() == Verdict::genuine);
  }
}

TEST_CASE("a signature over the address as it was sent, with nothing decoded, is genuine too") {
  int rows = 0;
  for (const auto& json : data()["genuine"]) {
    if (json.contains("notDecoded")) {
      Row row{json};
      const std::string raw = json["notDecoded"];
      row.request.signature_v3 = raw;
      CHECK(row.verify() == Verdict::genuine);
      ++rows;
    }
  }
  CHECK(rows == 4);
}

TEST_CASE("a signature of anything else is forged") {
  for (const auto& json : data()["forged"]) {
    Row row{row_named(plain)};
    const std::string signature = json["signature"];
    row.request.signature_v3 = signature;
    CAPTURE(json["name"].get<std::string>());
    CHECK(row.verify() == Verdict::forged);
  }
}

TEST_CASE("a change of one character anywhere is noticed") {
  const Row genuine{row_named(plain)};
  for (const char* part : {"secret", "method", "uri", "body", "signature"}) {
    nlohmann::json changed = row_named(plain);
    std::string text = changed[part];
    text[text.size() / 2] = text[text.size() / 2] == 'A' ? 'B' : 'A';
    changed[part] = text;
    CAPTURE(part);
    CHECK(Row{changed}.verify() == Verdict::forged);
  }
  CHECK(genuine.verify() == Verdict::genuine);
}

TEST_CASE("a signature is 44 characters of base64 with its padding and nothing else") {
  Row row{row_named(plain)};
  const std::string genuine = row.signature;
  for (const std::string& text :
       {std::string{},
        genuine.substr(0, 43),
        genuine + "=",
        genuine + "\n",
        " " + genuine,
        genuine.substr(0, 43) + "A",
        std::string(44, '='),
        std::string(44, '\0'),
        std::string(100'000, 'A')}) {
    row.request.signature_v3 = text;
    CHECK(row.verify() == Verdict::forged);
  }
  // The last character holds two bits that stand for nothing: with them set it is another text for the same
  // bytes.
  std::string twin = genuine;
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  twin[42] = alphabet[alphabet.find(twin[42]) + 1];
  row.request.signature_v3 = twin;
  CHECK(row.verify() == Verdict::forged);
}

TEST_CASE("a request is as old as five minutes at most, and no further in the future") {
  Row row{row_named(plain)};
  const Instant sent = row.now;
  const auto at = [&](std::int64_t age) {
    row.now = sent + Duration{age};
    return row.verify();
  };
  CHECK(at(0) == Verdict::genuine);
  CHECK(at(300'000) == Verdict::genuine);
  CHECK(at(300'001) == Verdict::stale);
  CHECK(at(86'400'000) == Verdict::stale);
  CHECK(at(-1'000) == Verdict::genuine);
  CHECK(at(-300'000) == Verdict::genuine);
  CHECK(at(-300'001) == Verdict::stale);
  CHECK(at(-600'000) == Verdict::stale);
}

TEST_CASE("a time that is not exactly 13 digits is refused even when it is what was signed") {
  const std::string secret = "s";
  const Verifier verifier{{secret}, false};
  for (const std::string text :
       {"",
        "1767225600",
        "1767225600123.0",
        "+176722560012",
        "1.76722560012",
        "NaN",
        "17672256001234",
        " 767225600123",
        "176722560012x",
        "0x19B7712345"}) {
    const std::string signature = verifier.sign("POST", "https://x.example/", "[]", text);
    const SignedRequest request{
        .method = "POST",
        .uri = "https://x.example/",
        .body = "[]",
        .signature_v3 = signature,
        .timestamp = text
    };
    CAPTURE(text);
    CHECK(verifier.verify(request, instant_from_ms(1'767'225'600'123)) == Verdict::stale);
  }
  const std::string signature = verifier.sign("POST", "https://x.example/", "[]", "1767225600123");
  const SignedRequest without{
      .method = "POST", .uri = "https://x.example/", .body = "[]", .signature_v3 = signature
  };
  CHECK(verifier.verify(without, instant_from_ms(1'767'225'600'123)) == Verdict::forged);
}

TEST_CASE("versions 1 and 2 count only when they are wanted") {
  for (const auto& json : data()["genuine"]) {
    const Row row{json};
    if (row.version != "v3") {
      CHECK(row.verify(false) == Verdict::missing);
    }
  }
}

TEST_CASE("a bad version 3 never falls back to a good version 1") {
  const Row v1{row_named("v1-single-event")};
  Row row{row_named(plain)};
  REQUIRE(v1.body == row.body);
  REQUIRE(v1.secret == row.secret);
  row.request.signature = v1.signature;
  row.request.version = "v1";
  const std::string bad(44, 'A');
  row.request.signature_v3 = bad;
  CHECK(row.verify() == Verdict::forged);
}

TEST_CASE("while the secret is being changed, the old and the new one are both good") {
  const Row row{row_named(plain)};
  const std::string next = "the next secret";
  CHECK(Verifier{{row.secret, next}, false}.verify(row.request, row.now) == Verdict::genuine);
  CHECK(Verifier{{next, row.secret}, false}.verify(row.request, row.now) == Verdict::genuine);
  CHECK(Verifier{{next}, false}.verify(row.request, row.now) == Verdict::forged);
}

TEST_CASE("twelve escapes are decoded before signing, once, and no others") {
  CHECK(decode_for_signature("%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B") == ":/?@!$'()*,;");
  CHECK(decode_for_signature("%3a%2f%2C") == ":/,");
  CHECK(decode_for_signature("%20%26%3D%2B%25%23%C3%A9") == "%20%26%3D%2B%25%23%C3%A9");
  CHECK(decode_for_signature("%253A") == "%253A");
  CHECK(decode_for_signature("%") == "%");
  CHECK(decode_for_signature("%3") == "%3");
  CHECK(decode_for_signature("%zz%3G%00") == "%zz%3G%00");
}
