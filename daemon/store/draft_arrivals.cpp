// Records of HubSpot that are new here, in bulk: a first sync brings nothing else.
#include <utility>

#include "daemon/store/draft.hpp"

namespace hubsync::store {

void Drafts::save_arrival(const Draft& draft, const TypeRules& rules) {
  const std::int64_t row = tables_.records.insert(draft.record, rules);
  if (arrivals_->last == 0) {
    arrivals_->type = rules.name;
    arrivals_->first = row;
  }
  arrivals_->last = row;
  ++arrivals_->counts[{draft.record.local_presence, draft.record.status}];
}

void Drafts::tell_arrivals(Instant now) {
  if (!arrivals_ || arrivals_->last == 0) {
    return;
  }
  const Arrivals told = std::exchange(*arrivals_, {});
  for (const auto& [kind, number] : told.counts) {
    tables_.records.count_new(told.type, kind.first, kind.second, number);
  }
  tables_.events.append_created(told.first, told.last, now);
  tables_.log.insert_pulled(told.type, told.first, told.last, now);
}

std::optional<RecordTable::Resolved> Drafts::resolve(
    const TypeRules& rules, const std::string& target, HubspotId id
) {
  if (!arrivals_ || target == rules.name) {
    return tables_.records.resolve(target, id);
  }
  const auto [known, added] = arrivals_->targets.try_emplace(id);
  if (added) {
    known->second = tables_.records.resolve(target, id);
  }
  return known->second;
}

}  // namespace hubsync::store
