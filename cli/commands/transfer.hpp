// `hubsync export` and `hubsync import`: all records of a type as JSON Lines or CSV. Both stream: no step
// holds them all.
#pragma once

#include <istream>
#include <string>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct ExportArgs {
  std::string type;
  std::string format = "jsonl";
  bool deleted = false;
};

struct ImportArgs {
  std::string type;
  std::string file;         ///< "-": standard input.
  std::string format = {};  ///< Empty: by the file's name, else jsonl.
};

ExitCode run_export(const ExportArgs& args, Context& context);
/// A line with an id changes that record, one without creates; lines that fail exit 6.
ExitCode run_import(const ImportArgs& args, Context& context);
ExitCode import_from(std::istream& input, const ImportArgs& args, Context& context);

}  // namespace hubsync::cli
