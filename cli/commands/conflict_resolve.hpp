// `hubsync conflicts resolve`: one conflict by options, by questions or in an editor, or many at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct ResolveArgs {
  std::string id = {};
  std::string keep = {};                 ///< local | hubspot
  std::vector<std::string> fields = {};  ///< phone=local, phone=value:…; with `all` names to filter by.
  bool edit = false;
  bool all = false;
  bool yes = false;
  bool partial = false;
  std::string type = {};
  std::optional<std::int64_t> if_version = {};
};

ExitCode run_resolve(const ResolveArgs& args, Context& context);

struct UndoArgs {
  std::string id;
};

/// Takes a decision back while nobody has edited since.
ExitCode run_undo(const UndoArgs& args, Context& context);

/// Sends one resolution and tells how it ended; a stale one with what the conflict is now.
ExitCode send_resolution(const std::string& id, const api::ResolveRequest& request, Context& context);

}  // namespace hubsync::cli
