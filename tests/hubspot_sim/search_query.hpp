// A search request's filters, checked and ready to be asked of records (HUBSPOT.md §5).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/hubspot_sim/api_error.hpp"
#include "tests/hubspot_sim/portal.hpp"
#include "tests/hubspot_sim/search_index.hpp"

namespace hubspot_sim {

enum class Operator {
  eq,
  neq,
  lt,
  lte,
  gt,
  gte,
  between,
  in,
  not_in,
  has_property,
  not_has_property,
  contains_token,
  not_contains_token
};

struct Filter {
  PropId prop = 0;
  Operator op = Operator::eq;
  ValueType type = ValueType::string;
  bool modified = false;  ///< On the modified time.
  bool object_id = false;
  std::int64_t associated = -1;     ///< The object type of an `associations.company` filter, else −1.
  std::vector<std::string> values;  ///< Lower-cased; the operands in order, high end last.
  std::vector<double> numbers;      ///< The operands of a number or a time.
};

using FilterGroup = std::vector<Filter>;

struct SearchQuery {
  std::vector<FilterGroup> groups;
  std::string words;  ///< `query`, lower-cased.
  PropId sort = 0;
  bool descending = false;
  std::int64_t limit = 10;
  std::int64_t after = 0;
};

[[nodiscard]] Expected<SearchQuery> parse_search(
    const Portal& portal, TypeIndex type, const nlohmann::json& body
);

/// Whether a record satisfies a group (or, without groups, everything does) as the index sees it.
[[nodiscard]] bool matches(
    const Portal& portal,
    TypeIndex type,
    const SearchIndex& index,
    const SearchQuery& query,
    const Record& record
);

/// A value as a number: a number as it is, a time as epoch milliseconds.
[[nodiscard]] double as_number(ValueType type, std::string_view text);
[[nodiscard]] bool is_numeric(ValueType type);

}  // namespace hubspot_sim
