// The webhook listener under TLS: which versions, which certificate, and a new one without a restart.
#include <signal.h>

#include <filesystem>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

const std::string openssl = "/usr/bin/openssl";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class TlsRig {
 public:
  TlsRig() {
    make_identity("first");
    use("first");
    write_file(rig.directory() / "webhook-secret", "a-secret-for-webhooks\n");
    rig.configure({
        {"webhooks",
         {{"listen", "\"127.0.0.1:0\""},
          {"secret_file", path("webhook-secret")},
          {"tls_certificate", path("certificate.pem")},
          {"tls_key", path("key.pem")}}},
    });
  }

  std::string path(const std::string& name) { return "\"" + (rig.directory() / name) + "\""; }

  void make_identity(const std::string& name) {
    const Finished made =
        run(rig.directory() / "openssl",
            {.words = {
                 openssl,
                 "req",
                 "-x509",
                 "-newkey",
                 "ec",
                 "-pkeyopt",
                 "ec_paramgen_curve:P-256",
                 "-nodes",
                 "-days",
                 "2",
                 "-subj",
                 "/CN=" + name,
                 "-addext",
                 "subjectAltName=IP:127.0.0.1",
                 "-keyout",
                 rig.directory() / (name + ".key"),
                 "-out",
                 rig.directory() / (name + ".pem")
             }});
    REQUIRE_MESSAGE(made.code == 0, made.err);
  }

  void use(const std::string& name) {
    write_file(rig.directory() / "certificate.pem", read_file(rig.directory() / (name + ".pem")));
    write_file(rig.directory() / "key.pem", read_file(rig.directory() / (name + ".key")));
  }

  void find_address() {
    const std::string mark = "webhooks are taken address=";
    REQUIRE(rig.daemon().wait_until([&] { return contains(rig.daemon().errors(), mark); }));
    const std::string log = rig.daemon().errors();
    const std::string rest = log.substr(log.find(mark) + mark.size());
    address = rest.substr(0, rest.find(' '));
  }

  /// What one GET of the webhook path brings; `trusted` is the certificate to be met.
  Finished get(const std::string& trusted, const std::vector<std::string>& options) {
    std::vector<std::string> words{
        openssl,
        "s_client",
        "-quiet",
        "-connect",
        address,
        "-verify_return_error",
        "-CAfile",
        rig.directory() / (trusted + ".pem")
    };
    words.insert(words.end(), options.begin(), options.end());
    return run(
        rig.directory() / "client",
        {.words = words,
         .input = "GET /api/webhooks/hubspot HTTP/1.1\r\nHost: " + address + "\r\nConnection: close\r\n\r\n"}
    );
  }

  Rig rig;
  std::string address;
};

}  // namespace

TEST_CASE("webhooks are taken under TLS 1.2 and 1.3 and under nothing older or bare") {
  TlsRig tls;
  tls.rig.start();
  tls.find_address();
  CHECK(contains(tls.get("first", {"-tls1_2"}).out, "HTTP/1.1 200 OK"));
  CHECK(contains(tls.get("first", {"-tls1_3"}).out, "HTTP/1.1 200 OK"));
  const Finished old = tls.get("first", {"-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"});
  CHECK(old.code != 0);
  CHECK_FALSE(contains(old.out, "HTTP/1.1"));
  CHECK(send({tls.address}, {.target = "/api/webhooks/hubspot"}).status == 0);
  // Signed for an https URL, sent through the listener, worked off.
  const Json tested = tls.rig.api("POST", "/api/webhooks/test").json();
  CHECK_MESSAGE(tested.at("status") == 200, tested.dump());
  CHECK(contains(tested.at("url"), "https://"));
  CHECK(tls.rig.stop() == 0);
}

TEST_CASE("a new certificate is shown after a reload, and a broken one changes nothing") {
  TlsRig tls;
  tls.rig.start();
  tls.find_address();
  tls.make_identity("second");
  CHECK_FALSE(contains(tls.get("second", {}).out, "HTTP/1.1 200 OK"));
  tls.use("second");
  tls.rig.daemon().signal(SIGHUP);
  CHECK(tls.rig.daemon().wait_until([&] { return contains(tls.get("second", {}).out, "HTTP/1.1 200 OK"); }));
  CHECK_FALSE(contains(tls.get("first", {}).out, "HTTP/1.1 200 OK"));

  write_file(tls.rig.directory() / "key.pem", read_file(tls.rig.directory() / "first.key"));
  tls.rig.daemon().signal(SIGHUP);
  REQUIRE(tls.rig.daemon().wait_until([&] { return contains(tls.rig.daemon().errors(), "reload refused"); }));
  CHECK(contains(tls.rig.daemon().errors(), "key.pem"));
  CHECK(contains(tls.get("second", {}).out, "HTTP/1.1 200 OK"));
}

TEST_CASE("a certificate without its key, and a key that others can read, refuse the start") {
  TlsRig tls;
  std::string named;
  SUBCASE("the key of another certificate") {
    tls.make_identity("second");
    write_file(tls.rig.directory() / "key.pem", read_file(tls.rig.directory() / "second.key"));
    named = "key.pem";
  }
  SUBCASE("no certificate at all") {
    write_file(tls.rig.directory() / "certificate.pem", "nothing\n");
    named = "certificate.pem";
  }
  SUBCASE("others can read the key") {
    write_file(tls.rig.directory() / "key.pem", read_file(tls.rig.directory() / "first.key"), 0644);
    named = "chmod";
  }
  const auto refused = tls.rig.launch_daemon({"--config", tls.rig.config_file()});
  REQUIRE(refused->wait());
  CHECK(*refused->wait() != 0);
  CHECK_MESSAGE(contains(refused->errors(), named), refused->errors());
}
