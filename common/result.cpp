#include "common/result.hpp"

#include <algorithm>
#include <array>

namespace hubsync {
namespace {

constexpr std::array<std::pair<ErrorCode, std::string_view>, 13> code_names{{
    {ErrorCode::invalid, "invalid"},
    {ErrorCode::unauthorized, "unauthorized"},
    {ErrorCode::forbidden, "forbidden"},
    {ErrorCode::not_found, "not_found"},
    {ErrorCode::not_allowed, "not_allowed"},
    {ErrorCode::conflict, "conflict"},
    {ErrorCode::stale, "stale"},
    {ErrorCode::too_large, "too_large"},
    {ErrorCode::unprocessable, "unprocessable"},
    {ErrorCode::refused, "refused"},
    {ErrorCode::guarded, "guarded"},
    {ErrorCode::unavailable, "unavailable"},
    {ErrorCode::internal, "internal"},
}};

}  // namespace

std::string_view error_code_name(ErrorCode code) {
  const auto found = std::ranges::find(code_names, code, &std::pair<ErrorCode, std::string_view>::first);
  return found == code_names.end() ? "internal" : found->second;
}

std::optional<ErrorCode> parse_error_code(std::string_view name) {
  const auto found = std::ranges::find(code_names, name, &std::pair<ErrorCode, std::string_view>::second);
  return found == code_names.end() ? std::nullopt : std::optional{found->first};
}

}  // namespace hubsync
