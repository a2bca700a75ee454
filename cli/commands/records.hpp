// `hubsync contacts …`, `hubsync companies …`, `hubsync records …`: the same commands over any type.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct ListArgs {
  std::string type;
  RecordFilter filter;
  std::int64_t page = 1;
  bool all = false;  ///< Walk through everything, by id.
};

/// One record: show, delete, restore.
struct RecordArgs {
  std::string type;
  std::string id;
  std::optional<std::int64_t> if_version = {};
};

/// create and update: FIELD=VALUE, or "-" alone for JSON from standard input.
struct EditArgs {
  std::string type;
  std::string id = {};
  std::vector<std::string> assignments = {};
  std::optional<std::int64_t> if_version = {};
};

ExitCode run_list(const ListArgs& args, Context& context);
ExitCode run_show(const RecordArgs& args, Context& context);
ExitCode run_create(const EditArgs& args, Context& context, std::istream& input);
ExitCode run_update(const EditArgs& args, Context& context, std::istream& input);
ExitCode run_delete(const RecordArgs& args, Context& context);
ExitCode run_restore(const RecordArgs& args, Context& context);

}  // namespace hubsync::cli
