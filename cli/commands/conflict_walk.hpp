// `hubsync conflicts resolve ID` with a person: field by field with single keys, or in $EDITOR.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "cli/commands/conflict_resolve.hpp"

namespace hubsync::cli {

ExitCode run_walk(const ResolveArgs& args, Context& context);
ExitCode run_edit(const ResolveArgs& args, Context& context);

/// The text that --edit opens: a line for each conflicting field, its values above it.
[[nodiscard]] std::string edit_text(const api::Conflict& conflict);

/// What the edited text decides; a field whose line is gone stays open. No fields: the person gave up.
[[nodiscard]] std::expected<api::ResolveRequest, Error> read_edited(
    std::string_view text, const api::Conflict& conflict
);

}  // namespace hubsync::cli
