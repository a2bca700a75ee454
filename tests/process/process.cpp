#include "tests/process/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace hubsync::rig {
namespace {

using Steady = std::chrono::steady_clock;

/// Between two looks at something that tells nobody when it changes.
constexpr Duration look_again{5};

/// Variables of ours that a child is given: the rest, secrets above all, stays here.
constexpr std::array passed_on{
    "PATH", "LANG", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "ASAN_SYMBOLIZER_PATH"
};

[[noreturn]] void fail_system(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::vector<std::string> environment_lines(const Environment& added) {
  Environment all;
  for (const char* const name : passed_on) {
    if (const char* const value = std::getenv(name)) {
      all[name] = value;
    }
  }
  for (const auto& [name, value] : added) {
    all[name] = value;
  }
  std::vector<std::string> lines;
  for (const auto& [name, value] : all) {
    lines.push_back(name + "=" + value);
  }
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) {
    result.push_back(word.data());
  }
  result.push_back(nullptr);
  return result;
}

int open_for_child(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (file < 0) {
    fail_system(path);
  }
  return file;
}

/// Between fork and exec: only calls that a signal handler may make.
[[noreturn]] void become(char** words, char** environment, const std::array<int, 3>& files, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int target = 0; target < 3; ++target) {
    if (::dup2(files[static_cast<std::size_t>(target)], target) < 0) {
      ::_exit(126);
    }
  }
  // The parent may have died before prctl().
  if (::getppid() == parent) {
    ::execve(words[0], words, environment);
  }
  ::_exit(127);
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "hubsync-process.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    fail_system(name);
  }
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>{file}, {}};
}

void write_file(const std::string& path, std::string_view text, mode_t mode) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file || ::chmod(path.c_str(), mode) != 0) {
    fail_system(path);
  }
}

std::string program(std::string_view name) {
  return std::string{HUBSYNC_BIN_DIR "/"} += name;
}

Process::Process(const std::string& log, const Launch& launch) : log_(log) {
  std::vector<std::string> words = launch.words;
  std::vector<std::string> lines = environment_lines(launch.environment);
  const std::vector<char*> word_pointers = pointers(words);
  const std::vector<char*> line_pointers = pointers(lines);
  write_file(log + ".in", launch.input);
  const std::array<int, 3> files{
      open_for_child(log + ".in", O_RDONLY),
      open_for_child(log + ".out", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND),
      open_for_child(log + ".err", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND)
  };
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    become(const_cast<char**>(word_pointers.data()), const_cast<char**>(line_pointers.data()), files, parent);
  }
  for (const int file : files) {
    ::close(file);
  }
  if (pid_ < 0) {
    fail_system("fork");
  }
  handle_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (handle_ < 0) {
    fail_system("pidfd_open");
  }
}

Process::~Process() {
  kill();
  ::close(handle_);
}

void Process::signal(int number) const {
  if (!code_) {
    ::kill(pid_, number);
  }
}

void Process::kill() {
  signal(SIGKILL);
  wait();
}

std::optional<int> Process::wait(Duration deadline) {
  if (code_) {
    return code_;
  }
  pollfd ended{.fd = handle_, .events = POLLIN, .revents = 0};
  if (::poll(&ended, 1, static_cast<int>(deadline.count())) == 1) {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  return code_;
}

bool Process::wait_until(const std::function<bool()>& condition, Duration deadline) {
  const auto end = Steady::now() + deadline;
  while (!condition()) {
    if (wait(look_again) || Steady::now() >= end) {
      return condition();
    }
  }
  return true;
}

std::string Process::wait_for_line(std::string_view beginning) {
  std::string rest;
  const auto found = [&] {
    const std::string text = "\n" + output();
    const std::size_t at = text.find("\n" + std::string{beginning});
    const std::size_t end = at == std::string::npos ? at : text.find('\n', at + 1);
    if (end == std::string::npos) {
      return false;
    }
    rest = text.substr(at + 1 + beginning.size(), end - at - 1 - beginning.size());
    return true;
  };
  if (!wait_until(found)) {
    throw std::runtime_error(log_ + " did not print \"" + std::string{beginning} + "\": " + errors());
  }
  return rest;
}

Finished run(const std::string& log, const Launch& launch, Duration deadline) {
  Process process{log, launch};
  const auto code = process.wait(deadline);
  if (!code) {
    throw std::runtime_error(log + " did not end in time: " + process.output() + process.errors());
  }
  return {*code, process.output(), process.errors()};
}

}  // namespace hubsync::rig
