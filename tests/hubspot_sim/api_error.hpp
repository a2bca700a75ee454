// HubSpot's error bodies: one description, written as a whole answer or as an item of a batch answer
// (HUBSPOT.md §3).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubspot_sim {

using Context = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// One entry of `errors[]`.
struct ErrorDetail {
  std::string message;
  std::string code;
  Context context;
};

struct ApiError {
  int status = 400;
  std::string category;  ///< Empty: the body has none, as with the bare 404.
  std::string message;
  std::string sub_category;
  std::vector<ErrorDetail> details;
  Context context;
  Context item_context;  ///< Shown in batch items only: a single 409 names the id in its text alone.
  std::string scopes_link;
};

template <typename T>
using Expected = std::expected<T, ApiError>;
using Unexpected = std::unexpected<ApiError>;

/// A property value that HubSpot refuses.
struct PropertyError {
  std::string name;
  std::string code;
  std::string message;
};

[[nodiscard]] ApiError validation_error(std::string message);
/// The 400 whose message carries the list of refused values as JSON text.
[[nodiscard]] ApiError property_values_error(
    const std::vector<PropertyError>& errors, std::int64_t portal_id
);
[[nodiscard]] ApiError bare_not_found();
[[nodiscard]] ApiError object_not_found();

/// The JSON of a whole error answer.
[[nodiscard]] std::string error_body(const ApiError& error, std::string_view correlation_id);
/// The JSON of one item in a batch answer's `errors`.
[[nodiscard]] std::string error_item(const ApiError& error);

}  // namespace hubspot_sim
