#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "daemon/hubspot/curl_transport.hpp"

using namespace hubsync;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

using SendResult = std::expected<HttpReply, TransportFailure>;

class FixedToken : public TokenSource {
 public:
  void append_token(std::string& header) const override { header += "pat-na1-canary"; }
};

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;

/// A certificate that vouches for itself, for `alternative_name` and until `valid_for` from now.
Certificate self_signed(EVP_PKEY* key, const std::string& alternative_name, std::chrono::seconds valid_for) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), valid_for.count());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const std::string common = "hubsync test";
  X509_NAME_add_entry_by_txt(
      name,
      "CN",
      MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(common.data()),
      static_cast<int>(common.size()),
      -1,
      0
  );
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key);
  const std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>> alternative(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative_name.c_str())
  );
  X509_add_ext(certificate.get(), alternative.get(), -1);
  REQUIRE(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  return certificate;
}

/// A new folder that is gone at the end of the test.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "hubsync-tls-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

struct ServerSpec {
  std::string alternative_name = "IP:127.0.0.1";
  std::chrono::seconds valid_for = 1h;
  bool only_old_tls = false;
};

/// A TLS server on a loopback port that answers each first request of a connection with 200.
class TlsServer {
 public:
  TlsServer(asio::io_context& io, const ServerSpec& spec)
      : acceptor_(io, {asio::ip::make_address("127.0.0.1"), 0}),
        key_(EVP_EC_gen("P-256")),
        certificate_(self_signed(key_.get(), spec.alternative_name, spec.valid_for)) {
    SSL_CTX* native = context_.native_handle();
    REQUIRE(SSL_CTX_use_certificate(native, certificate_.get()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(native, key_.get()) == 1);
    if (spec.only_old_tls) {
      SSL_CTX_set_security_level(native, 0);
      SSL_CTX_set_min_proto_version(native, TLS1_VERSION);
      SSL_CTX_set_max_proto_version(native, TLS1_1_VERSION);
    }
    asio::co_spawn(io, accept(*this), asio::detached);
  }

  [[nodiscard]] std::string url() const {
    return "https://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  [[nodiscard]] int requests() const { return requests_; }

  [[nodiscard]] std::string certificate_file() const {
    const std::string path = folder_.path / "ca.pem";
    const std::unique_ptr<FILE, Freer<fclose>> file(fopen(path.c_str(), "w"));
    REQUIRE(PEM_write_X509(file.get(), certificate_.get()) == 1);
    return path;
  }

 private:
  static asio::awaitable<void> accept(TlsServer& server) {
    for (;;) {
      auto [error, socket] = co_await server.acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
      if (error) {
        co_return;
      }
      asio::co_spawn(server.acceptor_.get_executor(), serve(server, std::move(socket)), asio::detached);
    }
  }

  static asio::awaitable<void> serve(TlsServer& server, asio::ip::tcp::socket socket) {
    asio::ssl::stream<asio::ip::tcp::socket> stream(std::move(socket), server.context_);
    auto [error] =
        co_await stream.async_handshake(asio::ssl::stream_base::server, asio::as_tuple(asio::use_awaitable));
    if (error) {
      co_return;
    }
    std::string request;
    auto [read_error, size] = co_await asio::async_read_until(
        stream, asio::dynamic_buffer(request), "\r\n\r\n", asio::as_tuple(asio::use_awaitable)
    );
    if (read_error) {
      co_return;
    }
    ++server.requests_;
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    co_await asio::async_write(stream, asio::buffer(answer), asio::as_tuple(asio::use_awaitable));
  }

  asio::ip::tcp::acceptor acceptor_;
  asio::ssl::context context_{asio::ssl::context::tls_server};
  Key key_;
  Certificate certificate_;
  Folder folder_;
  int requests_ = 0;
};

struct Outcome {
  SendResult result;
  int requests = 0;
};

Outcome talk_to(const ServerSpec& spec, bool trusted) {
  asio::io_context io{1};
  const FixedToken token;
  TlsServer server(io, spec);
  CurlTransport transport(
      io.get_executor(),
      {.base_url = server.url(), .ca_file = trusted ? server.certificate_file() : ""},
      token
  );
  std::optional<SendResult> result;
  asio::co_spawn(
      io,
      transport.send({.method = "GET", .target = "/x"}),
      [&](std::exception_ptr error, SendResult sent) {
        REQUIRE_FALSE(error);
        result.emplace(std::move(sent));
      }
  );
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!result && std::chrono::steady_clock::now() < deadline) {
    io.run_one_until(deadline);
  }
  REQUIRE(result.has_value());
  return {.result = std::move(*result), .requests = server.requests()};
}

}  // namespace

TEST_CASE("a server whose certificate is trusted through the CA file is talked to") {
  const auto [result, requests] = talk_to({}, true);
  REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().message));
  CHECK(result->status == 200);
  CHECK(requests == 1);
}

TEST_CASE("a server with a bad certificate or old TLS gets no request, and surely no write") {
  struct Row {
    const char* name;
    ServerSpec spec;
    bool trusted;
  };
  for (const Row& row : {
           Row{"untrusted", {}, false},
           Row{"wrong host", {.alternative_name = "DNS:other.example"}, true},
           Row{"expired", {.valid_for = -1h}, true},
           Row{"TLS 1.1", {.only_old_tls = true}, true},
       }) {
    CAPTURE(row.name);
    const auto [result, requests] = talk_to(row.spec, row.trusted);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().surely_not_sent);
    CHECK_FALSE(result.error().message.contains("canary"));
    CHECK(requests == 0);
  }
}
