#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

std::string bytes_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Through a job, as the daemon does it, so that what follows the commit happens too.
void erase(TestStore& store, std::int64_t id) {
  std::vector<store::Job> jobs;
  jobs.push_back(
      {[&](Repository& repository) { repository.erase("contacts", HubspotId{id}, store.tick()); }, {}}
  );
  const auto errors = store::run_group(*store.repository, jobs);
  REQUIRE_FALSE(errors.front());
}

const std::string canary = "canary.7f3a@erased.example";

/// A contact that has left its values wherever values go: history, log, conflict, queue, audit.
Record busy_person(TestStore& store, std::int64_t id) {
  const Record record = store.linked(
      "contacts", {{"email", canary}, {"firstName", "Canaryfirst"}, {"phone", "+49 7f3a 1"}}, id
  );
  store.update(record, {{"phone", "+49 7f3a 2"}});
  RemoteRecord seen = seen_record(
      id,
      {{"email", canary}, {"firstName", "Canaryfirst"}, {"phone", "+49 7f3a 3"}, {"lastName", "Canarylast"}}
  );
  store.observe("contacts", {seen});
  store.update(store.get(record), {{"firstName", "Canarynew"}});
  const auto actions = store.prepare("contacts", {seen});
  REQUIRE(actions.size() == 1);
  store.refuse(
      "contacts",
      actions.front(),
      {.outcome = Outcome::refused, .status = 400, .message = "no to Canarynew 7f3a"}
  );
  return store.get(record);
}

}  // namespace

TEST_CASE("after a privacy deletion no byte of the person is in the database's files") {
  const StoreDir dir;
  TestStore store{dir.path()};
  const Record record = busy_person(store, 512);
  store.linked("contacts", {{"email", "other@x.example"}, {"firstName", "Other"}}, 513);
  REQUIRE(store.count("SELECT count(*) FROM conflicts") == 1);
  REQUIRE(store.count("SELECT count(*) FROM due") == 1);
  REQUIRE((bytes_of(dir.path()) + bytes_of(dir.path() + "-wal")).find(canary) != std::string::npos);

  erase(store, 512);

  const std::string files = bytes_of(dir.path()) + bytes_of(dir.path() + "-wal");
  for (const std::string& trace : {canary, std::string{"7f3a"}, std::string{"Canary"}}) {
    CAPTURE(trace);
    CHECK(files.find(trace) == std::string::npos);
  }
  CHECK(files.find("other@x.example") != std::string::npos);
  CHECK(store.repository->find_record("contacts", record.id).error().code == ErrorCode::not_found);
  CHECK(store.count("SELECT count(*) FROM records") == 1);
}

TEST_CASE("the audit's chain verifies after its values were erased, and tells of the erasure") {
  TestStore store;
  const Record record = busy_person(store, 512);
  erase(store, 512);
  CHECK(store.repository->tables().audit.first_broken() == 0);
  CHECK(store.count("SELECT count(*) FROM audit WHERE action = 'erased for privacy'") == 1);
  CHECK(store.count("SELECT count(*) FROM audit_values") == 0);
  CHECK(store.count("SELECT count(*) FROM sync_log WHERE status IN ('pending', 'retrying')") == 0);
}

TEST_CASE("an erased person comes back from neither side") {
  TestStore store;
  busy_person(store, 512);
  erase(store, 512);
  SUBCASE("not by a page of HubSpot that was read before") {
    store.observe("contacts", {seen_record(512, {{"email", "new@x.example"}})});
    CHECK(store.count("SELECT count(*) FROM records") == 0);
  }
  SUBCASE("not under another id, in whatever case the address is written") {
    store.observe("contacts", {seen_record(999, {{"email", "Canary.7F3A@erased.example "}})});
    CHECK(store.count("SELECT count(*) FROM records") == 0);
  }
  SUBCASE("not by a create here") {
    const auto created = store.repository->create_record(
        {.type = "contacts", .fields = {{"email", canary}}, .actor = "uid 1000"}, store.tick()
    );
    REQUIRE_FALSE(created.has_value());
    CHECK(created.error().code == ErrorCode::conflict);
    CHECK(created.error().message.find(canary) == std::string::npos);
  }
  SUBCASE("not by giving the address to somebody else") {
    const Record other = store.create("contacts", {{"email", "other@x.example"}});
    CHECK_FALSE(
        store.repository
            ->update_record({.type = "contacts", .id = other.id, .fields = {{"email", canary}}}, store.tick())
            .has_value()
    );
  }
  SUBCASE("others come in as before") {
    store.observe("contacts", {seen_record(600, {{"email", "other@x.example"}})});
    CHECK(store.count("SELECT count(*) FROM records") == 1);
  }
}

TEST_CASE("an id that nobody had here is blocked all the same") {
  TestStore store;
  erase(store, 777);
  store.observe("contacts", {seen_record(777, {{"email", "late@x.example"}})});
  CHECK(store.count("SELECT count(*) FROM records") == 0);
}

TEST_CASE("what a merge folded away is erased with the person it became") {
  TestStore store;
  store.linked("contacts", {{"email", "a@x.example"}, {"firstName", "Alpha"}}, 11);
  store.linked("contacts", {{"email", "b@x.example"}, {"firstName", "Beta"}}, 12);
  RemoteRecord survivor = seen_record(13, {{"email", "a@x.example"}, {"firstName", "Alpha"}});
  survivor.former_ids = {{11}, {12}};
  store.observe("contacts", {survivor});
  REQUIRE(store.count("SELECT count(*) FROM records") == 2);
  erase(store, 13);
  CHECK(store.count("SELECT count(*) FROM records") == 0);
  store.observe("contacts", {seen_record(900, {{"email", "b@x.example"}})});
  CHECK(store.count("SELECT count(*) FROM records") == 0);
}

TEST_CASE("a person erased while their change is on its way to HubSpot stays erased") {
  TestStore store;
  const Record record = store.linked("contacts", {{"email", canary}, {"phone", "1"}}, 512);
  store.update(record, {{"phone", "2"}});
  const auto actions = store.prepare("contacts", {seen_record(512, {{"email", canary}, {"phone", "1"}})});
  REQUIRE(actions.size() == 1);
  erase(store, 512);
  SUBCASE("and HubSpot took it") {
    store.accept("contacts", actions.front(), {512});
  }
  SUBCASE("and HubSpot refused it") {
    store.refuse("contacts", actions.front(), {.outcome = Outcome::refused, .status = 404});
  }
  CHECK(store.count("SELECT count(*) FROM records") == 0);
  CHECK(store.count("SELECT count(*) FROM due") == 0);
  CHECK(store.count("SELECT count(*) FROM audit_values") == 0);
}
