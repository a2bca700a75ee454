// The operator's commands and every exit code, with the real programs.
#include <sys/stat.h>

#include <set>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"
#include "tests/process/schema.hpp"

using namespace hubsync::rig;

namespace {

RigOptions quiet_portal(int contacts) {
  return {
      .sim = {"--contacts", std::to_string(contacts), "--companies", "5", "--no-bump"},
      .settings = {{"sync", {{"full_interval", "\"0\""}, {"poll_interval", "\"1h\""}}}}
  };
}

std::string first_id(Rig& rig) {
  return rig.local("contacts").front().at("id");
}

}  // namespace

TEST_CASE("every exit code has a command that ends with it") {
  Rig rig{quiet_portal(10)};
  rig.start();
  rig.full_sync();
  const std::string id = first_id(rig);
  CHECK(rig.cli({"status"}).code == 0);
  CHECK(rig.cli({"contacts", "show", id, "--nonsense"}).code == 2);
  CHECK(rig.cli({"--socket", rig.directory() / "nobody.sock", "status"}).code == 3);
  CHECK(rig.cli({"contacts", "show", "nobody"}).code == 4);
  CHECK(rig.cli({"guard", "release", "99"}).code == 4);
  CHECK(rig.cli({"webhooks", "test"}).code == 1);
  CHECK(rig.cli({"import", "contacts", "-"}, "{\"emial\":\"x\"}\n").code == 6);
  CHECK(rig.cli({"contacts", "update", id, "phone=1", "--if-version", "99"}).code == 9);
  CHECK(rig.cli({"queue", "pause"}).code == 0);
  CHECK(rig.cli({"contacts", "update", id, "phone=+49 30 1"}).code == 0);
  CHECK(rig.cli({"wait", "--for", "synced", "--timeout", "300ms"}).code == 8);
  CHECK(rig.cli({"verify"}).code == 1);
  CHECK(rig.cli({"queue", "resume"}).code == 0);
  rig.settle();
  CHECK(rig.cli({"verify"}).code == 0);

  rig.sim().admin("POST", "/_sim/tokens", {{"token", "pat-na1-sim"}, {"revoked", true}});
  CHECK(rig.cli({"doctor"}).code == 5);
  rig.sim().admin("POST", "/_sim/tokens", {{"token", "pat-na1-sim"}, {"revoked", false}});

  rig.stop();
  rig.sim().admin("PATCH", "/_sim/options", {{"portal_id", 4711}});
  rig.start();
  CHECK(rig.cli({"sync", "--wait", "--timeout", "20s"}).code == 7);
  CHECK(rig.cli({"setup"}).code == 7);
}

TEST_CASE("a saved plan does exactly what it says, and nothing once the world has moved") {
  Rig rig{quiet_portal(150)};
  rig.start();
  const std::string plan = rig.directory() / "plan.json";
  const Finished dry = rig.cli({"sync", "--full", "--dry-run", "-o", plan});
  INFO(dry.err);
  CHECK(dry.code == 0);
  CHECK(rig.local("contacts").empty());
  struct stat status{};
  REQUIRE(::stat(plan.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  const Json saved = Json::parse(read_file(plan));
  CHECK(joined(Schema{}.complaints("sync --dry-run -o FILE (the file)", saved)) == "");

  CHECK(rig.cli({"apply", plan}).code == 0);
  CHECK(joined(rig.differences()) == "");
  CHECK(rig.cli({"apply", plan}).code == 9);

  rig.full_sync();
  const Json record = rig.local("contacts").front();
  const std::string hubspot = record.at("hubspotId");
  rig.sim().admin("PATCH", "/_sim/objects/contacts/" + hubspot, {{"properties", {{"phone", "+1 1"}}}});
  CHECK(rig.cli({"sync", "--full", "--dry-run", "-o", plan}).code == 0);
  CHECK(Json::parse(read_file(plan)).at("actions").size() == 1);
  rig.sim().admin("PATCH", "/_sim/objects/contacts/" + hubspot, {{"properties", {{"phone", "+1 2"}}}});
  CHECK(rig.cli({"apply", plan}).code == 9);
  CHECK(rig.get("/api/contacts/" + record.at("id").get<std::string>()).at("phone") == record.at("phone"));
  CHECK(rig.cli({"sync", "--full", "--dry-run", "-o", plan}).code == 0);
  CHECK(rig.cli({"apply", plan}).code == 0);
  CHECK(rig.get("/api/contacts/" + record.at("id").get<std::string>()).at("phone") == "+1 2");
  CHECK(rig.cli({"apply", rig.config_file()}).code == 1);

  rig.sim().admin("POST", "/_sim/objects/contacts", {{"properties", {{"email", "polled@example.com"}}}});
  CHECK(rig.cli({"sync", "--dry-run", "-o", plan}).code == 0);
  CHECK(Json::parse(read_file(plan)).at("actions").size() == 1);
  CHECK(rig.cli({"apply", plan}).code == 0);
  CHECK(rig.get("/api/contacts?search=polled@example.com").at("total") == 1);
}

TEST_CASE("verify finds what was changed behind the daemon's back on either side, and nothing else") {
  Rig rig{quiet_portal(250)};
  rig.start();
  rig.full_sync();
  CHECK(rig.cli({"verify"}).code == 0);
  const auto records = rig.local("contacts");
  const std::string edited = records[3].at("hubspotId");
  const std::string gone = records[120].at("hubspotId");
  rig.sim().admin("PATCH", "/_sim/objects/contacts/" + edited, {{"properties", {{"lastname", "Moved"}}}});
  rig.sim().admin("DELETE", "/_sim/objects/contacts/" + gone);
  const Json made =
      rig.sim().admin("POST", "/_sim/objects/contacts", {{"properties", {{"email", "new@example.com"}}}});
  const Finished found = rig.cli({"--json", "verify", "contacts"});
  CHECK(found.code == 1);
  std::set<std::string> kinds;
  std::size_t at = 0;
  while (at < found.out.size()) {
    const std::size_t end = found.out.find('\n', at);
    const Json line = Json::parse(found.out.substr(at, end - at));
    kinds.insert(line.at("kind").get<std::string>() + " " + line.at("hubspotId").get<std::string>());
    at = end + 1;
  }
  CHECK(
      kinds ==
      std::set<std::string>{
          "differs " + edited,
          "missing-hubspot " + gone,
          "missing-local " + made.at("ids").front().get<std::string>()
      }
  );
  rig.full_sync();
  CHECK(rig.cli({"verify"}).code == 0);
}

TEST_CASE("setup creates what a mapping lacks, and doctor is content afterwards") {
  RigOptions options = quiet_portal(5);
  options.settings["objects.contacts"] = {{"key", "\"email\""}};
  options.settings["objects.contacts.fields"] = {{"email", "\"email\""}, {"shoeSize", "\"shoe_size\""}};
  Rig rig{options};
  rig.start();
  CHECK(rig.cli({"doctor"}).code == 1);
  CHECK(rig.cli({"setup"}).code == 1);
  CHECK(rig.cli({"doctor"}).code == 1);
  const Json made = rig.cli_json({"setup", "--yes"});
  CHECK(rig.cli_json({"setup"}).at("ready") == true);
  const Finished doctor = rig.cli({"doctor"});
  INFO(doctor.out);
  CHECK(doctor.code == 0);
  CHECK(rig.cli({"setup"}).out.contains("create here        10"));
}

TEST_CASE("what is exported as CSV or JSON Lines can be imported again, and changes nothing") {
  Rig rig{quiet_portal(30)};
  rig.start();
  rig.full_sync();
  const auto before = rig.local("contacts");
  for (const std::string format : {"jsonl", "csv"}) {
    const Finished exported = rig.cli({"export", "contacts", "--format", format});
    REQUIRE(exported.code == 0);
    const Finished imported = rig.cli({"import", "contacts", "-", "--format", format}, exported.out);
    INFO(imported.err);
    CHECK(imported.code == 0);
    CHECK(imported.out == "0 created, 30 updated or the same already, 0 failed\n");
    CHECK(rig.local("contacts") == before);
  }
  const Finished imported = rig.cli(
      {"import", "contacts", "-", "--format", "csv"}, "email,firstName,fistName\nnew@example.com,'=1,x\n"
  );
  CHECK(imported.code == 0);
  CHECK(imported.err == "custom fields: fistName\n");
  CHECK(rig.get("/api/contacts?search=new@example.com").at("items").front().at("firstName") == "=1");
}

TEST_CASE("completion in bash offers commands, words, and the ids that the daemon has") {
  Rig rig{quiet_portal(3)};
  rig.start();
  rig.full_sync();
  const auto offered = [&rig](const std::string& words, int last) {
    const std::string script = "source <(hubsync completion bash); COMP_WORDS=(" + words +
                               "); COMP_CWORD=" + std::to_string(last) +
                               "; _hubsync; printf '%s\\n' \"${COMPREPLY[@]}\"";
    const std::string bin = program("hubsync");
    const Finished finished =
        run(rig.directory() / "bash",
            {.words = {"/bin/bash", "-c", "PATH=" + bin.substr(0, bin.rfind('/')) + ":$PATH; " + script},
             .environment = {{"HUBSYNC_SOCKET", rig.socket()}}});
    CHECK(finished.err == "");
    return finished.out;
  };
  const std::string id = first_id(rig);
  CHECK(offered("hubsync gu", 1) == "guard\n");
  CHECK(offered("hubsync contacts show ''", 3).contains(id));
  CHECK(offered("hubsync contacts show " + id.substr(0, 8), 3).contains(id));
  CHECK(offered("hubsync explain contacts ''", 3).contains(id));
  CHECK_FALSE(offered("hubsync explain companies ''", 3).contains(id));
  CHECK(offered("hubsync export ''", 2).contains("companies"));
}

TEST_CASE("help tells of a command what its --help does") {
  Rig rig;
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{}, {"sync"}, {"contacts"}, {"conflicts", "resolve"}}) {
    std::vector<std::string> asked{"help"};
    asked.insert(asked.end(), words.begin(), words.end());
    std::vector<std::string> told = words;
    told.emplace_back("--help");
    CHECK(rig.cli(asked).out == rig.cli(told).out);
  }
  CHECK(rig.cli({"help", "contacts", "nonsense"}).code == 2);
}
