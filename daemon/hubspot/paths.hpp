// Where HubSpot's API lives, by version, as data (HUBSPOT.md §1). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "daemon/core/rules.hpp"

namespace hubsync {

/// The path prefixes of one API version; an object type or a pair of them follows.
struct ApiPaths {
  std::string_view version;
  std::string_view objects;
  std::string_view associations;
  std::string_view properties;
  std::string_view account;
  std::string_view token;  ///< OAuth's token endpoint.

  [[nodiscard]] std::string object(std::string_view type, std::string_view rest = "") const;
  [[nodiscard]] std::string association(std::string_view from, std::string_view to, std::string_view rest)
      const;
  [[nodiscard]] std::string property(std::string_view type) const;
};

/// "2026-09", "2026-03" or "v3" (which has its associations in v4); null for anything else.
[[nodiscard]] const ApiPaths* find_api_version(std::string_view version);

/// How a path names a type: HubSpot's own by name, all others by id.
[[nodiscard]] const std::string& path_name(const TypeRules& rules);

/// The group that every portal has for a type's properties (HUBSPOT.md §7).
[[nodiscard]] std::string property_group(const TypeRules& rules);

/// Escapes everything but letters, digits and "-._~,": for a query value.
[[nodiscard]] std::string percent_encode(std::string_view text);
/// The same, appended.
void append_percent_encoded(std::string& result, std::string_view text);

}  // namespace hubsync
