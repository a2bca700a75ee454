// What HubSpot checks and normalises in the values of a write (HUBSPOT.md §4.3). Changes nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/hubspot_sim/api_error.hpp"
#include "tests/hubspot_sim/portal.hpp"

namespace hubspot_sim {

/// Normalised values by property.
using Changes = std::vector<std::pair<PropId, std::string>>;

struct ValueRules {
  bool set_read_only =
      false;  ///< A person or HubSpot itself writes: stored read-only properties are allowed.
  bool lenient_dates = false;  ///< 2026-09: a date property takes a time and keeps its day.
};

/// Checks `properties` of a write to `current` (null: a create).
[[nodiscard]] Expected<Changes> check_values(
    const Portal& portal,
    TypeIndex type,
    const nlohmann::json& properties,
    const Record* current,
    ValueRules rules
);

/// Checks that no other live record holds a value that must be unique; `id` is the record being written, 0 =
/// new.
[[nodiscard]] std::optional<ApiError> check_unique(
    const Portal& portal, TypeIndex type, const Changes& changes, std::int64_t id
);

/// Checks what a create must have.
[[nodiscard]] std::optional<ApiError> check_required(
    const Portal& portal, TypeIndex type, const Changes& changes
);

/// A JSON scalar as the text HubSpot takes it for; nothing for arrays and objects.
[[nodiscard]] std::optional<std::string> scalar_text(const nlohmann::json& value);

/// A time given as ISO text or epoch milliseconds.
[[nodiscard]] std::optional<hubsync::Instant> time_value(std::string_view text);

}  // namespace hubspot_sim
