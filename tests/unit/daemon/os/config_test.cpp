#include "daemon/os/config.hpp"

#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "tests/unit/daemon/os/load_text.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

const std::string canary = "pat-na1-00000000-canary-4242";

std::string bad(std::string_view text, std::map<std::string, std::string> environment = {}) {
  const Loaded loaded = load(text, std::move(environment));
  REQUIRE_FALSE(loaded.result);
  return loaded.result.error().message;
}

void check_same_values(const Config& a, const Config& b) {
  CHECK(a.hubspot == b.hubspot);
  CHECK(a.rate_limit == b.rate_limit);
  CHECK(a.sync == b.sync);
  CHECK(a.retry == b.retry);
  CHECK(a.store == b.store);
  CHECK(a.control == b.control);
  CHECK(a.webhooks == b.webhooks);
  CHECK(a.log == b.log);
  CHECK(a.objects == b.objects);
}

std::string shipped_file() {
  std::ifstream file{HUBSYNC_SOURCE_DIR "/systemd/hubsync.toml"};
  std::stringstream text;
  text << file.rdbuf();
  REQUIRE_FALSE(text.str().empty());
  return text.str();
}

/// The shipped file with every setting switched on: "#key" is a setting, "# text" is prose.
std::string uncommented(const std::string& text) {
  std::stringstream in{text};
  std::string result;
  for (std::string line; std::getline(in, line);) {
    const bool setting = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    result += (setting ? line.substr(1) : line) + "\n";
  }
  return result;
}

}  // namespace

TEST_CASE("without any file the defaults are a working configuration") {
  const Result<Config> config = load_config({.default_file = "/nonexistent/hubsync.toml"});
  REQUIRE(config);
  check_same_values(*config, default_config());
  CHECK(config->file.empty());
  CHECK(config->origins.empty());
  CHECK(config->hubspot.base_url == "https://api.hubapi.com");
  CHECK(config->sync.poll_interval == std::chrono::minutes{5});
  CHECK(config->store.log_retention == std::chrono::days{30});
  CHECK(format_address(config->webhooks.listen) == "127.0.0.1:3001");
}

TEST_CASE("the default mapping covers contacts and companies") {
  const Config config = default_config();
  REQUIRE(config.objects.size() == 2);
  CHECK(config.objects[0].name == "contacts");
  CHECK(config.objects[0].key == "email");
  REQUIRE(config.objects[0].fields.size() == 5);
  CHECK(
      config.objects[0].fields[4] ==
      FieldConfig{"lifecycle", "lifecyclestage", Direction::pull, Policy::hubspot}
  );
  CHECK(config.objects[1].name == "companies");
  CHECK(config.objects[1].key == "domain");
  CHECK(config.objects[1].fields.size() == 3);
}

TEST_CASE("a configuration file that was named must exist") {
  for (const ConfigSources& sources :
       {ConfigSources{.file = "/nonexistent/a.toml"},
        ConfigSources{.environment = {{"HUBSYNC_CONFIG", "/nonexistent/a.toml"}}}}) {
    const Result<Config> config = load_config(sources);
    REQUIRE_FALSE(config);
    CHECK(config.error().code == ErrorCode::not_found);
    CHECK(has(config.error().message, "/nonexistent/a.toml"));
  }
}

TEST_CASE("the default file is read when it exists, and --config wins over HUBSYNC_CONFIG") {
  const TempDir directory;
  const std::string a = directory.write("a.toml", "[sync]\nconcurrency = 7\n");
  const std::string b = directory.write("b.toml", "[sync]\nconcurrency = 8\n");
  const std::string c = directory.write("c.toml", "[sync]\nconcurrency = 9\n");
  CHECK(load_config({.default_file = a})->sync.concurrency == 7);
  CHECK(load_config({.default_file = a, .environment = {{"HUBSYNC_CONFIG", b}}})->sync.concurrency == 8);
  CHECK(
      load_config({.file = c, .default_file = a, .environment = {{"HUBSYNC_CONFIG", b}}})->sync.concurrency ==
      9
  );
}

TEST_CASE("the shipped file parses to the defaults, as it is and with every line switched on") {
  const std::string text = shipped_file();
  const Config as_shipped = good(text);
  check_same_values(as_shipped, default_config());
  CHECK(as_shipped.origins.empty());

  const Config switched_on = good(uncommented(text));
  check_same_values(switched_on, default_config());
  // Every key of `config show` came from the file: the shipped file leaves none out.
  CHECK_FALSE(has(show_config(switched_on), "# default"));
}

TEST_CASE("a flag wins over the environment, the environment over the file, the file over the default") {
  const std::string text = "[store]\npath = \"/file.db\"\n";
  const ConfigOverride flag{"store.path", "/flag.db", "--db"};
  CHECK(good("").store.path == "/var/lib/hubsync/hubsync.db");
  CHECK(good(text).store.path == "/file.db");
  CHECK(good(text, {{"HUBSYNC_DB", "/env.db"}}).store.path == "/env.db");
  const Config config = good(text, {{"HUBSYNC_DB", "/env.db"}}, {flag});
  CHECK(config.store.path == "/flag.db");
  CHECK(config.origins.at("store.path") == "flag --db");
}

TEST_CASE("every documented environment variable has its effect, and an empty one has none") {
  const Config config = good(
      "",
      {{"HUBSPOT_BASE_URL", "http://127.0.0.1:8080/"},
       {"PORT", "4001"},
       {"HUBSYNC_SOCKET", "/tmp/a.sock"},
       {"HUBSYNC_DB", "/tmp/a.db"},
       {"HUBSYNC_LOG_LEVEL", "debug"}}
  );
  CHECK(config.hubspot.base_url == "http://127.0.0.1:8080");
  CHECK(config.webhooks.listen == ListenAddress{"127.0.0.1", 4001});
  CHECK(config.control.socket == "/tmp/a.sock");
  CHECK(config.store.path == "/tmp/a.db");
  CHECK(config.log.level == LogLevel::debug);
  check_same_values(
      good("", {{"HUBSPOT_BASE_URL", ""}, {"PORT", ""}, {"HUBSYNC_DB", ""}, {"HUBSYNC_LOG_LEVEL", ""}}),
      default_config()
  );
}

TEST_CASE("PORT changes the port and leaves the host, and does not turn the listener on") {
  CHECK(
      good("[webhooks]\nlisten = \"0.0.0.0:1\"\n", {{"PORT", "2"}}).webhooks.listen ==
      ListenAddress{"0.0.0.0", 2}
  );
  CHECK_FALSE(good("[webhooks]\nlisten = \"\"\n", {{"PORT", "2"}}).webhooks.listen.enabled());
  CHECK(has(
      bad("", {{"PORT", "70000"}}), "environment PORT: webhooks.listen: \"70000\" is out of range; allowed: "
  ));
  CHECK(has(bad("", {{"HUBSYNC_LOG_LEVEL", "loud"}}), "environment HUBSYNC_LOG_LEVEL: log.level: \"loud\""));
}

TEST_CASE("a bad value from a flag names the flag") {
  const Result<Config> config =
      load_config({.default_file = "/nonexistent", .overrides = {{"log.level", "loud", "--log-level"}}});
  REQUIRE_FALSE(config);
  CHECK(has(config.error().message, "flag --log-level: log.level"));
  CHECK(config.error().field == "log.level");
}

// lint:allow function-length: the table of settings is the test.
TEST_CASE("every wrong setting is refused with its file, line and key, and what is allowed") {
  struct Case {
    const char* text;  ///< The wrong line is the third.
    const char* key;
    const char* says;
  };
  const Case cases[] = {
      {"[hubspot]\n\nbase_url = \"http://api.hubapi.com\"", "hubspot.base_url", "https"},
      {"[hubspot]\n\nbase_url = \"ftp://x\"", "hubspot.base_url", "not an http or https URL"},
      {"[hubspot]\n\nbase_url = \"https://\"", "hubspot.base_url", "host"},
      {"[hubspot]\n\nbase_url = \"https://u:p@x\"", "hubspot.base_url", "user name"},
      {"[hubspot]\n\nbase_url = \"https://x?a=b\"", "hubspot.base_url", "query"},
      {"[hubspot]\n\nbase_url = \"https://x:99999\"", "hubspot.base_url", "port"},
      {"[hubspot]\n\nbase_url = \"http://127.0.0.1.evil.example\"", "hubspot.base_url", "loopback"},
      {"[hubspot]\n\nbase_url = 3", "hubspot.base_url", "an integer where a string"},
      {"[hubspot]\n\napi_version = \"v4\"", "hubspot.api_version", "\"2026-09\", \"2026-03\" or \"v3\""},
      {"[hubspot]\n\nrequest_timeout = \"30\"", "hubspot.request_timeout", "not a duration"},
      {"[hubspot]\n\nrequest_timeout = 30", "hubspot.request_timeout", "a number and one of ms, s, m, h, d"},
      {"[hubspot]\n\nrequest_timeout = \"0\"", "hubspot.request_timeout", "out of range"},
      {"[hubspot]\n\nca_file = \"/nonexistent/ca.pem\"", "hubspot.ca_file", "does not exist"},
      {"[hubspot]\n\naccess_token_file = \"~/token\"", "hubspot.access_token_file", "~"},
      {"[rate_limit]\n\nrequests = 0", "rate_limit.requests", "from 1 to 1000"},
      {"[rate_limit]\n\nrequests = \"100\"", "rate_limit.requests", "a string where an integer"},
      {"[rate_limit]\n\nrequests = 1.5", "rate_limit.requests", "a number where an integer"},
      {"[rate_limit]\n\ninterval = \"0\"", "rate_limit.interval", "out of range"},
      {"[rate_limit]\n\nsearch_per_second = -1", "rate_limit.search_per_second", "from 1"},
      {"[rate_limit]\n\ndaily = 0", "rate_limit.daily", "from 1"},
      {"[sync]\n\npoll_interval = \"5w\"", "sync.poll_interval", "not a duration"},
      {"[sync]\n\npoll_interval = \"0\"", "sync.poll_interval", "out of range"},
      {"[sync]\n\nfull_interval = \"10ms\"", "sync.full_interval", "or \"0\""},
      {"[sync]\n\nconflict_detection = \"fields\"", "sync.conflict_detection", "\"field\" or \"record\""},
      {"[sync]\n\nconflict_policy = \"remote\"", "sync.conflict_policy", "\"hubspot\""},
      {"[sync]\n\nmax_delete = \"101%\"", "sync.max_delete", "out of range"},
      {"[sync]\n\nmax_delete = \"ten\"", "sync.max_delete", "percentage"},
      {"[sync]\n\nmax_delete = -1", "sync.max_delete", "out of range"},
      {"[sync]\n\nmax_delete = 0.1", "sync.max_delete", "a string or an integer"},
      {"[sync]\n\nconcurrency = 0", "sync.concurrency", "from 1"},
      {"[sync]\n\nconcurrency = true", "sync.concurrency", "true or false where"},
      {"[sync]\n\nconcurrency = [1]", "sync.concurrency", "an array where"},
      {"[sync]\n\nconcurrency = 2026-11-24", "sync.concurrency", "a date or time where"},
      {"[sync]\n\nconcurrency = { a = 1 }", "sync.concurrency", "a table where"},
      {"[retry]\n\nmultiplier = 0.5", "retry.multiplier", "from 1 to 10"},
      {"[retry]\n\nmultiplier = nan", "retry.multiplier", "out of range"},
      {"[retry]\n\nmax_retries = 101", "retry.max_retries", "from 0 to 100"},
      {"[retry]\n\nbase = \"1m\"", "retry.base", "longer than retry.max_delay"},
      {"[store]\n\npath = \"\"", "store.path", "is empty"},
      {"[store]\n\npath = \"/var/lib/\"", "store.path", "directory"},
      {"[store]\n\npath = \"/a\\u0000b\"", "store.path", "control characters"},
      {"[store]\n\nlog_retention = \"0\"", "store.log_retention", "out of range"},
      {"[control]\n\nsocket = \"@abstract\"", "control.socket", "abstract"},
      {"[control]\n\nlisten = \"127.0.0.1:3002\"", "control.listen", "control.token_file"},
      {"[control]\ntoken_file = \"/t\"\nlisten = \"0.0.0.0:3002\"", "control.listen", "loopback"},
      {"[webhooks]\n\nlisten = \"3001\"", "webhooks.listen", "an IP address with a port"},
      {"[webhooks]\n\nlisten = \":3001\"", "webhooks.listen", "not an address"},
      {"[webhooks]\n\nlisten = \"300.1.1.1:1\"", "webhooks.listen", "not an address"},
      {"[webhooks]\n\nlisten = \"127.0.0.1:99999\"", "webhooks.listen", "not an address"},
      {"[webhooks]\n\nlisten = \"::1:3001\"", "webhooks.listen", "not an address"},
      {"[webhooks]\n\nlisten = \"example.com:3001\"", "webhooks.listen", "host name"},
      {"[webhooks]\n\npath = \"hook\"", "webhooks.path", "begins with /"},
      {"[webhooks]\n\npath = \"/a?b\"", "webhooks.path", "URL path"},
      {"[webhooks]\n\npublic_url = \"https://a.example/api/webhooks/hubspot\"",
       "webhooks.public_url",
       "has a path"},
      {"[webhooks]\n\npublic_url = \"sync.example.com\"", "webhooks.public_url", "scheme and host"},
      {"[webhooks]\n\ntls_certificate = \"/dev/null\"", "webhooks.tls_certificate", "tls_key together"},
      {"[log]\n\nlevel = \"INFO\"", "log.level", "\"info\""},
      {"[log]\n\nformat = \"xml\"", "log.format", "\"journald\""},
      {"[sync]\n\npol_interval = \"5m\"", "sync.pol_interval", "did you mean \"poll_interval\"?"},
      {"[sync]\n\nbase_url = \"https://x\"", "sync.base_url", "it belongs in [hubspot]"},
      {"[hubspot]\n\nzzz = 1", "hubspot.zzz", "allowed in [hubspot]: \"base_url\""},
      {"\n\nbase_url = \"https://x\"", "base_url", "it belongs in [hubspot]"},
      {"\n\nsync = 3", "sync", "an integer where a table is needed"},
      {"\n\n[synk]", "synk", "did you mean \"sync\"?"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.text);
    const Loaded loaded = load(each.text);
    REQUIRE_FALSE(loaded.result);
    const Error& error = loaded.result.error();
    CAPTURE(error.message);
    CHECK(error.code == ErrorCode::invalid);
    CHECK(error.message.starts_with(loaded.path + ":3: " + each.key + ": "));
    CHECK(has(error.message, each.says));
    CHECK(has(error.message, "allowed"));
    CHECK(error.message.find('\n') == std::string::npos);
    CHECK(error.field == each.key);
  }
}

TEST_CASE("every wrong mapping is refused with its file, line and key, and what is allowed") {
  const WrongText cases[] = {
      {"[objects.contact]\nkey = \"x\"", ":1: objects.contact: ", "did you mean \"contacts\"?"},
      {"[objects]\ncontacts = 1", ":2: objects.contacts: ", "a table is needed"},
      {"[objects.contacts]\nkey = \"mail\"", ":2: objects.contacts.key: ", "not a mapped field"},
      {"[objects.contacts]\nkey = 1", ":2: objects.contacts.key: ", "a string is needed"},
      {"[objects.contacts]\nkeys = \"email\"", ":2: objects.contacts.keys: ", "did you mean \"key\"?"},
      {"[objects.contacts.fields]\nname = \"firstname\"",
       ":1: objects.contacts.key: ",
       "\"email\" is not a mapped"},
      {"[objects.contacts]\nfields = 1", ":2: objects.contacts.fields: ", "a table is needed"},
      {"[objects.contacts.fields]\nemail = \"email\"\nid = \"x\"",
       ":3: objects.contacts.fields.id: ",
       "of the record"},
      {"[objects.contacts.fields]\nemail = \"email\"\nhubspotId = \"x\"", ":3: ", "of the record"},
      {"[objects.contacts.fields]\nemail = \"email\"\ncompany = \"company\"", ":3: ", "of the record"},
      {"[objects.contacts.fields]\nemail = \"email\"\nsyncStatus = \"x\"", ":3: ", "of the record"},
      {"[objects.contacts.fields]\nemail = \"email\"\n\"a b\" = \"x\"", ":3: ", "not a field name"},
      {"[objects.contacts.fields]\nemail = \"email\"\n1a = \"x\"", ":3: ", "not a field name"},
      {"[objects.contacts.fields]\nemail = \"email\"\nx = \"firstName\"", ":3: ", "lower-case"},
      {"[objects.contacts.fields]\nemail = \"email\"\nx = \"\"", ":3: ", "not a property name"},
      {"[objects.contacts.fields]\nemail = \"email\"\nx = \"hubsync_id\"", ":3: ", "own link"},
      {"[objects.contacts.fields]\nemail = \"email\"\nx = \"email\"", ":3: ", "already mapped to \"email\""},
      {"[objects.contacts.fields]\nemail = \"email\"\nx = 1", ":3: ", "an integer where a string"},
      {"[objects.contacts.fields]\nemail = \"email\"\nx = {}", ":3: ", "has no property"},
      {"[objects.contacts.fields]\nemail = \"email\"\nx = { property = \"x\", direction = \"up\" }",
       ":3: objects.contacts.fields.x.direction: ",
       "\"both\", \"pull\" or \"push\""},
      {"[objects.contacts.fields]\nemail = \"email\"\nx = { property = \"x\", conflict = \"locl\" }",
       ":3: objects.contacts.fields.x.conflict: ",
       "did you mean \"local\"?"},
      {"[objects.contacts.fields]\nemail = \"email\"\nx = { property = \"x\", way = \"pull\" }",
       ":3: objects.contacts.fields.x.way: ",
       "allowed in a field"},
  };
  for (const WrongText& each : cases) {
    check_refused(each);
  }
}

TEST_CASE("a fields table replaces the default mapping of its type and leaves the other alone") {
  const Config config = good(R"([objects.contacts]
key = "mail"
[objects.contacts.fields]
zip = "zip"
mail = "email"
score = { property = "hubspotscore", direction = "pull" }
note = { property = "note_1", direction = "push", conflict = "newest" }
)");
  CHECK(config.objects[0].key == "mail");
  CHECK(
      config.objects[0].fields ==
      std::vector<FieldConfig>{
          {"zip", "zip"},
          {"mail", "email"},
          {"score", "hubspotscore", Direction::pull, std::nullopt},
          {"note", "note_1", Direction::push, Policy::newest}
      }
  );
  CHECK(config.objects[1] == default_config().objects[1]);
}

TEST_CASE("a key alone chooses another field of the default mapping") {
  const Config config = good("[objects.contacts]\nkey = \"phone\"\n");
  CHECK(config.objects[0].key == "phone");
  CHECK(config.objects[0].fields == default_config().objects[0].fields);
}

TEST_CASE("values of every kind are read") {
  const Config config = good(R"(
[hubspot]
base_url = "http://[::1]:8080/prefix/"
api_version = "v3"
[sync]
full_interval = 0
conflict_detection = "record"
conflict_policy = "newest"
max_delete = 20
[retry]
multiplier = 1.5
max_retries = 0
[control]
listen = "localhost:0"
token_file = "/etc/hubsync/control-token"
[webhooks]
listen = "[::1]:3001"
public_url = "https://sync.example.com/"
[log]
format = "json"
)");
  CHECK(config.hubspot.base_url == "http://[::1]:8080/prefix");
  CHECK(config.hubspot.api_version == "v3");
  CHECK(config.sync.full_interval == Duration{0});
  CHECK(config.sync.conflict_detection == Detection::record);
  CHECK(config.sync.conflict_policy == Policy::newest);
  CHECK(config.sync.max_delete == Config::Sync::DeleteLimit{false, 20});
  CHECK(config.retry.multiplier == 1.5);
  CHECK(config.control.listen == ListenAddress{"127.0.0.1", 0});
  CHECK(format_address(config.webhooks.listen) == "[::1]:3001");
  CHECK(config.webhooks.public_url == "https://sync.example.com");
  CHECK(config.log.format == LogFormat::json);
}

TEST_CASE("all problems of a file are reported in one run, in file order") {
  const std::string message = bad("[sync]\nconcurrency = 0\nmax_delete = \"x\"\n[retry]\nbase = \"x\"\n");
  CHECK(has(message, ":2: sync.concurrency"));
  CHECK(has(message, "\n"));
  CHECK(message.find(":3: sync.max_delete") < message.find(":5: retry.base"));
}

TEST_CASE("a syntax error names the file and the line") {
  const Loaded loaded = load("[sync]\nconcurrency = \n");
  REQUIRE_FALSE(loaded.result);
  CHECK(loaded.result.error().message.starts_with(loaded.path + ":2: not TOML"));
  CHECK(has(bad("[sync]\nconcurrency = 1\nconcurrency = 2\n"), ":3: not TOML"));
}

TEST_CASE("a configuration that others may write is refused, and one they may read is not") {
  const TempDir directory;
  for (const mode_t mode : {0664U, 0646U, 0666U}) {
    const Result<Config> config = load_config({.file = directory.write("open.toml", "", mode)});
    REQUIRE_FALSE(config);
    CHECK(config.error().code == ErrorCode::forbidden);
    CHECK(has(config.error().message, "open.toml"));
    CHECK(has(config.error().hint, "chmod"));
  }
  CHECK(load_config({.file = directory.write("ok.toml", "", 0644)}));
}

TEST_CASE("a directory and an endless file are refused") {
  const TempDir directory;
  CHECK_FALSE(load_config({.file = directory.path(".")}));
  const Result<Config> config =
      load_config({.file = directory.write("big.toml", std::string(1'100'000, '\n'))});
  REQUIRE_FALSE(config);
  CHECK(config.error().code == ErrorCode::too_large);
}

TEST_CASE("a token that was put in the wrong place does not show up in the message") {
  for (const std::string& text :
       {"[hubspot]\naccess_token = \"" + canary + "\"\n",
        "[hubspot]\nbase_url = \"" + canary + "\"\n",
        "[hubspot]\nca_file = \"" + canary + "\"\n",
        "[hubspot]\napi_version = \"Bearer " + canary + "\"\n",
        "[hubspot]\nx = " + canary + "\n",
        "[objects.contacts.fields]\nemail = \"" + canary + "\"\n"}) {
    CAPTURE(text);
    const std::string message = bad(text);
    CHECK_FALSE(has(message, canary));
    CHECK_FALSE(has(message, "canary"));
  }
}

TEST_CASE("config show prints what is in effect and where it came from, and reads back to the same") {
  const TempDir directory;
  const std::string path = directory.write(
      "hubsync.toml",
      "[sync]\nmax_delete = 20\n[retry]\nmultiplier = 1.5\n[objects.companies.fields]\ndomain = \"domain\"\n"
  );
  const Result<Config> config =
      load_config({.file = path, .environment = {{"HUBSYNC_DB", "/tmp/\"q\".db"}, {"PORT", "4001"}}});
  REQUIRE(config);
  const std::string shown = show_config(*config);
  CAPTURE(shown);
  const auto line_of = [&](std::string_view key) {
    const std::size_t start = shown.find("\n" + std::string{key} + " = ") + 1;
    return shown.substr(start, shown.find('\n', start) - start);
  };
  CHECK(line_of("max_delete").starts_with("max_delete = 20 "));
  CHECK(line_of("max_delete").ends_with("# " + path + ":2"));
  CHECK(line_of("path").ends_with("# environment HUBSYNC_DB"));
  CHECK(line_of("poll_interval").ends_with("# default"));
  CHECK(line_of("domain").ends_with("# " + path + ":6"));
  CHECK(has(shown, "listen = \"127.0.0.1:4001\""));

  const Config again = good(shown);
  check_same_values(again, *config);
}

TEST_CASE("only the configuration's own variables are taken from the environment") {
  const hubsync::test::ScopedVariable token{"HUBSPOT_ACCESS_TOKEN", canary};
  const hubsync::test::ScopedVariable db{"HUBSYNC_DB", "/tmp/x.db"};
  const std::map<std::string, std::string> environment = config_environment();
  CHECK(environment.at("HUBSYNC_DB") == "/tmp/x.db");
  CHECK_FALSE(environment.contains("HUBSPOT_ACCESS_TOKEN"));
}
