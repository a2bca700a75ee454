// Where HubSpot's API lives, by version, as data (HUBSPOT.md §1). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace hubsync {

/// The path prefixes of one API version; an object type or a pair of them follows.
struct ApiPaths {
  std::string_view version;
  std::string_view objects;
  std::string_view associations;
  std::string_view properties;
  std::string_view account;

  [[nodiscard]] std::string object(std::string_view type, std::string_view rest = "") const;
  [[nodiscard]] std::string association(std::string_view from, std::string_view to, std::string_view rest)
      const;
  [[nodiscard]] std::string property(std::string_view type) const;
};

/// "2026-09", "2026-03" or "v3" (which has its associations in v4); null for anything else.
[[nodiscard]] const ApiPaths* find_api_version(std::string_view version);

/// Escapes everything but letters, digits and "-._~,": for a query value.
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace hubsync
