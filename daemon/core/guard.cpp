#include "daemon/core/guard.hpp"

#include <algorithm>

namespace hubsync {
namespace {

/// So that a small store is not stopped by a single deletion.
constexpr std::int64_t least_of_percentage = 5;

}  // namespace

std::int64_t allowed_deletions(const DeleteLimit& limit, std::int64_t live) {
  if (!limit.percent) {
    return limit.value;
  }
  const std::int64_t whole = live / 100 * limit.value;
  const std::int64_t rest = live % 100 * limit.value / 100;
  return std::max(least_of_percentage, whole + rest);
}

std::string describe(const Guard& guard) {
  const std::string where = guard.direction == SyncDirection::to_hubspot ? " in HubSpot" : " here";
  return std::to_string(guard.count) + (guard.count == 1 ? " deletion of " : " deletions of ") + guard.type +
         where + " held: more than max_delete lets through in an hour (" + std::to_string(guard.limit) + ")";
}

}  // namespace hubsync
