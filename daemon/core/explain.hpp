// Why a record is as it is, in words: what the planner sees in each field, and the rule that applies. Pure;
// any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/plan.hpp"
#include "daemon/core/record.hpp"
#include "daemon/core/rules.hpp"

namespace hubsync {

struct FieldExplanation {
  std::string field = {};
  std::string property = {};  ///< HubSpot's; empty for a reference and for a field that no rule maps.
  std::string rule = {};      ///< "conflict = newest"; empty for a field that no rule maps.
  std::string local = {};
  std::optional<std::string> remote = {};  ///< None: never seen.
  std::optional<BasePair> base = {};
  std::string state = {};  ///< in step | to HubSpot | from HubSpot | conflict | unknown | only here
  std::string why = {};    ///< A sentence.
};

struct RecordExplanation {
  std::string summary = {};  ///< A sentence about the record as a whole.
  std::vector<FieldExplanation> fields = {};
};

[[nodiscard]] RecordExplanation explain(
    const Record& record, const TypeRules& rules, Detection detection, Duration newest_margin
);

[[nodiscard]] std::string_view to_string(Presence presence);

}  // namespace hubsync
