// The rules that look at one file, or at the list of files, without a table of their own. Each appends what
// it finds. Layers, heavy headers and bans are in layers.hpp and bans.hpp. Any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/lint/source.hpp"

namespace lint {

/// Files of at most 500 lines, functions of at most 70, control flow and lambdas nested at most 4 deep in
/// them.
void check_shape(const Source& source, std::vector<Finding>& findings);

/// Blanks at a line's end, tabs, a missing last newline.
void check_text(std::string_view path, std::string_view content, std::vector<Finding>& findings);

/// `#pragma once` in headers, and a .cpp's own header first: so each header is known to stand alone.
void check_headers(const Source& source, bool has_own_header, std::vector<Finding>& findings);

/// Words in comments that say "not done yet", unless they name an issue.
void check_comments(const Source& source, std::vector<Finding>& findings);

/// SQL put together at run time: an SQL literal next to `+`, or handed to a format function.
void check_sql(const Source& source, std::vector<Finding>& findings);

/// Sources that no target compiles, but for those that begin with an `unbuilt` path. `compile_commands` is
/// CMake's JSON, `root` what its paths start with.
void check_targets(
    std::span<const Source> sources,
    std::string_view root,
    std::string_view compile_commands,
    std::span<const std::string> unbuilt,
    std::vector<Finding>& findings
);

/// Tests that tests/INVARIANTS.md (`table`) names in double quotes and that no source has.
void check_invariants(
    std::span<const Source> sources, std::string_view table, std::vector<Finding>& findings
);

/// Takes out the findings on lines that carry, or follow, `// lint:allow RULE: reason`.
void drop_allowed(const Source& source, std::vector<Finding>& findings);

}  // namespace lint
