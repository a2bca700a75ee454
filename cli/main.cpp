// hubsync: parses the command line, connects the chosen command to the daemon, exits with what it returns.
#include <algorithm>
#include <iostream>
#include <thread>

#include "cli/output/pager.hpp"
#include "cli/output/standard.hpp"
#include "cli/tree.hpp"

namespace hubsync::cli {
namespace {

class SystemClock : public Clock {
 public:
  [[nodiscard]] Instant now() const override {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  }
  void sleep(Duration duration) override { std::this_thread::sleep_for(duration); }
};

Output make_output(const Globals& globals) {
  return standard_output(globals.json, globals.quiet, !globals.no_color);
}

/// Help goes to stdout and is no error; a wrong use is told on stderr, as JSON when the words ask for it.
int parse_failed(Tree& tree, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    return tree.app().exit(error);
  }
  Globals globals;
  globals.json =
      std::any_of(argv, argv + argc, [](const char* word) { return std::string_view{word} == "--json"; });
  // CLI11 misses the command before it looks at the word that stands in its place.
  const auto extra = tree.app().remaining(true);
  const bool unknown = !extra.empty() && !extra.front().starts_with('-');
  const std::string message = unknown ? "unknown command or word `" + extra.front() + "`" : error.what();
  make_output(globals).error({ErrorCode::invalid, message, "`hubsync --help`, `hubsync COMMAND --help`", ""});
  return static_cast<int>(ExitCode::usage);
}

int run(int argc, char** argv) {
  Globals globals;
  Tree tree{globals};
  try {
    tree.app().parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return parse_failed(tree, error, argc, argv);
  }
  Output out = make_output(globals);
  const auto pager = tree.fills_screens() ? Pager::start() : nullptr;
  SystemClock clock;
  const auto transport = unix_socket_transport(globals.socket);
  Client client{*transport};
  const auto terminal = system_terminal();
  Context context{client, out, clock, *terminal};
  const ExitCode code = tree.action()(context);
  // A full disk or a closed pipe must not look like success; a pager that was left is neither.
  return std::cout.good() || pager ? static_cast<int>(code) : static_cast<int>(ExitCode::failed);
}

}  // namespace
}  // namespace hubsync::cli

int main(int argc, char** argv) {
  try {
    return hubsync::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "hubsync: " << error.what() << '\n';
    return static_cast<int>(hubsync::api::ExitCode::failed);
  }
}
