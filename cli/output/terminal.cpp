#include "cli/output/terminal.hpp"

#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

namespace hubsync::cli {
namespace {

/// Keys come one by one and unseen while this lives. Ctrl-C goes on to interrupt.
class SingleKeys {
 public:
  SingleKeys() {
    active_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (active_) {
      termios raw = before_;
      raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
      raw.c_cc[VMIN] = 1;
      raw.c_cc[VTIME] = 0;
      ::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    }
  }
  SingleKeys(const SingleKeys&) = delete;
  SingleKeys& operator=(const SingleKeys&) = delete;
  ~SingleKeys() {
    if (active_) {
      ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    }
  }

 private:
  termios before_{};
  bool active_ = false;
};

std::optional<char> read_byte() {
  char byte = 0;
  ssize_t got = 0;
  do {
    got = ::read(STDIN_FILENO, &byte, 1);
  } while (got < 0 && errno == EINTR);
  return got == 1 ? std::optional{byte} : std::nullopt;
}

/// A private file that goes away with this.
class TextFile {
 public:
  TextFile() {
    const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
    path_ = std::string{runtime == nullptr || *runtime == '\0' ? "/tmp" : runtime} + "/hubsync-XXXXXX";
    const int fd = ::mkstemp(path_.data());
    made_ = fd >= 0;
    if (made_) {
      ::close(fd);
    }
  }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  ~TextFile() {
    if (made_) {
      ::unlink(path_.c_str());
    }
  }

  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_ = false;
};

/// Runs the editor as git and others do: the variable may hold options.
bool run_editor(const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    const char* const script = R"(exec ${VISUAL:-${EDITOR:-vi}} "$1")";
    ::execl("/bin/sh", "sh", "-c", script, "sh", path.c_str(), nullptr);
    ::_exit(127);
  }
  if (child < 0) {
    return false;
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

class SystemTerminal final : public Terminal {
 public:
  [[nodiscard]] bool interactive() const override {
    return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
  }

  std::optional<char> key(std::string_view prompt, std::string_view keys) override {
    std::cout << std::flush;
    std::cerr << prompt << std::flush;
    const SingleKeys mode;
    while (const auto byte = read_byte()) {
      if (keys.contains(*byte)) {
        std::cerr << *byte << '\n' << std::flush;
        return byte;
      }
      if (*byte == '\x04') {  // Ctrl-D: the end of the input.
        break;
      }
    }
    std::cerr << '\n' << std::flush;
    return std::nullopt;
  }

  std::optional<std::string> line(std::string_view prompt) override {
    std::cout << std::flush;
    std::cerr << prompt << std::flush;
    std::string text;
    while (const auto byte = read_byte()) {
      if (*byte == '\n') {
        return text;
      }
      text += *byte;
    }
    std::cerr << '\n' << std::flush;
    return std::nullopt;
  }

  std::optional<std::string> edit(const std::string& text) override {
    const TextFile file;
    if (!file.made()) {
      return std::nullopt;
    }
    std::ofstream{file.path()} << text;
    if (!run_editor(file.path())) {
      return std::nullopt;
    }
    std::ifstream edited{file.path()};
    return std::string{std::istreambuf_iterator<char>{edited}, {}};
  }
};

}  // namespace

std::unique_ptr<Terminal> system_terminal() {
  return std::make_unique<SystemTerminal>();
}

}  // namespace hubsync::cli
