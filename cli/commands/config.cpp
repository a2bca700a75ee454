#include "cli/commands/config.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "common/text.hpp"

namespace hubsync::cli {
namespace {

/// What a child printed, on both of its outputs, and how it ended.
struct Finished {
  int status = 0;
  std::string output;
};

/// hubsyncd beside this program, as it is installed and as it is built; else the name, for PATH.
std::string find_daemon() {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = own.parent_path() / "hubsyncd";
  return !error && std::filesystem::exists(beside, error) ? beside.string() : "hubsyncd";
}

std::string read_all(int descriptor) {
  constexpr std::size_t most = 64UL * 1024;
  std::string out;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return out;
    }
    // The rest is read and dropped, so that the child does not block.
    if (out.size() < most) {
      out.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }
}

std::optional<Finished> run_child(std::vector<std::string> words) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return std::nullopt;
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::optional<Finished> finished;
  if (failed == 0) {
    finished.emplace().output = read_all(ends[0]);
    while (::waitpid(child, &finished->status, 0) < 0 && errno == EINTR) {
    }
  }
  ::close(ends[0]);
  return finished;
}

/// The child's lines, safe to show.
std::string safe_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out += terminal_safe(text.substr(0, end)) + "\n";
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return out;
}

}  // namespace

ExitCode run_config_check(const ConfigCheckArgs& args, Output& out) {
  std::vector<std::string> words{args.daemon.empty() ? find_daemon() : args.daemon, "--check-config"};
  if (!args.file.empty()) {
    words.insert(words.end(), {"--config", args.file});
  }
  const auto finished = run_child(words);
  if (!finished) {
    out.error({ErrorCode::not_found, "cannot run hubsyncd, which checks the file", "is it installed?", ""});
    return ExitCode::failed;
  }
  const bool valid = WIFEXITED(finished->status) && WEXITSTATUS(finished->status) == 0;
  if (!valid) {
    const std::string text = finished->output.substr(0, finished->output.find_last_not_of('\n') + 1);
    out.json() ? out.error({ErrorCode::invalid, text, "", ""}) : out.draw(safe_lines(text));
    return ExitCode::failed;
  }
  if (out.json()) {
    out.json_line("{\"valid\":true}");
  } else if (!out.quiet()) {
    out.text(finished->output.empty() ? "the configuration is valid\n" : safe_lines(finished->output));
  }
  return ExitCode::done;
}

ExitCode run_config_show(Context& context) {
  const auto answer = context.client.config();
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
    return ExitCode::done;
  }
  context.out.text(safe_lines(answer->value.toml));
  return ExitCode::done;
}

}  // namespace hubsync::cli
