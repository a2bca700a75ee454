#include "tests/hubspot_sim/search_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <nlohmann/json.hpp>

#include "tests/hubspot_sim/call.hpp"
#include "tests/hubspot_sim/validate.hpp"

namespace hubspot_sim {
namespace {

constexpr std::size_t max_groups = 5;
constexpr std::size_t max_filters_in_group = 6;
constexpr std::size_t max_filters = 18;
constexpr std::int64_t max_limit = 200;
constexpr std::int64_t max_results = 10'000;

constexpr std::array<std::pair<std::string_view, Operator>, 13> operators{{
    {"EQ", Operator::eq},
    {"NEQ", Operator::neq},
    {"LT", Operator::lt},
    {"LTE", Operator::lte},
    {"GT", Operator::gt},
    {"GTE", Operator::gte},
    {"BETWEEN", Operator::between},
    {"IN", Operator::in},
    {"NOT_IN", Operator::not_in},
    {"HAS_PROPERTY", Operator::has_property},
    {"NOT_HAS_PROPERTY", Operator::not_has_property},
    {"CONTAINS_TOKEN", Operator::contains_token},
    {"NOT_CONTAINS_TOKEN", Operator::not_contains_token},
}};

Unexpected bad(std::string message) {
  return Unexpected{validation_error(std::move(message))};
}

std::vector<std::string> operands(const nlohmann::json& filter, Operator op) {
  if (op == Operator::in || op == Operator::not_in) {
    return string_list(filter, "values");
  }
  std::vector<std::string> values;
  if (op != Operator::has_property && op != Operator::not_has_property) {
    values.push_back(string_member(filter, "value"));
  }
  if (op == Operator::between) {
    values.push_back(string_member(filter, "highValue"));
  }
  return values;
}

Expected<Filter> parse_filter(const Portal& portal, TypeIndex type, const nlohmann::json& json) {
  const auto name = string_member(json, "propertyName");
  const auto op_name = string_member(json, "operator");
  const auto* const op = std::ranges::find(operators, op_name, &std::pair<std::string_view, Operator>::first);
  if (op == operators.end()) {
    return bad("Invalid input JSON: unknown operator '" + op_name + "'");
  }
  Filter filter;
  filter.op = op->second;
  filter.values = operands(json, filter.op);
  constexpr std::string_view association = "associations.";
  if (name.starts_with(association)) {
    const auto other = portal.schema.find_type(name.substr(association.size()));
    if (!other || filter.values.empty()) {
      return bad("There was a problem with the request: unknown association " + name);
    }
    filter.associated = *other;
    return filter;
  }
  const auto prop = portal.type(type).find(name);
  if (!prop) {
    return bad("There was a problem with the request: property " + name + " does not exist");
  }
  const auto& def = portal.type(type).properties[*prop];
  filter.prop = *prop;
  filter.type = def.type;
  filter.modified = def.computed == Computed::modified;
  filter.object_id = def.computed == Computed::object_id;
  for (auto& value : filter.values) {
    filter.numbers.push_back(as_number(def.type, value));
    value = def.type == ValueType::enumeration || def.type == ValueType::boolean ? value : lower(value);
  }
  return filter;
}

Expected<std::vector<FilterGroup>> parse_groups(
    const Portal& portal, TypeIndex type, const nlohmann::json& body
) {
  std::vector<FilterGroup> groups;
  auto json = body.contains("filterGroups") ? body.at("filterGroups") : nlohmann::json::array();
  if (body.contains("filters") && !body.contains("filterGroups")) {
    json.push_back({{"filters", body.at("filters")}});
  }
  if (!json.is_array() || json.size() > max_groups) {
    return bad("too many filterGroups: at most " + std::to_string(max_groups) + " are allowed");
  }
  std::size_t all = 0;
  for (const auto& group_json : json) {
    FilterGroup group;
    const auto filters = group_json.is_object() && group_json.contains("filters") ? group_json.at("filters")
                                                                                  : nlohmann::json::array();
    for (const auto& filter_json : filters) {
      auto filter = parse_filter(portal, type, filter_json);
      if (!filter) {
        return Unexpected{filter.error()};
      }
      group.push_back(std::move(*filter));
    }
    all += group.size();
    if (group.size() > max_filters_in_group || all > max_filters) {
      return bad("too many filters: at most 6 in a group and 18 in all are allowed");
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

std::optional<ApiError> parse_sort(
    const Portal& portal, TypeIndex type, const nlohmann::json& body, SearchQuery& query
) {
  query.sort = *portal.type(type).find("createdate");
  const auto sorts = body.find("sorts");
  if (sorts == body.end() || !sorts->is_array() || sorts->empty()) {
    return std::nullopt;
  }
  if (sorts->size() > 1) {
    return validation_error("Only one sort rule is supported");
  }
  const auto& sort = sorts->front();
  auto name = sort.is_string() ? sort.get<std::string>() : string_member(sort, "propertyName");
  query.descending =
      name.starts_with('-') || (sort.is_object() && string_member(sort, "direction") == "DESCENDING");
  name = name.starts_with('-') ? name.substr(1) : name;
  const auto prop = portal.type(type).find(name);
  if (!prop) {
    return validation_error("There was a problem with the request: cannot sort by " + name);
  }
  query.sort = *prop;
  return std::nullopt;
}

std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> tokens;
  std::string token;
  for (const char c : text) {
    const bool word =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (word) {
      token += c;
    } else if (!token.empty()) {
      tokens.push_back(std::exchange(token, {}));
    }
  }
  if (!token.empty()) {
    tokens.push_back(token);
  }
  return tokens;
}

bool contains_token(const std::string& value, const std::string& pattern) {
  if (wildcard_match(pattern, value)) {
    return true;
  }
  const auto tokens = tokens_of(value);
  if (pattern.find('*') != std::string::npos) {
    return std::ranges::any_of(tokens, [&](const auto& token) { return wildcard_match(pattern, token); });
  }
  return std::ranges::all_of(tokens_of(pattern), [&](const auto& wanted) {
    return std::ranges::find(tokens, wanted) != tokens.end();
  });
}

/// Three-way: negative, zero, positive.
int compare(const Filter& filter, const std::string& text, double number, std::size_t operand) {
  if (is_numeric(filter.type)) {
    const double other = filter.numbers[operand];
    return number < other ? -1 : number > other ? 1 : 0;
  }
  return text.compare(filter.values[operand]);
}

bool compare_any(const Filter& filter, const std::string& text, double number) {
  for (std::size_t i = 0; i < filter.values.size(); ++i) {
    if (compare(filter, text, number, i) == 0) {
      return true;
    }
  }
  return false;
}

bool holds(const Filter& filter, const std::string& text, double number) {
  switch (filter.op) {
    case Operator::eq:
    case Operator::in:
      return compare_any(filter, text, number);
    case Operator::neq:
    case Operator::not_in:
      return !compare_any(filter, text, number);
    case Operator::lt:
      return compare(filter, text, number, 0) < 0;
    case Operator::lte:
      return compare(filter, text, number, 0) <= 0;
    case Operator::gt:
      return compare(filter, text, number, 0) > 0;
    case Operator::gte:
      return compare(filter, text, number, 0) >= 0;
    case Operator::between:
      return compare(filter, text, number, 0) >= 0 && compare(filter, text, number, 1) <= 0;
    case Operator::has_property:
      return true;
    case Operator::not_has_property:
      return false;
    case Operator::contains_token:
      return contains_token(text, filter.values[0]);
    case Operator::not_contains_token:
      return !contains_token(text, filter.values[0]);
  }
  return false;
}

bool holds_without_value(Operator op) {
  return op == Operator::not_has_property || op == Operator::neq || op == Operator::not_in ||
         op == Operator::not_contains_token;
}

bool holds_association(const Portal& portal, const Filter& filter, const Record& record) {
  return std::ranges::any_of(record.edges, [&](const Edge& edge) {
    return edge.type == filter.associated && visible(portal, edge) &&
           std::ranges::find(filter.values, std::to_string(edge.id)) != filter.values.end();
  });
}

bool filter_matches(
    const Portal& portal, const SearchIndex& index, const Filter& filter, const Record& record
) {
  if (filter.associated >= 0) {
    return holds_association(portal, filter, record);
  }
  if (filter.modified) {
    return holds(filter, {}, static_cast<double>(hubsync::to_ms(index.modified(record))));
  }
  if (filter.object_id) {
    return holds(filter, {}, static_cast<double>(record.id));
  }
  const auto value = index.value(record, filter.prop);
  if (!value || value->empty()) {
    return holds_without_value(filter.op);
  }
  const double number = is_numeric(filter.type) ? as_number(filter.type, *value) : 0;
  return holds(filter, filter.type == ValueType::enumeration ? *value : lower(*value), number);
}

bool words_match(
    const Portal& portal,
    TypeIndex type,
    const SearchIndex& index,
    const std::string& words,
    const Record& record
) {
  if (words.empty()) {
    return true;
  }
  return std::ranges::any_of(portal.type(type).searchable, [&](const auto& name) {
    const auto prop = portal.type(type).find(name);
    const auto value = prop ? index.value(record, *prop) : std::nullopt;
    return value && lower(*value).find(words) != std::string::npos;
  });
}

}  // namespace

bool is_numeric(ValueType type) {
  return type == ValueType::number || type == ValueType::date || type == ValueType::datetime;
}

double as_number(ValueType type, std::string_view text) {
  if (type == ValueType::date || type == ValueType::datetime) {
    const auto at = time_value(text);
    return at ? static_cast<double>(hubsync::to_ms(*at)) : std::numeric_limits<double>::quiet_NaN();
  }
  double number = std::numeric_limits<double>::quiet_NaN();
  if (type == ValueType::number) {
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  return number;
}

Expected<SearchQuery> parse_search(const Portal& portal, TypeIndex type, const nlohmann::json& body) {
  SearchQuery query;
  auto groups = parse_groups(portal, type, body);
  if (!groups) {
    return Unexpected{groups.error()};
  }
  query.groups = std::move(*groups);
  if (const auto error = parse_sort(portal, type, body, query)) {
    return Unexpected{*error};
  }
  query.words = lower(string_member(body, "query"));
  if (body.contains("limit")) {
    query.limit = to_integer(string_member(body, "limit")).value_or(-1);
  }
  if (query.limit < 0 || query.limit > max_limit) {
    return bad("limit must be between 0 and " + std::to_string(max_limit));
  }
  if (const auto after = string_member(body, "after"); !after.empty()) {
    query.after = to_integer(after).value_or(-1);
  }
  if (query.after < 0 || query.after + query.limit > max_results) {
    return bad(
        "There was a problem with the request: paging goes to at most " + std::to_string(max_results) +
        " results"
    );
  }
  return query;
}

bool matches(
    const Portal& portal,
    TypeIndex type,
    const SearchIndex& index,
    const SearchQuery& query,
    const Record& record
) {
  if (!index.has(record) || !words_match(portal, type, index, query.words, record)) {
    return false;
  }
  return query.groups.empty() || std::ranges::any_of(query.groups, [&](const FilterGroup& group) {
           return std::ranges::all_of(group, [&](const Filter& filter) {
             return filter_matches(portal, index, filter, record);
           });
         });
}

}  // namespace hubspot_sim
