// A database that contradicts itself ends all writing, here and in HubSpot, and whoever asks is told why
// (I36).
#include <signal.h>

#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <sqlite3.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void execute(const std::string& database, const std::string& sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open_v2(database.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
  const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
  sqlite3_close(db);
  REQUIRE(code == SQLITE_OK);
}

}  // namespace

TEST_CASE("a record that cannot be read ends all writing on both sides, and every answer says why") {
  Rig rig{{.sim = {"--contacts", "5", "--companies", "0"}}};
  rig.start();
  rig.full_sync();
  const auto contacts = rig.local("contacts");
  const std::string broken = contacts.at(0).at("id");
  const std::string whole = contacts.at(1).at("id");
  REQUIRE(rig.stop() == 0);
  execute(rig.database(), "UPDATE records SET local = 'oops' WHERE id = '" + broken + "'");
  rig.start();
  REQUIRE(rig.daemon().wait_until([&] { return contains(rig.cli({"status"}).out, "Last poll   succeeded"); })
  );
  rig.sim().reset_counters();

  const std::string reason = "a stored view is not readable";
  CHECK(contains(rig.cli({"contacts", "show", broken}).err, reason));
  REQUIRE(rig.daemon().wait_until([&] { return contains(rig.daemon().errors(), "event=store.damaged"); }));
  const Finished status = rig.cli({"status"});
  CHECK(status.code == 1);
  CHECK(contains(status.err, "nothing is read or written any more"));
  CHECK(contains(status.err, reason));
  CHECK(contains(status.err, "hubsync db backup"));
  CHECK(rig.api("PUT", "/api/contacts/" + whole, R"({"phone":"1"})").status == 503);
  CHECK(contains(rig.api("GET", "/healthz").body, "degraded"));
  CHECK(rig.cli({"sync", "--full", "--wait", "--timeout", "5s"}).code != 0);
  CHECK(rig.sim().calls() == 0);
  CHECK(rig.stop() == 1);
}

TEST_CASE("a database that was damaged while nobody ran is refused, with what to do") {
  Rig rig{{.sim = {"--contacts", "1", "--companies", "0"}}};
  rig.start();
  rig.full_sync();
  REQUIRE(rig.stop() == 0);
  {
    std::fstream file{rig.database(), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(100);  // The database's own header stays; what it says of its tables does not.
    file << std::string(4'000, '\xFF');
  }
  const auto daemon = rig.launch_daemon({"--config", rig.config_file()});
  REQUIRE(daemon->wait());
  CHECK(*daemon->wait() == 1);
  CHECK(contains(daemon->errors(), "malformed"));
  CHECK(contains(daemon->errors(), "hubsync db backup"));
}
