#include "cli/commands/completion.hpp"
#include "cli/commands/config.hpp"
#include "cli/commands/db.hpp"
#include "cli/commands/doctor.hpp"
#include "cli/commands/guard.hpp"
#include "cli/commands/plan.hpp"
#include "cli/commands/top.hpp"
#include "cli/commands/transfer.hpp"
#include "cli/commands/verify.hpp"
#include "cli/tree.hpp"
#include "common/object_type.hpp"

namespace hubsync::cli {

void Tree::add_operating() {
  CLI::App& guard = command(app_, "guard", "What a guard stopped");
  guard.require_subcommand(1);
  leaf<GuardListArgs>(
      guard,
      "list",
      "What waits for a person",
      {},
      [](CLI::App& app, GuardListArgs& args) {
        app.add_flag("--all", args.all, "Those that were released too");
        bind_pages(app, args.page, args.limit);
      },
      run_guard_list
  );
  leaf<GuardReleaseArgs>(
      guard,
      "release",
      "Let exactly that set through, once",
      {},
      [](CLI::App& app, GuardReleaseArgs& args) { bind_id(app, args.id, "The guard's id"); },
      run_guard_release
  );
}

void Tree::add_database() {
  CLI::App& db = command(app_, "db", "The daemon's database");
  db.require_subcommand(1);
  leaf<BackupArgs>(
      db,
      "backup",
      "Save a copy while the daemon goes on",
      {},
      [](CLI::App& app, BackupArgs& args) {
        app.add_option("file", args.file, "Where the daemon writes it; its user must be allowed to")
            ->required();
        app.add_flag("--force", args.force, "Replace an older backup of this name");
      },
      run_backup
  );
  command(db, "check", "Is it whole? Exit 1 when it is damaged").callback([this] { action_ = run_db_check; });
}

void Tree::add_comparing() {
  leaf<VerifyArgs>(
      app_,
      "verify",
      "Read both sides and print every difference; exit 1 when there is one",
      {},
      [](CLI::App& app, VerifyArgs& args) {
        app.add_option("type", args.type, "contacts, companies, …; all without it")->transform(known_type());
      },
      run_verify
  );
  leaf<ApplyArgs>(
      app_,
      "apply",
      "Carry out a plan that sync --dry-run -o saved; exit 9 when the world has moved",
      {},
      [](CLI::App& app, ApplyArgs& args) { app.add_option("file", args.file, "The plan")->required(); },
      run_apply
  );
  command(app_, "doctor", "Is everything as it has to be? Each check with the fix").callback([this] {
    action_ = run_doctor;
  });
  leaf<SetupArgs>(
      app_,
      "setup",
      "Make HubSpot ready for the first sync",
      {},
      [](CLI::App& app, SetupArgs& args) {
        app.add_flag("--yes,-y", args.yes, "Create what is missing without asking");
        app.add_flag("--no-plan", args.no_plan, "Leave the plan of the first sync out");
      },
      run_setup
  );
}

void Tree::add_transfer() {
  leaf<ExportArgs>(
      app_,
      "export",
      "All records of a type on standard output",
      {},
      [](CLI::App& app, ExportArgs& args) {
        app.add_option("type", args.type, "contacts, companies, …")->required()->transform(known_type());
        app.add_option("--format", args.format, "jsonl or csv")->check(CLI::IsMember({"jsonl", "csv"}));
        app.add_flag("--deleted", args.deleted, "Deleted records instead of live ones");
      },
      run_export
  );
  leaf<ImportArgs>(
      app_,
      "import",
      "Create and change records from a file",
      {},
      [](CLI::App& app, ImportArgs& args) {
        app.add_option("type", args.type, "contacts, companies, …")->required()->transform(known_type());
        app.add_option("file", args.file, "The file; - reads standard input")->required();
        app.add_option("--format", args.format, "jsonl or csv; by the file's name without it")
            ->check(CLI::IsMember({"jsonl", "csv"}));
      },
      run_import
  );
  leaf<TopArgs>(
      app_,
      "top",
      "The daemon live on one screen",
      {},
      [](CLI::App& app, TopArgs& args) {
        app.add_option("--interval", args.interval, "How often to look, e.g. 500ms")->capture_default_str();
        app.add_option("--count", args.count, "Stop after so many looks")->check(CLI::NonNegativeNumber);
      },
      run_top
  );
}

void Tree::add_config() {
  CLI::App& group = command(app_, "config", "The daemon's configuration");
  group.require_subcommand(1);
  leaf<ConfigCheckArgs>(
      group,
      "check",
      "Check a file, without a daemon",
      {},
      [](CLI::App& app, ConfigCheckArgs& args) {
        app.add_option("file", args.file, "The file; the daemon's default without it");
      },
      [](const ConfigCheckArgs& args, Context& context) { return run_config_check(args, context.out); }
  );
  command(group, "show", "What the running daemon goes by").callback([this] { action_ = run_config_show; });
}

namespace {

/// CLI11's tree as completion.hpp wants it.
CommandNode node_of(const CLI::App& app) {
  CommandNode node{app.get_name(), app.get_description(), {}, {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      node.options.push_back("--" + name);
    }
    if (option->get_positional() && option->get_name(true) == "type") {
      for (const StandardType& type : standard_types()) {
        node.words.emplace_back(type.name);
      }
    } else if (option->get_positional() && option->get_name(true) == "shell") {
      node.words = {"bash", "zsh", "fish"};
    }
  }
  for (const CLI::App* child : app.get_subcommands({})) {
    node.commands.push_back(node_of(*child));
  }
  return node;
}

}  // namespace

void Tree::add_completion() {
  CLI::App& app = command(app_, "completion", "Print a completion script for bash, zsh or fish");
  auto shell = std::make_shared<std::string>();
  app.add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  app.callback([this, shell] {
    action_ = [this, shell](Context& context) {
      context.out.text(completion_script(node_of(app_), *shell));
      return ExitCode::done;
    };
  });
}

void Tree::add_help() {
  CLI::App& app = command(app_, "help", "Print the help of a command");
  auto words = std::make_shared<std::vector<std::string>>();
  app.add_option("command", *words, "Its words, such as: conflicts resolve");
  app.callback([this, words] {
    action_ = [this, words](Context& context) {
      const CLI::App* chosen = &app_;
      std::string name = app_.get_name();
      for (const std::string& word : *words) {
        const auto known =
            chosen->get_subcommands([&word](const CLI::App* each) { return each->get_name() == word; });
        if (known.empty()) {
          return report_usage(context.out, "there is no command `" + word + "`", "`hubsync --help`");
        }
        chosen = known.front();
        name += " " + word;
      }
      // App::help() would tell of `help`, which is the command that was parsed.
      context.out.text(chosen->get_formatter()->make_help(chosen, name, CLI::AppFormatMode::Normal));
      return ExitCode::done;
    };
  });
}

}  // namespace hubsync::cli
