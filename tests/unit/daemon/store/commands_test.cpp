#include "daemon/store/commands.hpp"

#include <doctest/doctest.h>

#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

Command command(std::int64_t key, std::int64_t request = 1) {
  return {
      .key = "key " + std::to_string(key),
      .sender = "uid 1000",
      .request = "canary@x.test " + std::to_string(request)
  };
}

const CommandAnswer answer{
    .status = 201, .location = "/api/contacts/1", .etag = "\"1\"", .body = "{\"email\":\"canary@x.test\"}"
};

}  // namespace

TEST_CASE("the answer to a command is there after reopening, for a day") {
  const StoreDir dir;
  Instant kept{};
  {
    TestStore store{dir.path()};
    kept = store.now;
    store.repository->keep_answer(command(1), {"r"}, answer, kept);
  }
  TestStore store{dir.path()};
  const auto known =
      store.repository->find_command(command(1), kept + store::command_retention - Duration{1});
  REQUIRE(known);
  CHECK(known->same_request);
  CHECK(known->answer.status == 201);
  CHECK(known->answer.location == answer.location);
  CHECK(known->answer.etag == answer.etag);
  CHECK(known->answer.body == answer.body);
  Command of_another = command(1);
  of_another.sender = "uid 1001";
  CHECK_FALSE(store.repository->find_command(of_another, kept));
  CHECK_FALSE(store.repository->find_command(command(1, 2), kept)->same_request);
  CHECK_FALSE(store.repository->find_command(command(2), kept));
  CHECK_FALSE(store.repository->find_command(command(1), kept + store::command_retention));
  store.repository->keep_answer(command(2), {"r"}, answer, kept + store::command_retention);
  CHECK(store.count("SELECT count(*) FROM commands") == 1);
}

TEST_CASE("of very many commands the newest are known") {
  TestStore store;
  store.db.execute("BEGIN");
  for (std::int64_t i = 0; i < store::kept_commands + 5; ++i) {
    store.repository->keep_answer(command(i), {"r"}, {.status = 200}, store.now);
  }
  store.db.execute("COMMIT");
  CHECK(store.count("SELECT count(*) FROM commands") == store::kept_commands);
  CHECK_FALSE(store.repository->find_command(command(4), store.now));
  CHECK(store.repository->find_command(command(5), store.now));
}

TEST_CASE("an effect and its answer are committed together or not at all") {
  TestStore store;
  std::vector<store::Job> jobs;
  jobs.push_back(
      {[&store](Repository& repository) {
         REQUIRE(repository.create_record({.type = "contacts", .fields = {{"email", "a@x.test"}}}, store.now)
         );
         repository.keep_answer(command(1), {}, answer, store.now);
         throw std::runtime_error("the disk is gone");
       },
       {}}
  );
  CHECK(store::run_group(*store.repository, jobs).front());
  CHECK_FALSE(store.repository->find_command(command(1), store.now));
  CHECK(store.count("SELECT count(*) FROM records") == 0);
}

TEST_CASE("who is erased leaves no answer that may show them") {
  TestStore store;
  const Record person = store.linked("contacts", {{"email", "canary@x.test"}}, 5);
  const Record other = store.linked("contacts", {{"email", "other@x.test"}}, 6);
  store.repository->keep_answer(command(1), person.id, answer, store.now);
  store.repository->keep_answer(command(2), {}, answer, store.now);
  store.repository->keep_answer(command(3), other.id, {.status = 200}, store.now);
  store.repository->erase("contacts", HubspotId{5}, store.now);
  CHECK_FALSE(store.repository->find_command(command(1), store.now));
  CHECK_FALSE(store.repository->find_command(command(2), store.now));
  CHECK(store.repository->find_command(command(3), store.now));
  CHECK(store.count("SELECT count(*) FROM commands WHERE body LIKE '%canary%'") == 0);
}
