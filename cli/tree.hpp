// The command tree of hubsync: binds each command's options to its argument struct, nothing else. tree.cpp
// has the daily commands, tree_operate.cpp those of the one who runs the daemon. One thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct Globals {
  std::string socket{api::default_socket};
  bool json = false;
  bool quiet = false;
  bool no_color = false;
};

/// What the chosen command does, set by its callback while parsing.
using Action = std::function<ExitCode(Context&)>;

/// Binds commands to actions. The arguments live as long as the action that holds them.
class Tree {
 public:
  explicit Tree(Globals& globals);

  CLI::App& app() { return app_; }
  [[nodiscard]] const Action& action() const { return action_; }
  /// The chosen command prints all it has, asks nothing and ends: long output may go through a pager.
  [[nodiscard]] bool fills_screens() const;

 private:
  CLI::App& command(CLI::App& parent, const std::string& name, const std::string& help) {
    return *parent.add_subcommand(name, help)->fallthrough();
  }

  /// A command whose arguments `bind` attaches to its options.
  template <class Args>
  void leaf(
      CLI::App& parent,
      const std::string& name,
      const std::string& help,
      Args defaults,
      void (*bind)(CLI::App&, Args&),
      ExitCode (*run)(const Args&, Context&)
  ) {
    CLI::App& app = command(parent, name, help);
    auto args = std::make_shared<Args>(std::move(defaults));
    bind(app, *args);
    app.callback([this, args, run] {
      action_ = [args, run](Context& context) { return run(*args, context); };
    });
  }

  /// An empty type: each command takes one.
  void add_records(CLI::App& group, const std::string& type, const std::string& one);
  void add_conflicts();
  void add_queue();
  void add_webhooks();
  void add_config();
  void add_operating();
  void add_database();
  void add_transfer();
  void add_comparing();
  void add_completion();
  void add_help();

  CLI::App app_{"Keeps records in step with HubSpot: the command line of hubsyncd.", "hubsync"};
  Action action_;
};

template <class Args>
void nothing(CLI::App&, Args&) {}

void bind_pages(CLI::App& app, std::int64_t& page, std::int64_t& limit);
void bind_id(CLI::App& app, std::string& id, const char* help);
/// A name that a type may have; of HubSpot's own types the plural, for the singular as well.
[[nodiscard]] CLI::Validator known_type();

}  // namespace hubsync::cli
