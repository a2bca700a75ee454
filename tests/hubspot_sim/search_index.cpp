#include "tests/hubspot_sim/search_index.hpp"

#include <algorithm>
#include <ranges>

#include "tests/hubspot_sim/text.hpp"

namespace hubspot_sim {

bool SearchIndex::seen(const Record& record, hubsync::Instant at) const {
  const auto lag = portal_.options.search_lag;
  if (lag == hubsync::Duration{}) {
    return true;
  }
  if (portal_.now - at >= lag) {
    return true;
  }
  // Between half and the whole lag, fixed for this change, whenever it is asked for.
  const auto spread = static_cast<std::uint64_t>(lag.count() / 2 + 1);
  const auto bits =
      mix(portal_.options.seed ^ mix(static_cast<std::uint64_t>(record.id)) ^
          static_cast<std::uint64_t>(hubsync::to_ms(at)));
  return at + lag - hubsync::Duration{static_cast<std::int64_t>(bits % spread)} <= portal_.now;
}

bool SearchIndex::has(const Record& record) const {
  return seen(record, record.created) && (!record.is_archived() || !seen(record, record.archived));
}

hubsync::Instant SearchIndex::modified(const Record& record) const {
  if (seen(record, record.modified) || !record.past) {
    return record.modified;
  }
  for (const auto stamp : record.past->modified | std::views::reverse) {
    if (seen(record, stamp)) {
      return stamp;
    }
  }
  return record.created;
}

std::optional<std::string> SearchIndex::value(const Record& record, PropId prop) const {
  const auto& def = portal_.type(type_).properties[prop];
  if (def.computed == Computed::modified) {
    return time_text(modified(record));
  }
  const Value* const current = record.find(prop);
  if (def.computed != Computed::none || current == nullptr || seen(record, current->at)) {
    return value_of(portal_, type_, record, prop);
  }
  if (record.past) {
    for (const auto& old : record.past->values | std::views::reverse) {
      if (old.prop == prop && seen(record, old.at)) {
        return old.text;
      }
    }
  }
  return std::nullopt;
}

}  // namespace hubspot_sim
