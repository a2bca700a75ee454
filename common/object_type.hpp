// HubSpot's object types: what it fixes about those of its own, as a table, and what names and ids look like.
// Daemon and command line agree on the names. Plain data; any thread.
#pragma once

#include <span>
#include <string_view>

namespace hubsync {

/// A type that every portal has (HUBSPOT.md §2, §4.5, §4.7).
struct StandardType {
  std::string_view name;            ///< "deals": in paths, in the configuration, in the store.
  std::string_view singular;        ///< "deal": in the sync log and in webhooks.
  std::string_view object_type_id;  ///< "0-3"
  std::string_view modified_property;
  bool key_is_unique;  ///< HubSpot refuses two records with one key.
};

[[nodiscard]] std::span<const StandardType> standard_types();

/// By name or singular; null for any other word.
[[nodiscard]] const StandardType* find_standard_type(std::string_view text);

/// How scopes name a type: "deals" in crm.schemas.deals.write, "custom" for all that are not HubSpot's own.
[[nodiscard]] std::string_view scope_name(std::string_view type);

/// Lower-case letters, digits and _, a letter first, at most 64: it stands in paths and in webhooks.
[[nodiscard]] bool is_type_name(std::string_view text);

/// "0-7", "2-12345678".
[[nodiscard]] bool is_object_type_id(std::string_view text);

}  // namespace hubsync
