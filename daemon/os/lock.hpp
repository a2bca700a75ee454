// One daemon for one database, and a process that leaves no copy of its memory behind. Start-up.
#pragma once

#include <string>

#include "common/result.hpp"
#include "daemon/os/file.hpp"

namespace hubsync {

/// Holds the exclusive lock beside a database for as long as it lives (I38). The kernel gives it back however
/// the process ends; the file stays, because removing it would let two daemons lock two files of one name.
class DatabaseLock {
 public:
  /// Locks `DATABASE.lock`, and makes the database's directory when it is missing; `conflict`, naming the
  /// holder's process id, when another daemon has it.
  [[nodiscard]] static Result<DatabaseLock> acquire(const std::string& database);

 private:
  explicit DatabaseLock(FileDescriptor file) : file_(std::move(file)) {}

  FileDescriptor file_;
};

/// No core dump, no debugger of the same user, new files private, and a broken pipe or a full quota is an
/// error code instead of the end. Call first thing in main. The control socket needs its mode set explicitly
/// after this.
void harden_process();

}  // namespace hubsync
