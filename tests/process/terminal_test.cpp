// The command line at a terminal: what it pages, and what never reaches one. `script` makes the terminal.
#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

/// What a command shows at a terminal.
std::string at_terminal(Rig& rig, const std::string& words, Environment environment = {}) {
  environment.insert({{"HUBSYNC_SOCKET", rig.socket()}, {"NO_COLOR", "1"}, {"TERM", "xterm"}});
  const Finished finished =
      run(rig.directory() / "terminal",
          {.words = {"/usr/bin/script", "-qec", program("hubsync") + " " + words, "/dev/null"},
           .environment = environment});
  CHECK(finished.code == 0);
  return finished.out;
}

}  // namespace

TEST_CASE("lists and single records go through PAGER at a terminal, and through nothing without it") {
  Rig rig{{.sim = {"--contacts", "3"}}};
  rig.start();
  rig.full_sync();
  const Environment paged{{"PAGER", "sed s/^/paged:/"}};
  CHECK(at_terminal(rig, "contacts list", paged).starts_with("paged:ID"));
  CHECK(at_terminal(rig, "logs", paged).starts_with("paged:ID"));
  CHECK(at_terminal(rig, "queue", paged).starts_with("paged:TYPE"));
  CHECK(at_terminal(rig, "contacts list").starts_with("ID"));
  CHECK(at_terminal(rig, "contacts list", {{"PAGER", "cat"}}).starts_with("ID"));
  CHECK(at_terminal(rig, "status", paged).starts_with("hubsyncd"));
  CHECK(at_terminal(rig, "watch --since 0 --count 1", paged).starts_with("20"));
  // A reader who has seen enough is no failure.
  CHECK(at_terminal(rig, "contacts list --all", {{"PAGER", "head -n 1"}}).starts_with("ID"));
  const Finished piped =
      run(rig.directory() / "piped",
          {.words = {program("hubsync"), "--socket", rig.socket(), "contacts", "list"}, .environment = paged}
      );
  CHECK(piped.out.starts_with("ID"));
}

TEST_CASE("no command shows HubSpot's control characters at a terminal, and a file keeps them") {
  Rig rig;
  rig.start();
  rig.sim().admin(
      "POST",
      "/_sim/objects/contacts",
      {{"properties", {{"email", "esc@example.com"}, {"firstname", "\x1b[31mRED\x07"}}}}
  );
  rig.full_sync();
  const std::string id = rig.local("contacts").front().at("id");
  for (const std::string& words : std::vector<std::string>{
           "export contacts --format csv",
           "export contacts",
           "contacts list",
           "--json contacts list",
           "logs",
           "verify",
           "contacts show " + id
       }) {
    CAPTURE(words);
    const std::string shown = at_terminal(rig, words);
    CHECK_FALSE(shown.contains('\x1b'));
    CHECK_FALSE(shown.contains('\x07'));
  }
  CHECK(at_terminal(rig, "contacts show " + id).contains("\\u{1b}[31mRED\\u{07}"));
  CHECK(rig.cli({"export", "contacts", "--format", "csv"}).out.contains("\"\x1b[31mRED\x07\""));
}
