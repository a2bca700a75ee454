// A CRM search as plain data: what is asked and what comes back (HUBSPOT.md §5). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/time.hpp"
#include "daemon/core/record.hpp"

namespace hubsync {

struct SearchFilter {
  std::string property;
  std::string op;  ///< "EQ", "GTE", "LT", "GT", "IN" as HubSpot spells them.
  std::vector<std::string> values;
  bool operator==(const SearchFilter&) const = default;
};

struct SearchQuery {
  std::vector<SearchFilter> filters;  ///< All must hold.
  std::string sort;                   ///< Property, ascending.
  int limit = 200;
  std::optional<std::string> after = {};

  bool operator==(const SearchQuery&) const = default;
};

struct SearchHit {
  HubspotId id;
  std::optional<Instant> modified;
};

struct SearchPage {
  std::vector<SearchHit> hits;
  std::int64_t total = 0;
  std::optional<std::string> next;
};

/// The values of one IN filter, spread over as many searches as keep each below HubSpot's 3,000 characters
/// (HUBSPOT.md §5). A value too long for any search is left out.
[[nodiscard]] std::vector<std::vector<std::string>> search_parts(std::vector<std::string> values);

}  // namespace hubsync
