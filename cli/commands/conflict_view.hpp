// Conflicts as people see them: who it is about, the two versions side by side, what was decided. Pure.
#pragma once

#include <string>
#include <string_view>

#include "cli/output/table.hpp"
#include "common/api.hpp"
#include "common/time.hpp"

namespace hubsync::cli {

/// How a conflict may be drawn.
struct View {
  std::size_t columns = 80;
  bool colours = false;
};

/// The record in a person's words: its e-mail, its name, else its id. Not escaped.
[[nodiscard]] std::string label_of(const api::Conflict& conflict);

/// "high", "medium", "normal": deletions, natural keys, the rest.
[[nodiscard]] Cell priority_cell(std::int64_t priority);

/// A field's value in one of the versions; "" for empty. "deleted" reads as "deleted" or "alive".
[[nodiscard]] std::string version_value(const api::FieldList& version, std::string_view field);

/// "phone, email".
[[nodiscard]] std::string joined(const std::vector<std::string>& words);

/// One row a field: local, base in the middle, HubSpot; what differs from the base is marked.
[[nodiscard]] std::string side_by_side(const api::Conflict& conflict, const View& view);

/// Everything about one conflict.
[[nodiscard]] std::string conflict_report(const api::Conflict& conflict, Instant now, const View& view);

}  // namespace hubsync::cli
