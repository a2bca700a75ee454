#include "cli/commands/records.hpp"

#include <sstream>

#include <doctest/doctest.h>

#include "tests/unit/cli/fake_daemon.hpp"

namespace hubsync::cli {
namespace {

std::string sent_body(const EditArgs& args, const std::string& standard_input = "") {
  Desk desk;
  std::istringstream input{standard_input};
  desk.daemon.answer("POST /api/contacts", api::encode(contact("1", "Ada", "a@b.c")), 201);
  CHECK(run_create(args, desk.context, input) == ExitCode::done);
  CHECK(desk.out() == "created 1, version 3\n");
  return desk.daemon.requests.front().body;
}

}  // namespace

TEST_CASE("a list is a table aligned by what is seen") {
  Desk desk;
  const api::Page<api::Record> page{
      .items = {contact("a1", "山田", "y@b.c"), contact("a2", "Ada\x1b]0;x\x07", "a@b.c")},
      .page = 1,
      .limit = 2,
      .total = 5
  };
  desk.daemon.answer("GET /api/contacts?limit=2&page=1", api::encode(page));
  CHECK(run_list({.type = "contacts", .filter = {.limit = 2}}, desk.context) == ExitCode::done);
  CHECK(
      desk.out() ==
      "ID  EMAIL  NAME                 PHONE  HUBSPOT  STATUS  CHANGED\n"
      "a1  y@b.c  山田                 +49    512      synced  5m ago\n"
      "a2  a@b.c  Ada\\u{1b}]0;x\\u{07}  +49    512      synced  5m ago\n"
  );
  CHECK(desk.err() == "page 1 of 3, 5 in all\n");
}

TEST_CASE("a list of a type that no columns are made for shows what its records hold") {
  Desk desk;
  api::Record deal = contact("d1", "", "");
  deal.fields = {};
  deal.custom_fields = {{"amount", "12"}, {"name", "Big\x07one"}};
  const api::Page<api::Record> page{.items = {deal}, .total = 1};
  desk.daemon.answer("GET /api/deals?limit=50&page=1", api::encode(page));
  CHECK(run_list({.type = "deals", .filter = {}}, desk.context) == ExitCode::done);
  CHECK(
      desk.out() ==
      "ID  FIELDS                       HUBSPOT  STATUS  CHANGED\n"
      "d1  amount=12 name=Big\\u{07}one  512      synced  5m ago\n"
  );
}

TEST_CASE("--json passes the daemon's bytes on, made harmless") {
  Desk desk{as_json};
  desk.daemon.answer("GET /api/contacts/1", "{\"id\":\"1\", \"firstName\":\"a\u202Eb\",\"new\":[1]}");
  CHECK(run_show({.type = "contacts", .id = "1"}, desk.context) == ExitCode::done);
  CHECK(desk.out() == "{\"id\":\"1\", \"firstName\":\"a\\u202eb\",\"new\":[1]}\n");
}

TEST_CASE("--all walks to the end, as JSON Lines with --json") {
  Desk desk{as_json};
  const api::WalkPage<api::Record> first{
      .items = {contact("1", "A", "a@b.c"), contact("2", "B", "b@b.c")}, .next = "2"
  };
  const api::WalkPage<api::Record> last{.items = {contact("3", "C", "c@b.c")}};
  desk.daemon.answer("GET /api/contacts?limit=500&after=", api::encode(first));
  desk.daemon.answer("GET /api/contacts?limit=500&after=2", api::encode(last));
  CHECK(run_list({.type = "contacts", .filter = {}, .all = true}, desk.context) == ExitCode::done);
  std::istringstream lines{desk.out()};
  std::string ids;
  for (std::string line; std::getline(lines, line);) {
    ids += api::decode<api::Record>(line).value().id;
  }
  CHECK(ids == "123");
}

TEST_CASE("a daemon that repeats its cursor does not keep --all going") {
  Desk desk{quietly};
  const api::WalkPage<api::Record> same{.items = {contact("2", "A", "a@b.c")}, .next = "2"};
  desk.daemon.answer("GET /api/contacts?limit=500&after=", api::encode(same));
  desk.daemon.answer("GET /api/contacts?limit=500&after=2", api::encode(same));
  CHECK(run_list({.type = "contacts", .filter = {}, .all = true}, desk.context) == ExitCode::done);
  CHECK(desk.out() == "2\n2\n");
}

TEST_CASE("assignments become a body: known names on top, the rest custom, nothing after = clears") {
  CHECK(
      sent_body({.type = "contacts", .assignments = {"email=a=b@c", "phone=", "jobTitle=Boss"}}) ==
      R"({"email":"a=b@c","phone":null,"customFields":{"jobTitle":"Boss"}})"
  );
  CHECK(sent_body({.type = "contacts", .assignments = {"-"}}, R"({"email":"x"})") == R"({"email":"x"})");
}

TEST_CASE("a field that is mapped to nothing is taken, and a person is told") {
  api::Explanation explanation{.type = "contacts", .id = "1"};
  explanation.fields = {{.field = "lifecycle", .property = "lifecyclestage"}, {.field = "note"}};
  for (const bool quiet : {false, true}) {
    Desk desk{Output::Options{.quiet = quiet}};
    desk.daemon.answer("PUT /api/contacts/1", api::encode(contact("1", "A", "a@b.c")));
    desk.daemon.answer("GET /api/explain/contacts/1", api::encode(explanation));
    std::istringstream input;
    const EditArgs args{
        .type = "contacts", .id = "1", .assignments = {"lifecycle=lead", "fristName=A", "note=x", "phone=1"}
    };
    CHECK(run_update(args, desk.context, input) == ExitCode::done);
    CHECK(desk.err().contains("`fristName` is mapped to no property") == !quiet);
    CHECK(desk.err().contains("`note` is mapped to no property") == !quiet);
    CHECK_FALSE(desk.err().contains("lifecycle"));
    CHECK_FALSE(desk.err().contains("phone"));
  }
}

TEST_CASE("a malformed or repeated assignment is a wrong use and sends nothing") {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"email"}, {"=x"}, {"email=a", "email=b"}, {"email=\xff"}}) {
    Desk desk;
    std::istringstream input;
    CHECK(run_create({.type = "contacts", .assignments = words}, desk.context, input) == ExitCode::usage);
    CHECK(desk.daemon.requests.empty());
  }
}

TEST_CASE("--if-version is sent, and a stale one exits 9 with the daemon's words") {
  Desk desk{as_json};
  const Error stale{ErrorCode::stale, "version 4 is current", "read it again", ""};
  std::istringstream input;
  desk.daemon.refuse("PUT /api/companies/1", 412, stale);
  const EditArgs args{.type = "companies", .id = "1", .assignments = {"name=X"}, .if_version = 3};
  CHECK(run_update(args, desk.context, input) == ExitCode::stale);
  CHECK(desk.daemon.requests.front().if_version == 3);
  CHECK(desk.out().empty());
  CHECK(desk.err() == api::encode_error(stale) + "\n");
}

TEST_CASE("what does not exist exits 4 and says so") {
  Desk desk;
  desk.daemon.refuse(
      "DELETE /api/contacts/9", 404, {ErrorCode::not_found, "no contact 9", "look at the list", ""}
  );
  CHECK(run_delete({.type = "contacts", .id = "9"}, desk.context) == ExitCode::not_found);
  CHECK(desk.err() == "hubsync: no contact 9\n  look at the list\n");
}

TEST_CASE("a shown record has every field on a line of its own, whatever it holds") {
  Desk desk;
  desk.daemon.answer("GET /api/contacts/1", api::encode(contact("1", "a\nstatus  hacked\u202E", "a@b.c")));
  CHECK(run_show({.type = "contacts", .id = "1"}, desk.context) == ExitCode::done);
  CHECK(desk.out().contains("\nfirstName          a\\u{0a}status  hacked\\u{202e}\n"));
  CHECK(desk.out().contains("\nlifecycle          lead\n"));
}

}  // namespace hubsync::cli
