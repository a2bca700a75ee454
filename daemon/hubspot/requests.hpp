// Requests to HubSpot's CRM API from what the engine asks for (HUBSPOT.md §4–§7). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/core/rules.hpp"
#include "daemon/core/search.hpp"
#include "daemon/hubspot/paths.hpp"
#include "daemon/ports/hub_types.hpp"
#include "daemon/ports/transport.hpp"

namespace hubsync {

/// The body of a search may be no longer (HUBSPOT.md §5).
inline constexpr std::size_t max_search_body = 3'000;

/// What to ask for to fill RemoteRecord: the mapped properties, the modified time, the ids merged into it
/// and, where it exists, hubsync_id.
[[nodiscard]] std::vector<std::string> wanted_properties(const TypeRules& rules, bool with_uid);

/// Whether so many names are too long for a URL (HUBSPOT.md §4.2).
[[nodiscard]] bool is_too_wide_for_url(const std::vector<std::string>& properties);

[[nodiscard]] HttpRequest list_request(
    const ApiPaths& paths,
    const TypeRules& rules,
    const std::vector<std::string>& properties,
    const std::optional<std::string>& after,
    bool archived
);

struct ReadSpec {
  std::vector<std::string> properties;
  std::vector<std::string> keys;  ///< Record ids, or values of `id_property`.
  std::string id_property = {};
  bool archived = false;
  bool with_history = false;
};
/// Of one record by its id. Unlike a batch it surely finds the survivor of a merge by a former id (HUBSPOT.md
/// §4.6).
[[nodiscard]] HttpRequest get_request(const ApiPaths& paths, const TypeRules& rules, const ReadSpec& spec);
[[nodiscard]] HttpRequest read_request(const ApiPaths& paths, const TypeRules& rules, const ReadSpec& spec);

/// The body may be over max_search_body: the caller looks.
[[nodiscard]] HttpRequest search_request(
    const ApiPaths& paths, const TypeRules& rules, const SearchQuery& query
);

/// Every input must be valid UTF-8 and have what its kind needs.
[[nodiscard]] HttpRequest write_request(
    const ApiPaths& paths,
    const TypeRules& rules,
    WriteKind kind,
    const std::vector<const WriteInput*>& inputs
);

[[nodiscard]] HttpRequest archive_request(
    const ApiPaths& paths, const TypeRules& rules, const std::vector<HubspotId>& ids
);

/// The type must have a reference field, here and below.
[[nodiscard]] HttpRequest read_references_request(
    const ApiPaths& paths, const TypeRules& rules, const std::vector<HubspotId>& ids
);
[[nodiscard]] HttpRequest associate_request(
    const ApiPaths& paths, const TypeRules& rules, const std::vector<Link>& links
);
[[nodiscard]] HttpRequest dissociate_request(
    const ApiPaths& paths, const TypeRules& rules, const std::vector<Link>& links
);

[[nodiscard]] HttpRequest text_property_request(
    const ApiPaths& paths, const TypeRules& rules, const std::string& name, const std::string& label
);
[[nodiscard]] HttpRequest uid_property_request(const ApiPaths& paths, const TypeRules& rules);

}  // namespace hubsync
