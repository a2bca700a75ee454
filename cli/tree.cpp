#include "cli/tree.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <string_view>

#include "cli/commands/conflict_resolve.hpp"
#include "cli/commands/conflicts.hpp"
#include "cli/commands/explain.hpp"
#include "cli/commands/logs.hpp"
#include "cli/commands/queue.hpp"
#include "cli/commands/records.hpp"
#include "cli/commands/status.hpp"
#include "cli/commands/sync.hpp"
#include "cli/commands/version.hpp"
#include "cli/commands/wait.hpp"
#include "cli/commands/watch.hpp"
#include "cli/commands/webhooks.hpp"
#include "common/object_type.hpp"

namespace hubsync::cli {

void bind_pages(CLI::App& app, std::int64_t& page, std::int64_t& limit) {
  app.add_option("--limit", limit, "Rows on a page, at most 500")->check(CLI::Range(1, 500));
  app.add_option("--page", page, "Which page")->check(CLI::PositiveNumber);
}

CLI::Validator known_type() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        if (const StandardType* const standard = find_standard_type(text)) {
          text = standard->name;
        }
        return is_type_name(text) ? "" : "`" + text + "` is no record type";
      },
      "contacts|companies|…"
  );
}

void bind_id(CLI::App& app, std::string& id, const char* help) {
  app.add_option("id", id, help)->required();
}

namespace {

void bind_fail_on(CLI::App& app, FailOn& fail_on) {
  app.add_option(
         "--fail-on", fail_on.conditions, "Exit 1 when one of these holds: conflicts,failed,guard,stalled"
  )
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"conflicts", "failed", "guard", "stalled"}));
}

void bind_status(CLI::App& app, StatusArgs& args) {
  bind_fail_on(app, args.fail_on);
}

void bind_sync(CLI::App& app, SyncArgs& args) {
  app.add_option("type", args.type, "contacts, companies, …; all without it")->transform(known_type());
  app.add_option("id", args.id, "One record of that type; waits until it is done");
  app.add_flag("--full", args.full, "Read everything again instead of what changed");
  app.add_flag("--dry-run", args.dry_run, "Print what would be done; write nothing");
  app.add_option("--output,-o", args.plan_file, "With --dry-run: save the plan to this file, for apply");
  app.add_flag("--wait", args.wait, "Show progress and exit with the run's result");
  app.add_option("--timeout", args.timeout, "Stop waiting after this long, e.g. 5m; implies --wait");
  bind_fail_on(app, args.fail_on);
}

void bind_list(CLI::App& app, ListArgs& args) {
  app.add_option("--search", args.filter.search, "Only records with this text in a value");
  app.add_option("--status", args.filter.status, "Only records in this state")
      ->check(CLI::IsMember({"synced", "pending", "conflict", "error"}));
  app.add_flag("--deleted", args.filter.deleted, "Deleted records instead of live ones");
  bind_pages(app, args.page, args.filter.limit);
  app.add_flag("--all", args.all, "Every record, in the order of ids; JSON Lines with --json");
}

void bind_if_version(CLI::App& app, std::optional<std::int64_t>& version) {
  app.add_option("--if-version", version, "Only if the record still has this version; otherwise exit 9");
}

void bind_show(CLI::App& app, RecordArgs& args) {
  bind_id(app, args.id, "The record's id");
}

void bind_change(CLI::App& app, RecordArgs& args) {
  bind_id(app, args.id, "The record's id");
  bind_if_version(app, args.if_version);
}

void bind_assignments(CLI::App& app, EditArgs& args) {
  app.add_option("fields", args.assignments, "FIELD=VALUE …; FIELD= clears; - reads JSON from standard input")
      ->required()
      ->type_name("FIELD=VALUE");
}

void bind_update(CLI::App& app, EditArgs& args) {
  bind_id(app, args.id, "The record's id");
  bind_assignments(app, args);
  bind_if_version(app, args.if_version);
}

/// Of a command that takes any type: the type first, then all it binds otherwise.
template <class Args, void (*Bind)(CLI::App&, Args&)>
void bind_with_type(CLI::App& app, Args& args) {
  app.add_option("type", args.type, "contacts, companies, …")->required()->transform(known_type());
  Bind(app, args);
}

void bind_logs(CLI::App& app, LogsArgs& args) {
  app.add_option("log", args.log_id, "One entry by its id, with what travelled and HubSpot's answer");
  app.add_flag("--follow", args.follow, "Go on printing until interrupted");
  app.add_option("--status", args.filter.status, "Only entries in this state")
      ->check(CLI::IsMember({"success", "failed", "pending", "retrying"}));
  app.add_option("--type", args.filter.type, "Only this type")->transform(known_type());
  app.add_option("--id", args.filter.id, "Only this record");
  app.add_option("--since", args.since, "Only newer entries: a duration back from now or a time");
  app.add_option("--direction", args.filter.direction, "Only this direction")
      ->check(CLI::IsMember({"to_hubspot", "from_hubspot"}));
  bind_pages(app, args.filter.page, args.filter.limit);
}

void bind_retry(CLI::App& app, RetryArgs& args) {
  app.add_option("log", args.log_id, "The failed entry's id");
  app.add_flag("--all", args.all, "Everything that failed");
}

void bind_conflicts(CLI::App& app, ConflictsArgs& args) {
  app.add_option("--type", args.type, "Only this type")->transform(known_type());
  app.add_option("--field", args.field, "Only where this field is in conflict");
  bind_pages(app, args.page, args.limit);
}

void bind_resolve(CLI::App& app, ResolveArgs& args) {
  app.add_option("id", args.id, "The conflict's id; on a terminal it asks field by field");
  app.add_option("--keep", args.keep, "Whose values are kept: local or hubspot")
      ->check(CLI::IsMember({"local", "hubspot"}));
  app.add_option(
         "--field",
         args.fields,
         "NAME=local, =hubspot, =base or =value:TEXT; with --all the name of the only field to decide"
  )
      ->allow_extra_args(false)
      ->type_name("NAME=CHOICE");
  app.add_flag("--partial", args.partial, "Leave fields that --field does not name open");
  app.add_flag("--edit", args.edit, "Decide in $EDITOR");
  app.add_flag("--all", args.all, "Every open conflict that the filters fit, shown first");
  app.add_option("--type", args.type, "With --all: only this type")->transform(known_type());
  app.add_flag("--yes,-y", args.yes, "Do not ask");
  app.add_option(
      "--if-version", args.if_version, "Only while the conflict has this version; otherwise exit 9"
  );
}

void bind_explain(CLI::App& app, ExplainArgs& args) {
  app.add_option("type", args.type, "contacts, companies, …")->required()->transform(known_type());
  bind_id(app, args.id, "The record's id");
}

void bind_wait(CLI::App& app, WaitArgs& args) {
  app.add_option_function<std::string>(
         "--for",
         [&args](const std::string& state) { args.for_synced = state == "synced"; },
         "idle (nothing is being done) or synced (nothing is left to do)"
  )
      ->check(CLI::IsMember({"idle", "synced"}));
  app.add_option("--timeout", args.timeout, "Exit 8 after this long, e.g. 30s");
}

}  // namespace

Tree::Tree(Globals& globals) {
  app_.require_subcommand(1);
  app_.footer("--socket, --json, --quiet and --no-color go with every command; see hubsync(1).");
  app_.set_version_flag("--version", "hubsync " HUBSYNC_VERSION);
  app_.add_option("--socket", globals.socket, "The daemon's socket")
      ->envname("HUBSYNC_SOCKET")
      ->capture_default_str();
  app_.add_flag("--json", globals.json, "The API's JSON instead of text; errors as JSON on stderr");
  app_.add_flag("--quiet,-q", globals.quiet, "Ids and errors only");
  app_.add_flag("--no-color", globals.no_color, "No colours, even on a terminal (also: NO_COLOR)");
  leaf<StatusArgs>(app_, "status", "One screen about the daemon", {}, bind_status, run_status);
  leaf<SyncArgs>(app_, "sync", "Sync now: everything, one type, or one record", {}, bind_sync, run_sync);
  for (const StandardType& type : standard_types()) {
    const std::string name{type.name};
    add_records(command(app_, name, "Show and change " + name), name, std::string{type.singular});
  }
  add_records(command(app_, "records", "Show and change records of any configured type"), "", "record");
  add_conflicts();
  leaf<ExplainArgs>(app_, "explain", "Why is this record as it is?", {}, bind_explain, run_explain);
  leaf<LogsArgs>(app_, "logs", "What was sent and taken, and how it ended", {}, bind_logs, run_logs);
  leaf<RetryArgs>(app_, "retry", "Try what failed again", {}, bind_retry, run_retry);
  add_queue();
  leaf<WaitArgs>(app_, "wait", "Wait until the daemon is idle or all is synced", {}, bind_wait, run_wait);
  add_webhooks();
  leaf<WatchArgs>(
      app_,
      "watch",
      "Follow what happens",
      {},
      [](CLI::App& app, WatchArgs& args) {
        app.add_option("--since", args.since, "Begin after this event's number; without it from now on");
        app.add_option("--count", args.count, "Stop after so many events")->check(CLI::NonNegativeNumber);
      },
      run_watch
  );
  add_operating();
  add_comparing();
  add_transfer();
  add_database();
  add_config();
  add_completion();
  add_help();
  command(app_, "version", "Versions of this program and of the daemon").callback([this] {
    action_ = run_version;
  });
}

bool Tree::fills_screens() const {
  const CLI::App* chosen = &app_;
  while (!chosen->get_subcommands().empty()) {
    chosen = chosen->get_subcommands().front();
  }
  constexpr std::array<std::string_view, 8> names{
      "list", "show", "history", "logs", "explain", "queue", "webhooks", "subscriptions"
  };
  const std::string name = chosen->get_name();
  return std::ranges::find(names, name) != names.end() && (name != "logs" || chosen->count("--follow") == 0);
}

void Tree::add_records(CLI::App& group, const std::string& type, const std::string& one) {
  const bool any = type.empty();
  group.require_subcommand(1);
  leaf<ListArgs>(
      group,
      "list",
      any ? "List records" : "List " + type,
      {.type = type, .filter = {}},
      any ? bind_with_type<ListArgs, bind_list> : bind_list,
      run_list
  );
  leaf<RecordArgs>(
      group,
      "show",
      "Show one " + one,
      {.type = type, .id = ""},
      any ? bind_with_type<RecordArgs, bind_show> : bind_show,
      run_show
  );
  leaf<EditArgs>(
      group,
      "create",
      "Create a " + one,
      {.type = type},
      any ? bind_with_type<EditArgs, bind_assignments> : bind_assignments,
      [](const EditArgs& args, Context& context) { return run_create(args, context, std::cin); }
  );
  leaf<EditArgs>(
      group,
      "update",
      "Change fields of a " + one,
      {.type = type},
      any ? bind_with_type<EditArgs, bind_update> : bind_update,
      [](const EditArgs& args, Context& context) { return run_update(args, context, std::cin); }
  );
  const auto change = any ? bind_with_type<RecordArgs, bind_change> : bind_change;
  leaf<RecordArgs>(
      group,
      "delete",
      "Delete a " + one + " here and in HubSpot",
      {.type = type, .id = ""},
      change,
      run_delete
  );
  leaf<RecordArgs>(group, "restore", "Undo a deletion", {.type = type, .id = ""}, change, run_restore);
}

void Tree::add_conflicts() {
  CLI::App& group = command(app_, "conflicts", "What both sides changed, differently");
  group.require_subcommand(1);
  leaf<ConflictsArgs>(group, "list", "The open ones", {}, bind_conflicts, run_conflicts);
  leaf<ConflictsArgs>(
      group,
      "history",
      "The resolved ones, with what was given up",
      {.history = true},
      bind_conflicts,
      run_conflicts
  );
  leaf<ResolveArgs>(group, "resolve", "Decide one, or many at once", {}, bind_resolve, run_resolve);
  leaf<UndoArgs>(
      group,
      "undo",
      "Take a decision back while nobody has edited since",
      {},
      [](CLI::App& app, UndoArgs& args) { bind_id(app, args.id, "The conflict's id"); },
      run_undo
  );
  leaf<ConflictArgs>(
      group,
      "show",
      "One, side by side",
      {},
      [](CLI::App& app, ConflictArgs& args) { bind_id(app, args.id, "The conflict's id"); },
      run_conflict_show
  );
}

void Tree::add_queue() {
  CLI::App& group = command(app_, "queue", "What waits to be sent to HubSpot");
  group.require_subcommand(0, 1);
  group.callback([this, &group] {
    if (group.get_subcommands().empty()) {
      action_ = [](Context& context) { return run_queue_list({}, context); };
    }
  });
  leaf<QueueListArgs>(
      group,
      "list",
      "The records that wait",
      {},
      [](CLI::App& app, QueueListArgs& args) { bind_pages(app, args.page, args.limit); },
      run_queue_list
  );
  leaf<QueuePauseArgs>(
      group, "pause", "Hold back every write to HubSpot", {.paused = true}, nothing, run_queue_pause
  );
  leaf<QueuePauseArgs>(group, "resume", "Send again", {.paused = false}, nothing, run_queue_pause);
  leaf<QueueCancelArgs>(
      group,
      "cancel",
      "Give up what waits for one record",
      {},
      [](CLI::App& app, QueueCancelArgs& args) { bind_id(app, args.record_id, "The record's id"); },
      run_queue_cancel
  );
}

void Tree::add_webhooks() {
  CLI::App& group = command(app_, "webhooks", "What HubSpot sent, and what it has to know");
  group.require_subcommand(0, 1);
  group.callback([this, &group] {
    if (group.get_subcommands().empty()) {
      action_ = [](Context& context) { return run_webhook_list({}, context); };
    }
  });
  leaf<WebhookListArgs>(
      group,
      "list",
      "The events that came, newest first",
      {},
      [](CLI::App& app, WebhookListArgs& args) {
        app.add_option("--status", args.status, "Only events in this state")
            ->check(CLI::IsMember({"pending", "done", "ignored", "failed"}));
        bind_pages(app, args.page, args.limit);
      },
      run_webhook_list
  );
  const auto bind = [](CLI::App& app, WebhookArgs& args) { bind_id(app, args.id, "The event's id"); };
  leaf<WebhookArgs>(group, "show", "One event", {}, bind, run_webhook_show);
  leaf<WebhookArgs>(group, "replay", "Work one off again", {}, bind, run_webhook_replay);
  command(group, "test", "Send a signed event through the listener").callback([this] {
    action_ = run_webhook_test;
  });
  command(group, "subscriptions", "What to set up in HubSpot, ready to paste").callback([this] {
    action_ = run_webhook_subscriptions;
  });
}

}  // namespace hubsync::cli
