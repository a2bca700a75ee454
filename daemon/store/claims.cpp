// Who sends which record: due work handed out, and given back.
#include <algorithm>

#include "daemon/core/canonical.hpp"
#include "daemon/core/plan.hpp"
#include "daemon/store/repository.hpp"

namespace hubsync::store {

Claim SqliteRepository::claim_of(
    const Record& record, const TypeRules& rules, const std::optional<DueRow>& row
) {
  Claim claim;
  claim.id = record.id;
  claim.type = record.type;
  claim.hubspot_id = record.hubspot_id;
  claim.uid = record.uid;
  claim.key = canonical_key(rules, value_or_empty(record.local, rules.key));
  claim.attempts = row ? row->attempts : 0;
  claim.sent_before = row && row->sent_create() && !record.hubspot_id;
  if (claim.sent_before) {
    claim.sent = row->intent_fields;
  }
  const Plan plan = hubsync::plan(record, rules, rules_.detection, rules_.newest_margin);
  const FieldRule* const reference = rules.reference();
  // Also read when it was edited back after it had been sent without an answer: the answer is what it shows.
  const bool sent_unanswered = reference != nullptr && row && row->not_before != Instant{} &&
                               row->intent_fields.contains(reference->name);
  claim.reference_edited = sent_unanswered || (reference != nullptr && plan.push.contains(reference->name));
  if (plan.needs_history) {
    const auto open = tables_.conflicts.find_open(record.id);
    claim.needs_history = std::ranges::any_of(plan.conflicts, [&](const FieldDispute& dispute) {
      return Drafts::awaits_history(dispute, rules, {}, open);
    });
  }
  return claim;
}

std::vector<Claim> SqliteRepository::claim_due(const std::string& type, std::int64_t limit, Instant now) {
  std::vector<Claim> claims;
  const TypeRules* const rules = rules_.find(type);
  if (rules == nullptr) {
    return claims;
  }
  const auto claimed = static_cast<std::int64_t>(claims_.size());
  for (const DueRow& row : tables_.due.ready(rules->name, now, limit + claimed)) {
    if (static_cast<std::int64_t>(claims.size()) == limit) {
      break;
    }
    if (claims_.contains(row.record)) {
      continue;
    }
    const auto record = tables_.records.find(row.record);
    claims.push_back(claim_of(*record, *rules, row));
    claims_.add(row.record, {.needs_history = claims.back().needs_history});
  }
  return claims;
}

std::optional<Claim> SqliteRepository::claim_record(const std::string& type, const LocalId& id, Instant now) {
  const TypeRules* const rules = rules_.find(type);
  if (rules == nullptr || claims_.contains(id)) {
    return std::nullopt;
  }
  const auto record = tables_.records.find(id);
  if (!record || record->type != rules->name) {
    return std::nullopt;
  }
  const auto row = tables_.due.find(id);
  if (row && row->not_before > now) {
    return std::nullopt;
  }
  Claim claim = claim_of(*record, *rules, row);
  claims_.add(id, {.needs_history = claim.needs_history});
  return claim;
}

void SqliteRepository::release_claims(const std::vector<LocalId>& ids) {
  for (const LocalId& id : ids) {
    claims_.remove(id);
  }
}

}  // namespace hubsync::store
