// A program under test: a child in a process group of its own, with a clean environment and its output kept
// in files. One thread. Ends its child, by pid, when it goes out of scope; the kernel ends it when the tests
// die.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.hpp"

namespace hubsync::rig {

/// How long a test waits for anything before it fails: sanitizers and a busy machine are slow.
inline constexpr Duration patience{60'000};

/// A directory that goes away with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

[[nodiscard]] std::string read_file(const std::string& path);
void write_file(const std::string& path, std::string_view text, mode_t mode = 0600);

/// The path of one of the programs of this build: "hubsyncd".
[[nodiscard]] std::string program(std::string_view name);

using Environment = std::map<std::string, std::string>;

struct Launch {
  std::vector<std::string> words;  ///< The program's path, then its arguments.
  Environment environment = {};    ///< Beside PATH and what sanitizers read.
  std::string input = {};          ///< Standard input.
};

class Process {
 public:
  /// Starts it; `log` is where "NAME.out" and "NAME.err" are kept, and names the process.
  Process(const std::string& log, const Launch& launch);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// What it has printed so far.
  [[nodiscard]] std::string output() const { return read_file(log_ + ".out"); }
  [[nodiscard]] std::string errors() const { return read_file(log_ + ".err"); }

  void signal(int number) const;
  /// SIGKILL, and waits until it is gone.
  void kill();
  /// The exit code, or 128 + the signal; nothing when it still runs after `deadline`.
  std::optional<int> wait(Duration deadline = patience);
  [[nodiscard]] bool running() { return !wait(Duration{0}); }

  /// Waits until `condition` holds, looking again every few milliseconds; false when the process ended first
  /// or `deadline` passed.
  bool wait_until(const std::function<bool()>& condition, Duration deadline = patience);

  /// Waits for a line that begins with this on its standard output, and returns the rest of the line.
  std::string wait_for_line(std::string_view beginning);

 private:
  std::string log_;
  pid_t pid_ = 0;
  int handle_ = -1;
  std::optional<int> code_;
};

/// What a program that has ended left.
struct Finished {
  int code = 0;
  std::string out;
  std::string err;
};

/// Runs a program to its end; fails the test when it takes longer than `deadline`.
[[nodiscard]] Finished run(const std::string& log, const Launch& launch, Duration deadline = patience);

}  // namespace hubsync::rig
