// `hubsync db`: a copy of the daemon's database, and whether the database is whole.
#pragma once

#include <string>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct BackupArgs {
  std::string file;
  bool force = false;
};

ExitCode run_backup(const BackupArgs& args, Context& context);
/// Damage exits 1.
ExitCode run_db_check(Context& context);

}  // namespace hubsync::cli
