// $PAGER behind the standard output, as gh and git do it. One thread. Does not decide which commands are
// paged.
#pragma once

#include <sys/types.h>

#include <memory>

namespace hubsync::cli {

/// While it lives, what goes to the terminal goes through the pager; its end waits for the reader to finish.
class Pager {
 public:
  /// Nothing unless standard output is a terminal and PAGER names a program.
  static std::unique_ptr<Pager> start();

  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;
  ~Pager();

 private:
  Pager(pid_t child, int out, int err) : child_(child), out_(out), err_(err) {}

  pid_t child_;
  int out_;  ///< The terminal, for afterwards.
  int err_;  ///< The same of standard error; none when that is no terminal.
};

}  // namespace hubsync::cli
