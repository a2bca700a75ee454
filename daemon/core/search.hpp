// A CRM search as plain data: what is asked and what comes back (HUBSPOT.md §5). Any thread.
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

}  // namespace hubsync
