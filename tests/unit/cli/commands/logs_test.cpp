#include "cli/commands/logs.hpp"

#include <doctest/doctest.h>

#include "cli/commands/completion.hpp"
#include "cli/commands/config.hpp"
#include "cli/commands/conflicts.hpp"
#include "cli/commands/queue.hpp"
#include "tests/unit/cli/fake_daemon.hpp"

namespace hubsync::cli {
namespace {

api::SyncLog log(const std::string& id, const std::string& status) {
  return {
      .id = id,
      .entity_type = "contacts",
      .entity_id = "c1",
      .action = "update",
      .direction = "to_hubspot",
      .status = status,
      .error_message = status == "failed" ? std::optional{"bad\x1b[1mphone"} : std::nullopt,
      .created_at = test_now,
  };
}

}  // namespace

TEST_CASE("the log is filtered by the daemon, and --since may count back from now") {
  Desk desk;
  desk.daemon.answer(
      "GET "
      "/api/sync/logs?page=1&limit=50&status=failed&entityType=contacts&since=2026-11-24T10%3A00%3A00.000Z",
      api::encode(api::Page<api::SyncLog>{.items = {log("7", "failed")}, .total = 1})
  );
  LogsArgs args{.filter = {.status = "failed", .type = "contacts"}, .since = "2h"};
  CHECK(run_logs(args, desk.context) == ExitCode::done);
  CHECK(
      desk.out() ==
      "ID  WHEN      STATUS  ACTION  DIRECTION   TYPE      RECORD  HUBSPOT  TRIES  ERROR\n"
      " 7  just now  failed  update  to HubSpot  contacts  c1      -            1  bad\\u{1b}[1mphone\n"
  );
  args.since = "lately";
  CHECK(run_logs(args, desk.context) == ExitCode::usage);
}

TEST_CASE("--follow prints an entry again only when it has changed, until the daemon goes") {
  Desk desk{quietly};
  const auto page = [](std::vector<api::SyncLog> items) {
    return api::encode(api::Page<api::SyncLog>{.items = std::move(items), .total = 1});
  };
  desk.daemon.answer("GET /api/sync/logs?page=1&limit=50", page({log("2", "pending"), log("1", "success")}));
  const std::string later = "GET /api/sync/logs?page=1&limit=500";
  desk.daemon.answer(later, page({log("2", "pending"), log("1", "success")}));
  desk.daemon.answer(later, page({log("3", "pending"), log("2", "success"), log("1", "success")}));
  desk.daemon.answer(later, "", 503);
  CHECK(run_logs({.filter = {}, .follow = true}, desk.context) == ExitCode::failed);
  CHECK(desk.out() == "1\n2\n2\n3\n");
}

TEST_CASE("retry takes one entry or all") {
  Desk desk;
  CHECK(run_retry({}, desk.context) == ExitCode::usage);
  CHECK(run_retry({.log_id = "7", .all = true}, desk.context) == ExitCode::usage);
  CHECK(run_retry({.log_id = "7"}, desk.context) == ExitCode::not_found);
  desk.daemon.answer("POST /api/sync/retry", R"({"retried":3})", 202);
  CHECK(run_retry({.all = true}, desk.context) == ExitCode::done);
  CHECK(desk.out() == "3 records will be tried again\n");
}

TEST_CASE("conflicts list and history ask for what they are called") {
  Desk desk{as_json};
  desk.daemon.answer("GET /api/conflicts?page=1&limit=50", "{\"items\":[]}");
  desk.daemon.answer("GET /api/conflicts/history?page=1&limit=50", "{\"items\":[],\"total\":0}");
  CHECK(run_conflicts({}, desk.context) == ExitCode::done);
  CHECK(run_conflicts({.history = true}, desk.context) == ExitCode::done);
  CHECK(desk.out() == "{\"items\":[]}\n{\"items\":[],\"total\":0}\n");
}

TEST_CASE("the queue is paused, resumed and cut") {
  Desk desk;
  desk.daemon.answer("POST /api/queue/pause", R"({"paused":true})");
  desk.daemon.answer("POST /api/queue/resume", R"({"paused":false})");
  desk.daemon.answer("DELETE /api/queue/c1", "", 204);
  CHECK(run_queue_pause({.paused = true}, desk.context) == ExitCode::done);
  CHECK(run_queue_pause({.paused = false}, desk.context) == ExitCode::done);
  CHECK(run_queue_cancel({"c1"}, desk.context) == ExitCode::done);
  CHECK(run_queue_cancel({"c2"}, desk.context) == ExitCode::not_found);
  CHECK(desk.out().starts_with("paused"));
}

TEST_CASE("config check runs the daemon's own check and passes on what it says") {
  Desk desk;
  CHECK(run_config_check({.file = "x", .daemon = "/bin/true"}, desk.output) == ExitCode::done);
  CHECK(desk.out() == "the configuration is valid\n");
  CHECK(run_config_check({.file = "x", .daemon = "/bin/false"}, desk.output) == ExitCode::failed);
  CHECK(run_config_check({.daemon = "/nonexistent/hubsyncd"}, desk.output) == ExitCode::failed);
  Desk echoing;
  CHECK(run_config_check({.file = "a\x1b", .daemon = "/bin/echo"}, echoing.output) == ExitCode::done);
  CHECK(echoing.out() == "--check-config --config a\\u{1b}\n");
}

TEST_CASE("completion scripts know every command and its options") {
  const CommandNode root{
      "hubsync",
      "",
      {"--json"},
      {},
      {{"sync", "Sync now", {"--full"}, {"contacts"}, {}},
       {"queue", "It's", {}, {}, {{"pause", "p", {}, {}, {}}}}}
  };
  const std::string bash = completion_script(root, "bash");
  CHECK(bash.contains("    '') words='sync queue --json' ;;\n"));
  CHECK(bash.contains("    'sync') words='contacts --full --json'"));
  CHECK(bash.contains("    'queue pause') words='--json' ;;\n"));
  CHECK(completion_script(root, "zsh").contains("'sync') words_='contacts --full --json'"));
  CHECK(completion_script(root, "fish").contains("-a queue -d 'It\\'s'"));
}

}  // namespace hubsync::cli
