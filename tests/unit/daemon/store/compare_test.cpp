#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

RemoteRecord seen_contact(std::int64_t id, Fields values) {
  return {.id = {id}, .values = std::move(values), .references_known = true};
}

std::vector<Difference> compare(TestStore& store, std::vector<RemoteRecord> seen) {
  return store.repository->compare(
      {.type = "contacts",
       .seen = std::move(seen),
       .after = 0,
       .last = std::numeric_limits<std::int64_t>::max()}
  );
}

}  // namespace

TEST_CASE("comparing tells what one side lacks and which fields differ, and no form of HubSpot's own") {
  TestStore store;
  store.observe(
      "contacts",
      {seen_contact(1, {{"email", "ada@example.com"}, {"phone", "1"}}),
       seen_contact(2, {{"email", "bob@example.com"}}),
       seen_contact(3, {{"email", "eve@example.com"}})}
  );
  const auto found = compare(
      store,
      {seen_contact(1, {{"email", " ADA@example.com"}, {"phone", "2"}}),
       seen_contact(3, {{"email", "eve@example.com"}}),
       seen_contact(4, {{"email", "new@example.com"}})}
  );
  REQUIRE(found.size() == 3);
  CHECK(found[0].kind == DifferenceKind::differs);
  CHECK(found[0].field == "phone");
  CHECK(found[0].local == "1");
  CHECK(found[0].remote == "2");
  CHECK(found[1].kind == DifferenceKind::missing_local);
  CHECK(found[1].hubspot_id == HubspotId{4});
  CHECK(found[2].kind == DifferenceKind::missing_hubspot);
  CHECK(found[2].hubspot_id == HubspotId{2});
  CHECK(store.repository->list_records({.type = "contacts"}).total == 3);
}

TEST_CASE("what HubSpot does not have yet is found among the records without a link, part by part") {
  TestStore store;
  for (const char* email : {"a@example.com", "b@example.com", "c@example.com"}) {
    store.create("contacts", {{"email", email}});
  }
  const UnlinkedPart first = store.repository->unlinked_after("contacts", {}, 2);
  REQUIRE(first.differences.size() == 2);
  REQUIRE(first.next);
  const UnlinkedPart rest = store.repository->unlinked_after("contacts", *first.next, 2);
  CHECK(rest.differences.size() == 1);
  CHECK_FALSE(rest.next);
  CHECK(rest.differences.front().kind == DifferenceKind::missing_hubspot);
}

TEST_CASE("an open conflict is told as one, and a record deleted here as missing") {
  TestStore store;
  store.observe(
      "contacts",
      {seen_contact(1, {{"email", "ada@example.com"}, {"phone", "1"}}),
       seen_contact(2, {{"email", "b@example.com"}})}
  );
  auto records = store.repository->list_records({.type = "contacts"}).items;
  std::ranges::sort(records, {}, &Record::hubspot_id);
  store.update(records[0], {{"phone", "2"}});
  store.remove(records[1]);
  const auto found = compare(
      store,
      {seen_contact(1, {{"email", "ada@example.com"}, {"phone", "3"}}),
       seen_contact(2, {{"email", "b@example.com"}})}
  );
  REQUIRE(found.size() == 2);
  CHECK(found[0].kind == DifferenceKind::conflict_open);
  CHECK(found[0].field == "phone");
  CHECK(found[1].kind == DifferenceKind::missing_local);
}

TEST_CASE(
    "a backup is a whole database with mode 0600, made between transactions, and replaces only older ones"
) {
  const StoreDir dir;
  TestStore store{dir.path()};
  for (int i = 0; i < 200; ++i) {
    store.create("contacts", {{"email", "p" + std::to_string(i) + "@example.com"}});
  }
  const std::string copy = dir.path("copy.db");
  const auto finish = [&store] {
    while (!store.repository->backup_progress().done) {
      store.repository->after_commit();
    }
    return store.repository->backup_progress();
  };
  REQUIRE(store.repository->begin_backup(copy, false));
  CHECK(store.repository->begin_backup(dir.path("other.db"), false).error().code == ErrorCode::conflict);
  store.create("contacts", {{"email", "meanwhile@example.com"}});
  CHECK_FALSE(std::filesystem::exists(copy));
  CHECK(finish().error.empty());
  struct stat status{};
  REQUIRE(::stat(copy.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  CHECK(store.repository->backup_progress().bytes == status.st_size);
  CHECK_FALSE(std::filesystem::exists(copy + ".partial"));
  {
    TestStore restored{copy};
    CHECK(restored.repository->list_records({.type = "contacts", .limit = 1}).total == 201);
    CHECK(restored.repository->check_database(false).problems.empty());
  }
  CHECK(store.repository->begin_backup(copy, false).error().code == ErrorCode::conflict);
  CHECK(store.repository->begin_backup(copy, true));
  CHECK(finish().error.empty());
  CHECK(store.repository->begin_backup(dir.path(), true).error().code == ErrorCode::invalid);
  CHECK(store.repository->begin_backup("relative.db", true).error().code == ErrorCode::invalid);
  CHECK(store.repository->begin_backup(dir.path("none/copy.db"), true).error().code == ErrorCode::invalid);
  std::ofstream{dir.path("notes")} << "not a database";
  CHECK(store.repository->begin_backup(dir.path("notes"), true).error().code == ErrorCode::conflict);
}

TEST_CASE("a check of the database tells an audit trail that was changed") {
  TestStore store;
  store.create("contacts", {{"email", "ada@example.com"}});
  store.create("contacts", {{"email", "bob@example.com"}});
  CHECK(store.repository->check_database(false).problems.empty());
  store.db.execute("DROP TRIGGER audit_never_updated; UPDATE audit SET actor = 'nobody' WHERE id = 2");
  const DatabaseCheck changed = store.repository->check_database(false);
  REQUIRE(changed.problems.size() == 1);
  CHECK(changed.problems.front() == "the audit trail was changed: entry 2 does not fit");
}

TEST_CASE("a check finds a damaged page and a counter that is wrong") {
  const StoreDir dir;
  {
    TestStore store{dir.path()};
    store.create("contacts", {{"email", "ada@example.com"}});
    CHECK(store.repository->check_database(false).problems.empty());
    CHECK(store.repository->check_database(false).rows.at("records") == 1);
    store.db.execute("UPDATE record_counts SET count = count + 1");
    const DatabaseCheck wrong = store.repository->check_database(false);
    REQUIRE(wrong.problems.size() == 1);
    CHECK(wrong.problems.front() == "the counters tell of 2 records, and there are 1");
    CHECK(store.repository->check_database(true).problems.empty());
  }
  {
    std::fstream file{dir.path(), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(8 * 4'096);  // A page of some table or index.
    file << std::string(4'096, '\xff');
  }
  TestStore damaged{dir.path()};
  CHECK_FALSE(damaged.repository->check_database(false).problems.empty());
}
