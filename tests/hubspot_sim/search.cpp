// The search endpoint: which records may match (without looking at all, where an index helps), the order, the
// page.
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "tests/hubspot_sim/handlers.hpp"
#include "tests/hubspot_sim/render.hpp"
#include "tests/hubspot_sim/search_query.hpp"

namespace hubspot_sim {
namespace {

constexpr std::size_t max_body = 3'000;

using Candidates = std::optional<std::set<std::int64_t>>;  ///< Nothing: any record.

hubsync::Instant from_number(double ms) {
  // Beyond these the bound says nothing, and the conversion would overflow.
  return hubsync::instant_from_ms(static_cast<std::int64_t>(std::clamp(ms, -1e15, 1e15)));
}

/// Records changed so lately that the index may show another value than the store.
void add_unsettled(const Portal& portal, const ObjectStore& store, std::set<std::int64_t>& ids) {
  const auto& stamps = store.by_modified();
  for (auto it = stamps.lower_bound({portal.now - portal.options.search_lag, 0}); it != stamps.end(); ++it) {
    ids.insert(it->second);
  }
}

struct Range {
  hubsync::Instant low = hubsync::instant_from_ms(0);
  hubsync::Instant high = hubsync::instant_from_ms(1'000'000'000'000'000);
};

/// The span of modified times that a group allows; nothing when it has no lower bound.
std::optional<Range> modified_range(const FilterGroup& group) {
  Range range;
  bool bounded = false;
  for (const auto& filter : group) {
    if (!filter.modified || filter.numbers.empty() || std::isnan(filter.numbers.front())) {
      continue;
    }
    const auto first = from_number(filter.numbers.front());
    const bool low = filter.op == Operator::gt || filter.op == Operator::gte ||
                     filter.op == Operator::between || filter.op == Operator::eq;
    bounded = bounded || low;
    range.low = low ? std::max(range.low, first) : range.low;
    if (filter.op == Operator::lt || filter.op == Operator::lte || filter.op == Operator::eq) {
      range.high = std::min(range.high, first);
    }
    if (filter.op == Operator::between && !std::isnan(filter.numbers.back())) {
      range.high = std::min(range.high, from_number(filter.numbers.back()));
    }
  }
  return bounded ? std::optional{range} : std::nullopt;
}

Candidates by_exact_value(const ObjectStore& store, const ObjectType& type, const FilterGroup& group) {
  for (const auto& filter : group) {
    const bool exact = filter.op == Operator::eq || filter.op == Operator::in;
    if (!exact || filter.associated >= 0) {
      continue;
    }
    std::set<std::int64_t> ids;
    if (filter.object_id) {
      for (const auto number : filter.numbers) {
        ids.insert(std::isnan(number) ? 0 : static_cast<std::int64_t>(number));
      }
      return ids;
    }
    if (type.properties[filter.prop].indexed) {
      for (const auto& value : filter.values) {
        const auto found = store.find_by_value(filter.prop, value);
        ids.insert(found.begin(), found.end());
      }
      return ids;
    }
  }
  return std::nullopt;
}

/// A superset of the live records that can match the group, without the unsettled ones.
Candidates candidates_of(const ObjectStore& store, const ObjectType& type, const FilterGroup& group) {
  if (auto exact = by_exact_value(store, type, group)) {
    return exact;
  }
  const auto range = modified_range(group);
  if (!range) {
    return std::nullopt;
  }
  std::set<std::int64_t> ids;
  const auto& stamps = store.by_modified();
  for (auto it = stamps.lower_bound({range->low, 0}); it != stamps.end() && it->first <= range->high; ++it) {
    ids.insert(it->second);
  }
  return ids;
}

std::vector<const Record*> find_matches(const Call& call, const SearchQuery& query) {
  const auto& portal = call.portal;
  const auto& store = call.store();
  const SearchIndex index{portal, call.type()};
  std::vector<const Record*> found;
  const auto consider = [&](const Record& record) {
    if (matches(portal, call.type(), index, query, record)) {
      found.push_back(&record);
    }
  };
  std::set<std::int64_t> ids;
  bool all = query.groups.empty();
  for (const auto& group : query.groups) {
    auto some = candidates_of(store, portal.type(call.type()), group);
    all = all || !some;
    if (some) {
      ids.merge(*some);
    }
  }
  if (all) {
    for (const auto& [id, record] : store.live()) {
      consider(record);
    }
  } else {
    add_unsettled(portal, store, ids);
    for (const auto id : ids) {
      if (const Record* const record = store.find(id)) {
        consider(*record);
      }
    }
  }
  for (const auto id : store.recently_archived()) {
    if (const auto it = store.archived().find(id); it != store.archived().end()) {
      consider(it->second);
    }
  }
  return found;
}

/// What a record is ordered by.
struct SortKey {
  const Record* record = nullptr;
  double number = 0;
  std::string text;
};

std::vector<SortKey> sorted(
    const Call& call, const SearchQuery& query, const std::vector<const Record*>& found
) {
  const auto& def = call.portal.type(call.type()).properties[query.sort];
  const SearchIndex index{call.portal, call.type()};
  std::vector<SortKey> keys;
  keys.reserve(found.size());
  for (const Record* const record : found) {
    SortKey key{record, 0, {}};
    switch (def.computed) {
      case Computed::object_id:
        key.number = static_cast<double>(record->id);
        break;
      case Computed::created:
        key.number = static_cast<double>(hubsync::to_ms(record->created));
        break;
      case Computed::modified:
        key.number = static_cast<double>(hubsync::to_ms(index.modified(*record)));
        break;
      default: {
        const auto value = index.value(*record, query.sort).value_or("");
        key.text = lower(value);
        key.number = is_numeric(def.type) && !value.empty() ? as_number(def.type, value) : 0;
      }
    }
    keys.push_back(std::move(key));
  }
  const bool numeric = is_numeric(def.type);
  const auto before = [&](const SortKey& a, const SortKey& b) {
    const bool less = numeric ? a.number < b.number : a.text < b.text;
    const bool more = numeric ? a.number > b.number : a.text > b.text;
    return less || more ? (query.descending ? more : less) : a.record->id < b.record->id;
  };
  const auto last = std::min(keys.size(), static_cast<std::size_t>(query.after + query.limit));
  std::partial_sort(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(last), keys.end(), before);
  return keys;
}

}  // namespace

Response search_objects(Call& call) {
  if (call.request.body.size() > max_body) {
    return error_response(call, validation_error("The request body is longer than 3000 characters"));
  }
  const auto query = parse_search(call.portal, call.type(), call.body);
  if (!query) {
    return error_response(call, query.error());
  }
  const auto keys = sorted(call, *query, find_matches(call, *query));
  const View view = read_view(call.portal, call.type(), string_list(call.body, "properties"));
  std::string out = "{\"total\":" + std::to_string(keys.size()) + ",\"results\":[";
  const auto first = static_cast<std::size_t>(query->after);
  const auto last = std::min(keys.size(), first + static_cast<std::size_t>(query->limit));
  for (std::size_t i = first; i < last; ++i) {
    // The index still counts a record archived a moment ago, but its body is gone (recorded in 2022).
    if (keys[i].record->is_archived()) {
      continue;
    }
    out += out.back() == '[' ? "" : ",";
    append_record(out, call.portal, view, *keys[i].record);
  }
  out += ']';
  if (last < keys.size()) {
    out += ",\"paging\":{\"next\":{\"after\":\"" + std::to_string(last) + "\"}}";
  }
  return json_response(200, std::move(out += '}'));
}

}  // namespace hubspot_sim
