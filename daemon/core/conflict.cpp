#include "daemon/core/conflict.hpp"

#include <utility>

#include "daemon/core/names.hpp"

namespace hubsync {
namespace {

constexpr Names<Resolution, 5> resolution_names{
    {{Resolution::pending, "pending"},
     {Resolution::keep_local, "keep_local"},
     {Resolution::keep_hubspot, "keep_hubspot"},
     {Resolution::merged, "merged"},
     {Resolution::auto_resolved, "auto_resolved"}}
};

/// A conflict whose sides go on moving for months must not grow for ever.
constexpr std::size_t max_events = 100;

}  // namespace

void add_event(Conflict& conflict, ConflictEvent event) {
  if (conflict.events.size() >= max_events) {
    conflict.events.erase(conflict.events.begin() + 1);
  }
  conflict.events.push_back(std::move(event));
}

std::string_view to_string(Resolution resolution) {
  return name_of(resolution_names, resolution);
}
std::optional<Resolution> parse_resolution(std::string_view text) {
  return value_of(resolution_names, text);
}

}  // namespace hubsync
