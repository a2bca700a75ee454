#include "daemon/os/secrets.hpp"

#include <unistd.h>

#include <cstring>
#include <type_traits>

#include <doctest/doctest.h>

#include "daemon/os/redact.hpp"
#include "tests/unit/daemon/os/temp_dir.hpp"

using namespace hubsync;
using hubsync::test::ScopedVariable;
using hubsync::test::TempDir;

namespace {

const std::string canary = "pat-na1-00000000-canary-4242";

Result<LoadedSecret> load_file(const std::string& path) {
  return load_secret(access_token_places({}, path));
}

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!Printable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<const char*, Secret>);

}  // namespace

TEST_CASE("a secret file is read without its line break") {
  const TempDir directory;
  for (const char* end : {"", "\n", "\r\n"}) {
    const std::string path = directory.write("token", canary + end, 0600);
    const Result<LoadedSecret> loaded = load_file(path);
    REQUIRE(loaded);
    CHECK(loaded->secret.reveal() == canary);
    CHECK(loaded->source == "file " + path);
  }
  CHECK(load_file(directory.write("read-only", canary, 0400)));
}

TEST_CASE("a secret file that somebody else could read or replace is refused") {
  const TempDir directory;
  for (const mode_t mode : {0640U, 0604U, 0660U, 0644U}) {
    const Result<LoadedSecret> loaded = load_file(directory.write("token", canary, mode));
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code == ErrorCode::forbidden);
    CHECK(loaded.error().message.find("0600") != std::string::npos);
    CHECK(loaded.error().message.find("canary") == std::string::npos);
  }
  const std::string path = directory.write("token", canary, 0600);
  const std::string link = directory.path("link");
  REQUIRE(::symlink(path.c_str(), link.c_str()) == 0);
  CHECK(load_file(link).error().message == link + " is a symbolic link; allowed: the file itself");
  CHECK(load_file(directory.path(".")).error().code != ErrorCode::not_found);

  const TempDir open;
  REQUIRE(::mkdir(open.path("dir").c_str(), 0700) == 0);
  open.write("dir/token", canary, 0600);
  REQUIRE(::chmod(open.path("dir").c_str(), 0777) == 0);
  CHECK(load_file(open.path("dir/token")).error().code == ErrorCode::forbidden);
}

TEST_CASE("a secret file of another user is refused") {
  if (::geteuid() != 0) {
    MESSAGE("needs root");
    return;
  }
  const TempDir directory;
  const std::string path = directory.write("token", canary, 0600);
  REQUIRE(::chown(path.c_str(), 4242, 4242) == 0);
  CHECK(load_file(path).error().message.find("belongs to user 4242") != std::string::npos);
}

TEST_CASE("a secret that is empty, has spaces or control characters, or is endless is refused unseen") {
  const TempDir directory;
  for (const std::string& text :
       {std::string{},
        std::string{"\n"},
        canary + " x",
        canary + "\nX-Evil: 1",
        canary + "\xc3\xa9",
        canary + std::string(1, '\0'),
        canary + std::string(5000, 'x')}) {
    const Result<LoadedSecret> loaded = load_file(directory.write("token", text));
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code == ErrorCode::invalid);
    CHECK(loaded.error().message.find("canary") == std::string::npos);
  }
}

TEST_CASE("a missing secret says where it was looked for") {
  const Result<LoadedSecret> loaded = load_file("/nonexistent/token");
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().code == ErrorCode::not_found);
  for (const char* part : {"hubspot-access-token", "HUBSPOT_ACCESS_TOKEN", "/nonexistent/token"}) {
    CHECK(loaded.error().message.find(part) != std::string::npos);
  }
  CHECK(load_secret(control_token_places("")).error().code == ErrorCode::not_found);
}

TEST_CASE("a credential wins over the environment, and the environment over the file") {
  const TempDir directory;
  const std::string file = directory.write("token", "from-file");
  EnvironmentSecrets environment;
  CHECK(load_secret(access_token_places(environment, file))->secret.reveal() == "from-file");
  environment.access_token.emplace("from-environment");
  const Result<LoadedSecret> second = load_secret(access_token_places(environment, file));
  CHECK(second->secret.reveal() == "from-environment");
  CHECK(second->source == "environment HUBSPOT_ACCESS_TOKEN");

  directory.write("hubspot-access-token", "from-credential\n", 0440);
  const ScopedVariable credentials{"CREDENTIALS_DIRECTORY", directory.path(".")};
  const Result<LoadedSecret> first = load_secret(access_token_places(environment, file));
  CHECK(first->secret.reveal() == "from-credential");
  CHECK(first->source == "credential hubspot-access-token");
  // The other secret has no credential there, and is not affected.
  CHECK(load_secret(webhook_secret_places({}, file))->secret.reveal() == "from-file");
}

TEST_CASE("a bad environment token is refused instead of falling back to the file") {
  const TempDir directory;
  EnvironmentSecrets environment;
  environment.access_token.emplace("two words");
  CHECK(
      load_secret(access_token_places(environment, directory.write("token", canary))).error().code ==
      ErrorCode::invalid
  );
}

TEST_CASE("secrets are taken out of the environment and wiped there") {
  std::string entry = "HUBSPOT_ACCESS_TOKEN=" + canary;
  REQUIRE(::putenv(entry.data()) == 0);
  const ScopedVariable empty{"HUBSPOT_WEBHOOK_SECRET", ""};
  const EnvironmentSecrets secrets = take_environment_secrets();
  REQUIRE(secrets.access_token);
  CHECK(secrets.access_token->reveal() == canary);
  CHECK_FALSE(secrets.webhook_secret);
  CHECK(std::getenv("HUBSPOT_ACCESS_TOKEN") == nullptr);
  CHECK(entry.find("canary") == std::string::npos);
  CHECK_FALSE(take_environment_secrets().access_token);
}

TEST_CASE("tokens, bearer headers and loaded secrets are taken out of text") {
  const Secret webhook{"f00-webhook-secret"};
  const Secret tiny{"a"};
  const Secret both[] = {webhook, tiny};
  CHECK(redact("token " + canary + " refused") == "token [redacted] refused");
  CHECK(redact("PAT-EU1-1234567890abc,") == "[redacted],");
  CHECK(redact("Authorization: Bearer abc.def-123") == "Authorization: Bearer [redacted]");
  CHECK(redact("authorization: bearer  x") == "authorization: bearer  [redacted]");
  CHECK(redact("Bearer " + canary) == "Bearer [redacted]");
  CHECK(redact("a bearer token is required") == "a bearer token is required");
  CHECK(redact("forebearers pat-a-cake") == "forebearers pat-a-cake");
  CHECK(redact("key=f00-webhook-secret f00-webhook-secret", both) == "key=[redacted] [redacted]");
  CHECK(redact("banana", both) == "banana");
}
