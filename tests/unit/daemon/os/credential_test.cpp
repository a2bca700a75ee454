#include "daemon/os/credential.hpp"

#include <unistd.h>

#include <doctest/doctest.h>

#include "daemon/os/secret_file.hpp"
#include "tests/unit/daemon/os/temp_dir.hpp"

using namespace hubsync;
using hubsync::test::TempDir;

namespace {

struct Setup {
  TempDir directory;
  Config config = default_config();
  EnvironmentSecrets environment = {};

  Setup() {
    config.hubspot.access_token_file = directory.path("token");
    config.hubspot.client_secret_file = directory.path("client-secret");
    config.hubspot.refresh_token_file = directory.path("refresh-token");
  }
  Error error() {
    const auto loaded = load_credential(config, environment);
    REQUIRE_FALSE(loaded);
    return loaded.error();
  }
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string text_of(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

TEST_CASE("the credential is a static token, or an app with its refresh token") {
  Setup setup;
  CHECK(setup.error().code == ErrorCode::not_found);
  setup.directory.write("token", "pat-1\n");
  const auto fixed = load_credential(setup.config, setup.environment);
  REQUIRE(fixed);
  CHECK(std::get<LoadedSecret>(*fixed).secret.reveal() == "pat-1");

  Setup other;
  other.config.hubspot.client_id = "app-1";
  CHECK(has(other.error().message, "no client secret of the HubSpot app found"));
  other.directory.write("client-secret", "secret-1\n");
  CHECK(has(other.error().message, "no HubSpot refresh token found"));
  CHECK(has(other.error().message, "the systemd credential hubspot-refresh-token"));
  const std::string file = other.directory.write("refresh-token", "refresh-1\n");
  const auto oauth = load_credential(other.config, other.environment);
  REQUIRE(oauth);
  const auto& secrets = std::get<OauthSecrets>(*oauth);
  CHECK(secrets.client_id == "app-1");
  CHECK(secrets.client_secret.secret.reveal() == "secret-1");
  CHECK(secrets.refresh_token.secret.reveal() == "refresh-1");
  CHECK(secrets.refresh_token.file == file);
}

TEST_CASE("a refresh token from the environment has no file to be changed in") {
  Setup setup;
  setup.config.hubspot.client_id = "app-1";
  setup.environment.client_secret.emplace("secret-1");
  setup.environment.refresh_token.emplace("refresh-1");
  const auto oauth = load_credential(setup.config, setup.environment);
  REQUIRE(oauth);
  CHECK(std::get<OauthSecrets>(*oauth).refresh_token.file == "");
  CHECK(std::get<OauthSecrets>(*oauth).refresh_token.source == "environment HUBSPOT_REFRESH_TOKEN");
}

TEST_CASE("two credentials are one too many, and the error names both and their keys") {
  Setup setup;
  setup.directory.write("token", "pat-canary\n");
  setup.config.hubspot.client_id = "app-1";
  setup.config.origins["hubspot.client_id"] = "hubsync.toml:3";
  const Error by_key = setup.error();
  CHECK(by_key.code == ErrorCode::invalid);
  CHECK(has(by_key.message, "file " + setup.directory.path("token")));
  CHECK(has(by_key.message, "hubspot.client_id (hubsync.toml:3)"));
  CHECK(has(by_key.hint, "hubspot.access_token_file"));
  CHECK(has(by_key.hint, "HUBSPOT_REFRESH_TOKEN"));
  CHECK_FALSE(has(by_key.message, "canary"));

  setup.config.hubspot.client_id = "";
  setup.environment.refresh_token.emplace("refresh-1");
  CHECK(setup.error().code == ErrorCode::invalid);
  REQUIRE(::unlink(setup.directory.path("token").c_str()) == 0);
  CHECK(has(setup.error().message, "hubspot.client_id is not set"));
}

TEST_CASE("an OAuth app and a file with a static token exclude each other") {
  const TempDir directory;
  const auto load = [&](const std::string& text) {
    return load_config({.file = directory.write("hubsync.toml", text)});
  };
  const auto both = load("[hubspot]\nclient_id = \"app-1\"\naccess_token_file = \"/run/token\"\n");
  REQUIRE_FALSE(both);
  CHECK(has(both.error().message, "hubsync.toml:2: hubspot.client_id: stands beside"));
  CHECK(has(both.error().message, "hubspot.access_token_file ("));
  CHECK(has(both.error().message, "hubspot.refresh_token_file"));
  const auto oauth = load("[hubspot]\nclient_id = \"app-1\"\nrefresh_token_file = \"/run/refresh\"\n");
  REQUIRE(oauth);
  CHECK(oauth->hubspot.client_id == "app-1");
  CHECK(load(show_config(*oauth)));
  CHECK_FALSE(load("[hubspot]\nclient_id = \"two words\"\n"));
}

TEST_CASE("a refresh token file that others can read is refused like any secret") {
  Setup setup;
  setup.config.hubspot.client_id = "app-1";
  setup.directory.write("client-secret", "secret-1");
  setup.directory.write("refresh-token", "refresh-1", 0640);
  CHECK(setup.error().code == ErrorCode::forbidden);
}

TEST_CASE("a secret is replaced in its file, which nobody else can read at any time") {
  const TempDir directory;
  const std::string path = directory.write("refresh-token", "first\n", 0600);
  directory.write("refresh-token.new", "left by a crash");
  REQUIRE(replace_secret(path, Secret{"first"}, Secret{"second"}));
  CHECK(text_of(path) == "second\n");
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(::access((path + ".new").c_str(), F_OK) != 0);
}

TEST_CASE("a secret that somebody has put into the file meanwhile is left there") {
  const TempDir directory;
  const std::string path = directory.write("refresh-token", "put there by hand\n");
  CHECK_FALSE(replace_secret(path, Secret{"first"}, Secret{"second"}));
  directory.write("refresh-token", "by-hand\n");
  CHECK(replace_secret(path, Secret{"first"}, Secret{"second"}).error().code == ErrorCode::conflict);
  CHECK(text_of(path) == "by-hand\n");
  CHECK_FALSE(replace_secret(directory.path("gone"), Secret{"first"}, Secret{"second"}));
}
