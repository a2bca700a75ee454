#include "cli/commands/completion.hpp"
#include "cli/commands/config.hpp"
#include "cli/commands/guard.hpp"
#include "cli/tree.hpp"

namespace hubsync::cli {

void Tree::add_operating() {
  CLI::App& guard = command(app_, "guard", "What a guard stopped");
  guard.require_subcommand(1);
  leaf<GuardListArgs>(
      guard,
      "list",
      "What waits for a person",
      {},
      [](CLI::App& app, GuardListArgs& args) { bind_pages(app, args.page, args.limit); },
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
      node.words = {"contacts", "companies"};
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

}  // namespace hubsync::cli
