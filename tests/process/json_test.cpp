// What every command prints with --json, held against the schema that ships with the manual.
#include <algorithm>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"
#include "tests/process/schema.hpp"

using namespace hubsync::rig;

namespace {

/// Runs commands with --json and holds each line of what they print against the schema.
class JsonCheck {
 public:
  explicit JsonCheck(Rig& rig) : rig_(rig) {}

  /// The last document that `words` print; `command` is their name in the schema.
  Json operator()(
      const std::string& command, std::vector<std::string> words, int code = 0, const std::string& input = {}
  ) {
    words.insert(words.begin(), "--json");
    const Finished finished = rig_.cli(words, input);
    CAPTURE(finished.err);
    CHECK(finished.code == code);
    return hold(command, finished.out);
  }

  /// The same for lines that were printed already.
  Json hold(const std::string& command, const std::string& lines) {
    CAPTURE(command);
    CAPTURE(lines);
    Json last;
    std::istringstream input{lines};
    for (std::string line; std::getline(input, line);) {
      last = Json::parse(line);
      CHECK(joined(schema_.complaints(command, last)) == "");
    }
    CHECK_FALSE(last.is_null());
    seen_.insert(command);
    return last;
  }

  [[nodiscard]] bool has_seen(const std::string& command) const { return seen_.contains(command); }
  [[nodiscard]] const Schema& schema() const { return schema_; }

 private:
  Rig& rig_;
  Schema schema_;
  std::set<std::string> seen_;
};

/// A portal with everything configured that a command may speak of.
std::unique_ptr<Rig> full_rig() {
  auto rig = std::make_unique<Rig>(RigOptions{
      .sim = {"--contacts", "20", "--companies", "5", "--no-bump"},
      .settings = {{"sync", {{"full_interval", "\"0\""}, {"poll_interval", "\"1h\""}, {"max_delete", "3"}}}}
  });
  const std::string secret = rig->directory() / "webhook-secret";
  write_file(secret, "a-secret-for-webhooks\n");
  rig->configure(
      {{"webhooks", {{"listen", "\"127.0.0.1:0\""}, {"secret_file", "\"" + secret + "\""}}},
       {"objects.deals.fields", {{"name", "\"dealname\""}}}}
  );
  rig->start();
  return rig;
}

void check_syncing(Rig& rig, JsonCheck& check) {
  check("setup", {"setup"});
  check("sync --dry-run", {"sync", "--full", "--dry-run"});
  check("sync --wait", {"sync", "--full", "--wait"});
  check("sync", {"sync"});
  check("wait", {"wait", "--for", "synced", "--timeout", "60s"});
  check("status", {"status"});
  check("top", {"top", "--count", "2", "--interval", "100ms"});
  check("sync TYPE ID", {"sync", "contacts", rig.local("contacts").front().at("id")});
  const std::string plan = rig.directory() / "plan.json";
  CHECK(rig.cli({"sync", "--dry-run", "-o", plan}).code == 0);
  check.hold("sync --dry-run -o FILE (the file)", Json::parse(read_file(plan)).dump());
  check("apply", {"apply", plan});
}

void check_records(Rig& rig, JsonCheck& check) {
  const std::vector<std::pair<std::string, std::string>> types{
      {"contacts", "email=made@example.com"}, {"companies", "name=Made"}, {"deals", "name=Made"}
  };
  for (const auto& [type, field] : types) {
    const std::string name = type == "deals" ? "records" : type;
    const std::string made = check(name + " create", {type, "create", field}).at("id");
    rig.settle();
    check(name + " list", {type, "list"});
    check(name + " list --all", {type, "list", "--all"});
    check(name + " show", {type, "show", made});
    check(type == "deals" ? "export TYPE" : "export " + type, {"export", type});
    check("explain", {"explain", type, made});
    check(name + " update", {type, "update", made, field + "2"});
    check(name + " delete", {type, "delete", made});
    check(name + " restore", {type, "restore", made});
    rig.settle();
  }
  check(
      "import", {"import", "contacts", "-"}, 6, "{\"email\":\"imported@example.com\"}\n{\"emial\":\"x\"}\n"
  );
  rig.settle();
}

/// Makes two conflicts, and leaves none.
void check_conflicts(Rig& rig, JsonCheck& check) {
  const auto records = rig.local("contacts");
  check("queue pause", {"queue", "pause"});
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string hubspot = records[i].at("hubspotId");
    check("contacts update", {"contacts", "update", records[i].at("id"), "phone=+49 1"});
    rig.sim().admin("PATCH", "/_sim/objects/contacts/" + hubspot, {{"properties", {{"phone", "+49 2"}}}});
  }
  check("queue list", {"queue"});
  check("verify", {"verify", "contacts"}, 1);
  check("sync --wait", {"sync", "--full", "--wait"});
  check("queue resume", {"queue", "resume"});
  rig.settle();
  const Json conflicts = check("conflicts list", {"conflicts", "list"});
  REQUIRE(conflicts.at("items").size() == 2);
  const std::string first = conflicts.at("items").front().at("id");
  check("conflicts show", {"conflicts", "show", first});
  check("conflicts resolve", {"conflicts", "resolve", first, "--keep", "local"});
  rig.settle();
  check("conflicts undo", {"conflicts", "undo", first});
  check("conflicts resolve --all", {"conflicts", "resolve", "--all", "--keep", "local", "--yes"});
  rig.settle();
  check("conflicts history", {"conflicts", "history"});
}

/// A record that HubSpot refuses is tried again, and deletions beyond the limit are released.
void check_log_and_guards(Rig& rig, JsonCheck& check) {
  const Json refused = check("contacts create", {"contacts", "create", "email=no@@address"});
  rig.settle();
  const Json logs = check("logs", {"logs", "--status", "failed"});
  const std::string log = logs.at("items").front().at("id");
  check("logs ID", {"logs", log});
  check("retry", {"retry", log});
  rig.settle();
  check("retry --all", {"retry", "--all"});
  rig.settle();
  const std::string id = refused.at("id");
  CHECK(rig.cli({"--json", "queue", "cancel", id}).out == "");  // The API's answer has no body.
  const Finished followed =
      run(rig.directory() / "follow",
          {.words = {
               "/usr/bin/timeout",
               "-s",
               "INT",
               "1",
               program("hubsync"),
               "--socket",
               rig.socket(),
               "--json",
               "logs",
               "--follow"
           }});
  check.hold("logs --follow", followed.out);
  const auto records = rig.local("contacts");
  CHECK(rig.cli({"queue", "pause"}).code == 0);
  for (std::size_t i = 0; i < 6; ++i) {
    check("contacts delete", {"contacts", "delete", records[i].at("id")});
  }
  CHECK(rig.cli({"queue", "resume"}).code == 0);
  check("sync --wait", {"sync", "--wait"}, 7);
  const Json guards = check("guard list", {"guard", "list"});
  check("guard release", {"guard", "release", guards.at("items").at(0).at("id")});
  rig.settle();
}

void check_the_rest(Rig& rig, JsonCheck& check) {
  check("webhooks test", {"webhooks", "test"});
  const Json events = check("webhooks list", {"webhooks"});
  const std::string event = events.at("items").at(0).at("id");
  check("webhooks show", {"webhooks", "show", event});
  check("webhooks replay", {"webhooks", "replay", event});
  check("webhooks subscriptions", {"webhooks", "subscriptions"});
  check("watch", {"watch", "--since", "0", "--count", "20"});
  check("doctor", {"doctor"});
  check("db check", {"db", "check"});
  check("db backup", {"db", "backup", rig.directory() / "copy.db"});
  check("config show", {"config", "show"});
  check("config check", {"config", "check", rig.config_file()});
  check("version", {"version"});
}

/// The commands that `hubsync` has, as its completion knows them; groups too.
std::vector<std::string> all_commands(Rig& rig) {
  const std::string script = rig.cli({"completion", "bash"}).out;
  const std::size_t begin = script.find("known='||");
  REQUIRE(begin != std::string::npos);
  const std::size_t from = begin + std::string_view{"known='||"}.size();
  std::istringstream names{script.substr(from, script.find('\'', from) - from)};
  std::vector<std::string> commands;
  for (std::string name; std::getline(names, name, '|');) {
    commands.push_back(name);
  }
  return commands;
}

}  // namespace

TEST_CASE("what each command prints with --json is what the schema in the manual says") {
  const auto rig = full_rig();
  JsonCheck check{*rig};
  check_syncing(*rig, check);
  check_records(*rig, check);
  check_conflicts(*rig, check);
  check_log_and_guards(*rig, check);
  check_the_rest(*rig, check);
  for (const std::string& command : check.schema().commands()) {
    CHECK_MESSAGE(check.has_seen(command), "nothing was printed by: " << command);
  }
}

TEST_CASE("the schema in the manual tells of every command") {
  Rig rig;
  const std::vector<std::string> told = Schema{}.commands();
  const std::vector<std::string> commands = all_commands(rig);
  CHECK(commands.size() > 50);
  // Text of their own, and an answer without a body.
  const std::set<std::string> without{"completion", "help", "queue cancel"};
  for (std::string command : commands) {
    const bool group = std::ranges::any_of(commands, [&](const std::string& other) {
      return other.starts_with(command + " ");
    });
    if (command.starts_with("deals ") || command.starts_with("tickets ")) {
      command = "records" + command.substr(command.find(' '));
    }
    const bool known = std::ranges::any_of(told, [&](const std::string& name) {
      return name == command || name.starts_with(command + " ");
    });
    CHECK_MESSAGE((group || known || without.contains(command)), command);
  }
}

TEST_CASE("with --json an error is JSON on standard error, and nothing else is printed") {
  Rig rig;
  rig.start();
  const std::vector<std::pair<std::vector<std::string>, int>> refused{
      {{"contacts", "show", "nobody"}, 4},
      {{"contacts", "update", "nobody", "phone=1"}, 4},
      {{"conflicts", "show", "99"}, 4},
      {{"guard", "release", "99"}, 4},
      {{"retry", "99"}, 4},
      {{"contacts", "create", "nothing"}, 2},
      {{"contacts", "list", "--limit", "501"}, 2},
      {{"nonsense"}, 2},
      {{"apply", "/nonexistent"}, 1},
      {{"--socket", "/nonexistent", "logs", "--follow"}, 3},
      {{"--socket", "/nonexistent", "watch"}, 3},
      {{"--socket", "/nonexistent", "export", "contacts"}, 3},
  };
  for (auto [words, code] : refused) {
    CAPTURE(words.front());
    words.insert(words.begin(), "--json");
    const Finished finished = rig.cli(words);
    CHECK(finished.code == code);
    CHECK(finished.out.empty());
    const Json error = Json::parse(finished.err, nullptr, false);
    REQUIRE(error.is_object());
    CHECK(error.at("error").at("code").is_string());
    CHECK(error.at("error").at("message").is_string());
  }
}
