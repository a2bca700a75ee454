#include "cli/output/pager.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string_view>

namespace hubsync::cli {
namespace {

/// The variable may hold options. less quits where one screen is enough, and takes colours.
[[noreturn]] void become_pager(const char* command, int input) {
  ::dup2(input, STDIN_FILENO);
  ::setenv("LESS", "FRX", 0);
  ::execl("/bin/sh", "sh", "-c", command, nullptr);
  ::_exit(127);
}

int saved(int descriptor) {
  return ::isatty(descriptor) == 1 ? ::fcntl(descriptor, F_DUPFD_CLOEXEC, 3) : -1;
}

void restore(int descriptor, int terminal) {
  if (terminal >= 0) {
    ::dup2(terminal, descriptor);
    ::close(terminal);
  }
}

}  // namespace

std::unique_ptr<Pager> Pager::start() {
  const char* const command = std::getenv("PAGER");
  const bool wanted = command != nullptr && *command != '\0' && std::string_view{command} != "cat";
  std::array<int, 2> ends{};
  if (!wanted || ::isatty(STDOUT_FILENO) != 1 || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return nullptr;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    become_pager(command, ends[0]);
  }
  ::close(ends[0]);
  std::unique_ptr<Pager> pager;
  if (child > 0) {
    std::signal(SIGPIPE, SIG_IGN);  // A reader who has seen enough.
    pager.reset(new Pager{child, saved(STDOUT_FILENO), saved(STDERR_FILENO)});
    ::dup2(ends[1], STDOUT_FILENO);
    if (pager->err_ >= 0) {
      ::dup2(ends[1], STDERR_FILENO);
    }
  }
  ::close(ends[1]);
  return pager;
}

Pager::~Pager() {
  std::cout.flush();
  std::signal(SIGINT, SIG_IGN);  // It is the pager's now.
  restore(STDOUT_FILENO, out_);
  restore(STDERR_FILENO, err_);
  int status = 0;
  while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace hubsync::cli
