// HubSpot's property history: who gave a property which value when, and whether a value of somebody else's
// was overwritten between our read and our write (I6). Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/time.hpp"

namespace hubsync {

/// One value that a property had in HubSpot.
struct PropertyVersion {
  std::string value;
  Instant at{};
  std::string source;  ///< HubSpot's sourceType, such as CRM_UI or INTEGRATION.
  std::string user;    ///< Who, as far as HubSpot tells; may be empty.
  bool operator==(const PropertyVersion&) const = default;
};

/// By local field name; each newest first.
using Histories = std::map<std::string, std::vector<PropertyVersion>, std::less<>>;

/// Versions kept of one property.
inline constexpr std::size_t max_versions = 20;

/// The values that stood between what we knew and what we wrote over it, newest first. `known` begins with
/// the value we had seen and goes on with what we wrote, the last one last. Nothing when the history does not
/// show our write, or does not reach back to what we had seen: then it proves nothing.
[[nodiscard]] std::vector<PropertyVersion> overwritten(
    const std::vector<PropertyVersion>& history, const std::vector<std::string>& known
);

}  // namespace hubsync
