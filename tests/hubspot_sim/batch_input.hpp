// Checks that the batch endpoints share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/hubspot_sim/call.hpp"

namespace hubspot_sim {

inline constexpr std::size_t max_batch = 100;

/// At most `most` inputs, all of them objects.
[[nodiscard]] std::optional<ApiError> check_batch(const nlohmann::json& inputs, std::size_t most);
/// No key twice; empty keys do not count.
[[nodiscard]] std::optional<ApiError> check_duplicates(const std::vector<std::string>& keys);
/// Whether records can be addressed by this property: a unique one; the e-mail address only where `email`
/// says so.
[[nodiscard]] std::optional<ApiError> check_id_property(
    const Call& call, const std::string& property, bool email
);

}  // namespace hubspot_sim
