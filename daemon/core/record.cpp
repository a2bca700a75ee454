#include "daemon/core/record.hpp"

#include <charconv>

#include "daemon/core/names.hpp"

namespace hubsync {
namespace {

constexpr std::string_view unresolved_prefix = "hubspot:";

constexpr Names<SyncStatus, 4> status_names{
    {{SyncStatus::pending, "pending"},
     {SyncStatus::synced, "synced"},
     {SyncStatus::conflict, "conflict"},
     {SyncStatus::error, "error"}}
};

constexpr Names<SyncDirection, 4> direction_names{
    {{SyncDirection::none, ""},
     {SyncDirection::to_hubspot, "to_hubspot"},
     {SyncDirection::from_hubspot, "from_hubspot"},
     {SyncDirection::bidirectional, "bidirectional"}}
};

}  // namespace

std::optional<HubspotId> parse_hubspot_id(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number <= 0) {
    return std::nullopt;
  }
  return HubspotId{number};
}

std::string_view to_string(SyncStatus status) {
  return name_of(status_names, status);
}
std::string_view to_string(SyncDirection direction) {
  return name_of(direction_names, direction);
}

std::optional<SyncStatus> parse_sync_status(std::string_view text) {
  return value_of(status_names, text);
}
std::optional<SyncDirection> parse_sync_direction(std::string_view text) {
  return value_of(direction_names, text);
}

const std::string& value_or_empty(const Fields& fields, std::string_view name) {
  static const std::string empty;
  const auto found = fields.find(name);
  return found == fields.end() ? empty : found->second;
}

std::string unresolved_reference(HubspotId id) {
  return std::string{unresolved_prefix}.append(to_string(id));
}

std::optional<HubspotId> parse_unresolved_reference(std::string_view value) {
  if (!value.starts_with(unresolved_prefix)) {
    return std::nullopt;
  }
  return parse_hubspot_id(value.substr(unresolved_prefix.size()));
}

bool is_subset(const Fields& part, const Fields& whole) {
  for (const auto& [field, value] : part) {
    const auto found = whole.find(field);
    if (found == whole.end() || found->second != value) {
      return false;
    }
  }
  return true;
}

}  // namespace hubsync
