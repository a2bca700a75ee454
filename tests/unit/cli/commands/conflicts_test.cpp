#include "cli/commands/conflicts.hpp"

#include <algorithm>
#include <sstream>

#include <doctest/doctest.h>

#include "cli/commands/conflict_resolve.hpp"
#include "cli/commands/conflict_view.hpp"
#include "cli/commands/conflict_walk.hpp"
#include "cli/commands/explain.hpp"
#include "common/text.hpp"
#include "tests/unit/cli/fake_daemon.hpp"

using namespace hubsync;
using namespace hubsync::cli;

namespace {

api::Conflict a_conflict() {
  api::Conflict conflict;
  conflict.id = "7";
  conflict.version = 3;
  conflict.entity_type = "contacts";
  conflict.entity_id = "r1";
  conflict.hubspot_id = "512";
  conflict.local_version = {{"email", "ada@example.org"}, {"phone", "+49 30 2"}, {"lastName", "Byron"}};
  conflict.hubspot_version = {{"email", "ada@example.org"}, {"phone", "+49 30 3"}, {"lastName", "King"}};
  conflict.base_version = {{"email", "ada@example.org"}, {"phone", "+49 30 1"}, {"lastName", std::nullopt}};
  conflict.conflicting_fields = {"lastName", "phone"};
  conflict.detected_at = test_now - std::chrono::minutes{5};
  conflict.resolution_type = "pending";
  return conflict;
}

api::Conflict resolved(std::string how = "merged") {
  api::Conflict conflict = a_conflict();
  conflict.resolution_type = std::move(how);
  conflict.resolved_at = test_now;
  conflict.resolved_by = "ada";
  conflict.decisions = {
      {.field = "phone", .base = "+49 30 1", .local = "+49 30 2", .hubspot = "+49 30 3", .kept = "+49 30 3"}
  };
  return conflict;
}

const std::string show_7 = "GET /api/conflicts/7";
const std::string resolve_7 = "POST /api/conflicts/7/resolve";

/// A desk in front of a daemon with conflict 7.
struct ConflictDesk : Desk {
  explicit ConflictDesk(Output::Options options = {}) : Desk(options) {
    daemon.answer(show_7, api::encode(a_conflict()));
    daemon.answer(resolve_7, api::encode(resolved()));
  }

  /// What was asked for at last.
  [[nodiscard]] std::string sent() const { return daemon.requests.back().body; }
};

api::Page<api::Conflict> page_of(std::vector<api::Conflict> conflicts) {
  const auto total = static_cast<std::int64_t>(conflicts.size());
  return {.items = std::move(conflicts), .page = 1, .limit = 500, .total = total};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

TEST_CASE("open conflicts are listed by age, record, fields and priority") {
  Desk desk;
  desk.daemon.answer(
      "GET /api/conflicts?page=1&limit=50&entityType=contacts&field=phone",
      api::encode(page_of({a_conflict()}))
  );
  CHECK(run_conflicts({.type = "contacts", .field = "phone"}, desk.context) == ExitCode::done);
  CHECK(desk.out().contains("ada@example.org"));
  CHECK(desk.out().contains("5m"));
  CHECK(desk.out().contains("lastName"));
  CHECK(desk.out().contains("normal"));
}

TEST_CASE("the history shows what was kept and what was given up") {
  Desk desk{{.columns = 160}};
  api::Conflict both = resolved();
  both.decisions.push_back(
      {.field = "lastName", .base = {}, .local = "Byron", .hubspot = "King", .kept = "Lovelace"}
  );
  desk.daemon.answer("GET /api/conflicts/history?page=1&limit=50", api::encode(page_of({both})));
  CHECK(run_conflicts({.history = true}, desk.context) == ExitCode::done);
  const auto lines = lines_of(desk.out());
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].contains("phone     +49 30 3  +49 30 2"));
  CHECK(lines[2].contains("Lovelace  Byron / King"));
  CHECK(lines[2].contains("ada"));
}

TEST_CASE("two versions stand side by side, the base in the middle, differences marked without colours") {
  const auto lines = lines_of(side_by_side(a_conflict(), {.columns = 80, .colours = false}));
  REQUIRE(lines.size() >= 5);
  CHECK(lines[0].find("LOCAL") < lines[0].find("BASE"));
  CHECK(lines[0].find("BASE") < lines[0].find("HUBSPOT"));
  CHECK(lines[3].starts_with("! phone"));
  CHECK(lines[4][lines[3].find("+49 30 2") + 7] == '^');
  CHECK(lines[4][lines[3].find("+49 30 3") + 7] == '^');
  CHECK(std::ranges::count(lines[4], '^') == 2);
}

TEST_CASE("a side by side view keeps to its width and its columns, whatever the values are") {
  api::Conflict conflict = a_conflict();
  conflict.local_version[1].value = "山田太郎 山田太郎 山田太郎 山田太郎";
  conflict.hubspot_version[1].value = "👩 \x1b[2J\x1b]0;owned\x07 e\u0301 \u202Eevil";
  conflict.base_version[1].value = std::string(200, 'x');
  for (const std::size_t columns : {80U, 160U}) {
    for (const std::string& line : lines_of(side_by_side(conflict, {.columns = columns, .colours = false}))) {
      CAPTURE(line);
      CHECK(display_width(line) <= columns);
      CHECK(terminal_safe(line) == line);
    }
  }
}

TEST_CASE("resolve sends what the options say") {
  struct Case {
    ResolveArgs args;
    std::string body;
  };
  const std::vector<Case> cases{
      {{.id = "7", .keep = "local"}, R"({"resolution":"keep_local"})"},
      {{.id = "7", .keep = "hubspot", .if_version = 3}, R"({"resolution":"keep_hubspot","version":3})"},
      {{.id = "7", .fields = {"phone=local", "lastName=value:a=b"}},
       R"({"resolution":"merged","fields":{"phone":"local","lastName":{"value":"a=b"}}})"},
      {{.id = "7", .fields = {"phone=value:"}, .partial = true},
       R"({"resolution":"merged","fields":{"phone":{"value":null}},"partial":true})"},
      {{.id = "7", .keep = "hubspot", .fields = {"phone=base"}},
       R"({"resolution":"merged","fields":{"phone":{"value":"+49 30 1"},"lastName":"hubspot"}})"},
  };
  for (const Case& given : cases) {
    CAPTURE(given.body);
    ConflictDesk desk;
    desk.terminal.present = false;
    CHECK(run_resolve(given.args, desk.context) == ExitCode::done);
    CHECK(desk.sent() == given.body);
    CHECK(desk.out().contains("conflict 7 is resolved: merged"));
  }
}

TEST_CASE("a wrong resolve is a wrong use and sends nothing") {
  const std::vector<ResolveArgs> cases{
      {},
      {.id = "7"},
      {.id = "7", .fields = {"phone"}},
      {.id = "7", .fields = {"phone=newest"}},
      {.id = "7", .fields = {"=local"}},
      {.id = "7", .fields = {"phone=local", "phone=hubspot"}},
      {.all = true},
      {.id = "7", .keep = "local", .all = true},
      {.keep = "local", .fields = {"phone=local"}, .all = true},
  };
  for (const ResolveArgs& args : cases) {
    ConflictDesk desk;
    desk.terminal.present = false;
    CHECK(run_resolve(args, desk.context) == ExitCode::usage);
    for (const HttpRequest& request : desk.daemon.requests) {
      CHECK(request.method == "GET");
    }
  }
}

TEST_CASE("a conflict that moved exits 9 and is shown as it is now, an unknown one exits 4") {
  Desk desk;
  desk.daemon.answer(show_7, api::encode(a_conflict()));
  desk.daemon.refuse(resolve_7, 409, {ErrorCode::stale, "HubSpot has moved meanwhile", "", ""});
  CHECK(run_resolve({.id = "7", .keep = "local"}, desk.context) == ExitCode::stale);
  CHECK(desk.err().contains("HubSpot has moved meanwhile"));
  CHECK(desk.err().contains("+49 30 3"));
  CHECK(run_resolve({.id = "8", .keep = "local"}, desk.context) == ExitCode::not_found);
}

TEST_CASE("on a terminal each field is asked for with one key, then confirmed") {
  ConflictDesk desk;
  desk.terminal.keys = "xlhy";
  CHECK(run_resolve({.id = "7"}, desk.context) == ExitCode::done);
  CHECK(
      desk.sent() ==
      R"({"resolution":"merged","fields":{"lastName":"local","phone":"hubspot"},"partial":true,"version":3})"
  );
  CHECK(desk.terminal.prompts.size() == 3);
  CHECK(desk.out().contains("phone  (2 of 2)"));
  CHECK(desk.out().contains("HubSpot's, to here"));
}

TEST_CASE("a field can take the base, another value, or stay open") {
  ConflictDesk desk;
  desk.terminal.keys = "eby";
  desk.terminal.lines = {"Lovelace"};
  CHECK(run_resolve({.id = "7"}, desk.context) == ExitCode::done);
  CHECK(desk.sent().contains(R"("fields":{"lastName":{"value":"Lovelace"},"phone":{"value":"+49 30 1"}})"));

  ConflictDesk skipped;
  skipped.terminal.keys = "shy";
  CHECK(run_resolve({.id = "7"}, skipped.context) == ExitCode::done);
  CHECK(skipped.sent().contains(R"("fields":{"phone":"hubspot"})"));
  CHECK(skipped.out().contains("stays open"));
}

TEST_CASE("quitting, saying no, skipping everything and the end of the input decide nothing") {
  for (const std::string keys : {"lq", "lhn", "ss", "", "e"}) {
    CAPTURE(keys);
    ConflictDesk desk;
    desk.terminal.keys = keys;
    CHECK(run_resolve({.id = "7"}, desk.context) == ExitCode::done);
    CHECK(desk.daemon.requests.back().method == "GET");
    CHECK(desk.err().contains("nothing was decided"));
  }
}

TEST_CASE("an edited text decides its lines, and names a side where the value is one's") {
  ConflictDesk desk;
  desk.terminal.keys = "y";
  desk.terminal.edited = "# a remark\n\nlastName = \"King\"\nphone = +49 30 9\n";
  CHECK(run_resolve({.id = "7", .edit = true}, desk.context) == ExitCode::done);
  CHECK(desk.terminal.shown.contains("#   HubSpot: \"+49 30 3\""));
  CHECK(desk.terminal.shown.contains("phone = \"+49 30 2\""));
  CHECK(desk.sent().contains(R"("fields":{"lastName":"hubspot","phone":{"value":"+49 30 9"}})"));
}

TEST_CASE("an edited text that says nothing, or something wrong, decides nothing") {
  const api::Conflict conflict = a_conflict();
  CHECK(read_edited("# nothing\n", conflict)->fields.empty());
  CHECK_FALSE(read_edited("email = \"x\"\n", conflict));
  CHECK_FALSE(read_edited("phone\n", conflict));
  CHECK_FALSE(read_edited("phone = \"x\nphone = \"y\"\n", conflict));
  CHECK_FALSE(read_edited("phone = \"x\"\nphone = \"y\"\n", conflict));
  CHECK(read_edited("phone = \"a\\nb \\u00e9\"\n", conflict)->fields.front().value == "a\nb é");
}

TEST_CASE("a hostile value reaches the editor escaped and comes back whole") {
  api::Conflict conflict = a_conflict();
  conflict.local_version[1].value = "x\x1b[2J\n# \"quoted\"\u202E";
  const std::string text = edit_text(conflict);
  CHECK_FALSE(text.contains('\x1b'));
  const auto read = read_edited(text, conflict);
  REQUIRE(read);
  CHECK(std::ranges::all_of(read->fields, [](const api::FieldChoice& choice) {
    return choice.take == "local";
  }));
}

TEST_CASE("resolving all shows what it would do and decides exactly that") {
  Desk desk;
  api::Conflict other = a_conflict();
  other.id = "8";
  other.conflicting_fields = {"phone"};
  desk.daemon.answer(
      "GET /api/conflicts?page=1&limit=500&entityType=contacts&field=phone",
      api::encode(page_of({a_conflict(), other}))
  );
  desk.daemon.answer(
      "POST /api/conflicts/resolve",
      api::encode(api::ResolveResults{
          {{.id = "7", .error = {}, .conflict = a_conflict()},
           {.id = "8", .error = {}, .conflict = resolved()}}
      })
  );
  desk.terminal.keys = "y";
  const ResolveArgs args{.keep = "hubspot", .fields = {"phone"}, .all = true, .type = "contacts"};
  CHECK(run_resolve(args, desk.context) == ExitCode::done);
  CHECK(desk.err().contains("KEEPS HUBSPOT"));
  CHECK(desk.err().contains("+49 30 3"));
  CHECK(desk.terminal.prompts.front().contains("2 conflicts"));
  CHECK(
      desk.daemon.requests.back().body ==
      R"({"items":[{"id":"7","resolution":"merged","fields":{"phone":"hubspot"},"partial":true,"version":3},)"
      R"({"id":"8","resolution":"keep_hubspot","version":3}]})"
  );
  CHECK(desk.out().contains("1 conflict resolved, 1 decided in part"));
}

TEST_CASE("resolving all without a terminal needs --yes") {
  Desk desk;
  desk.terminal.present = false;
  desk.daemon.answer("GET /api/conflicts?page=1&limit=500", api::encode(page_of({a_conflict()})));
  desk.daemon.answer(
      "POST /api/conflicts/resolve",
      api::encode(api::ResolveResults{
          {{.id = "7", .error = Error{ErrorCode::stale, "it moved"}, .conflict = a_conflict()}}
      })
  );
  CHECK(run_resolve({.keep = "local", .all = true}, desk.context) == ExitCode::usage);
  CHECK(desk.err().contains("Nothing was decided"));
  CHECK(run_resolve({.keep = "local", .all = true, .yes = true}, desk.context) == ExitCode::stale);
  CHECK(desk.out().contains("1 moved meanwhile"));
}

TEST_CASE("explain shows fields, reasons, writers and pending work, all of it escaped") {
  Desk desk;
  api::Explanation record{
      .type = "contacts", .id = "r1", .hubspot_id = "512", .summary = "Both sides agree."
  };
  record.fields = {
      {.field = "phone",
       .rule = "conflict = manual",
       .local = "\x1b[2J",
       .base = "1",
       .base_hubspot = "(1)",
       .hubspot = "1",
       .state = "to HubSpot",
       .why = "Edited here, unchanged in HubSpot.",
       .last_local = api::LastWriter{.timestamp = test_now, .user = "ada", .source = "update"}}
  };
  record.pending = api::DueItem{.state = "failed", .attempts = 2, .since = test_now, .error_message = "500"};
  desk.daemon.answer("GET /api/explain/contacts/r1", api::encode(record));
  CHECK(run_explain({"contacts", "r1"}, desk.context) == ExitCode::done);
  CHECK(desk.out().contains("\\u{1b}[2J"));
  CHECK(desk.out().contains("1 | (1)"));
  CHECK(desk.out().contains("phone: Edited here"));
  CHECK(desk.out().contains("by ada (update)"));
  CHECK(desk.out().contains("2 failed attempts"));
  CHECK(run_explain({"contacts", "r2"}, desk.context) == ExitCode::not_found);
}

TEST_CASE("explain fits an 80 column terminal, and cuts no word of a sentence") {
  Desk desk;
  const std::string sentence =
      "HubSpot had another value that was overwritten before it was seen here, by us.";
  api::Explanation record{
      .type = "contacts", .id = "r1", .hubspot_id = "512", .summary = sentence + sentence
  };
  const std::string long_value(200, 'x');
  const api::LastWriter writer{.timestamp = test_now, .user = long_value, .source = "CRM_UI"};
  record.fields = {
      {.field = "a_field_with_a_long_name",
       .rule = "conflict = manual",
       .local = long_value,
       .base = long_value,
       .base_hubspot = long_value,
       .hubspot = long_value,
       .state = "to HubSpot",
       .why = sentence,
       .last_local = writer,
       .last_hubspot = writer}
  };
  record.recent_logs = {
      {.id = "61",
       .entity_type = "contacts",
       .action = "update",
       .direction = "from_hubspot",
       .status = "success",
       .error_message = long_value,
       .created_at = test_now}
  };
  desk.daemon.answer("GET /api/explain/contacts/r1", api::encode(record));
  CHECK(run_explain({"contacts", "r1"}, desk.context) == ExitCode::done);
  std::istringstream lines{desk.out()};
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(display_width(line) <= 80);
  }
  for (const char* const word : {"HubSpot", "another", "overwritten", "before", "seen", "by us."}) {
    CHECK(desk.out().contains(word));
  }
}

TEST_CASE("undo opens a conflict again or says why not") {
  Desk desk;
  desk.daemon.answer("POST /api/conflicts/7/undo", api::encode(a_conflict()));
  desk.daemon.refuse("POST /api/conflicts/8/undo", 409, {ErrorCode::stale, "edited since", "", ""});
  CHECK(run_undo({"7"}, desk.context) == ExitCode::done);
  CHECK(desk.out().contains("open again: lastName, phone"));
  CHECK(run_undo({"8"}, desk.context) == ExitCode::stale);
}
