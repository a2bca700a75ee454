// What HubSpot's property history adds: who edited a conflicting field there, and whose value we wrote over
// without having seen it (I6).
#include <algorithm>
#include <ranges>
#include <set>
#include <utility>

#include "daemon/store/repository.hpp"

namespace hubsync::store {
namespace {

/// Changes shown of one field.
constexpr std::size_t shown_changes = 5;

bool newest_first(const HubspotChange& a, const HubspotChange& b) {
  return a.version.at != b.version.at ? a.version.at > b.version.at : a.field < b.field;
}

/// Who wins over a value that was overwritten unseen.
enum class Winner { nobody, local, lost };

Winner winner_of(const Record& record, const FieldRule& rule, Instant lost_at, Duration margin) {
  if (rule.direction != Direction::both) {
    return rule.direction == Direction::push ? Winner::local : Winner::lost;
  }
  if (rule.policy == Policy::newest && record.local_modified &&
      std::chrono::abs(*record.local_modified - lost_at) > margin) {
    return *record.local_modified > lost_at ? Winner::local : Winner::lost;
  }
  return rule.policy == Policy::local     ? Winner::local
         : rule.policy == Policy::hubspot ? Winner::lost
                                          : Winner::nobody;
}

void take_value(Record& record, const std::string& field, const std::string& value, Instant now) {
  if (value.empty()) {
    record.local.erase(field);
  } else {
    record.local[field] = value;
  }
  record.edited[field] = now;
  ++record.version;
  record.updated_at = now;
}

}  // namespace

std::vector<HubspotId> SqliteRepository::histories_wanted(
    const std::string& type, Instant written_before, std::int64_t limit
) {
  std::vector<HubspotId> ids = tables_.conflicts.unexplained(type, limit);
  const std::set<HubspotId> known{ids.begin(), ids.end()};
  for (const HubspotId id : tables_.unverified.due(type, written_before, limit)) {
    if (std::ssize(ids) < limit && !known.contains(id)) {
      ids.push_back(id);
    }
  }
  return ids;
}

std::int64_t SqliteRepository::save_histories(const HistoryRead& read, Instant now) {
  const TypeRules* const rules = rules_.find(read.type);
  if (rules == nullptr) {
    return 0;
  }
  const std::int64_t before = tables_.conflicts.count(true) + tables_.due.count();
  for (const HubspotId id : read.asked) {
    auto record = tables_.records.find_linked(rules->name, id);
    if (!record) {
      tables_.unverified.forget(rules->name, id, read.begun);
      continue;
    }
    const auto seen = std::ranges::find(read.seen, id, &RemoteRecord::id);
    const Histories none;
    const Histories& histories = seen == read.seen.end() ? none : seen->histories;
    explain_conflict(*record, histories, *rules);
    verify_writes(std::move(*record), histories, *rules, read.begun, now);
    tables_.unverified.forget(rules->name, id, read.begun);
  }
  return tables_.conflicts.count(true) + tables_.due.count() - before;
}

void SqliteRepository::explain_conflict(
    const Record& record, const Histories& histories, const TypeRules& rules
) {
  auto conflict = tables_.conflicts.find_open(record.id);
  if (!conflict || !conflict->history_wanted) {
    return;
  }
  conflict->changes.clear();
  std::optional<Instant> newest;
  for (const std::string& field : conflict->fields) {
    const auto history = histories.find(field);
    if (history == histories.end() || rules.find(field) == nullptr) {
      continue;
    }
    for (std::size_t i = 0; i < std::min(history->second.size(), shown_changes); ++i) {
      conflict->changes.push_back({field, history->second[i]});
      newest = std::max(newest, std::optional{history->second[i].at});
    }
  }
  std::ranges::sort(conflict->changes, newest_first);
  conflict->hubspot_at = newest ? newest : conflict->hubspot_at;
  conflict->history_wanted = false;
  tables_.conflicts.update(*conflict);
}

void SqliteRepository::verify_writes(
    Record record, const Histories& histories, const TypeRules& rules, Instant begun, Instant now
) {
  const auto written = tables_.unverified.find(record.id);
  if (!written || written->hubspot_id != record.hubspot_id || written->since >= begun) {
    return;
  }
  Draft draft = Draft::of(std::move(record));
  for (const auto& [field, known] : written->fields) {
    const auto history = histories.find(field);
    const FieldRule* const rule = rules.find(field);
    if (history == histories.end() || rule == nullptr) {
      continue;
    }
    const std::vector<PropertyVersion> foreign = overwritten(history->second, known);
    if (!foreign.empty()) {
      settle_lost(draft, *rule, foreign, rules, now);
    }
  }
  if (draft.dirty) {
    drafts_.commit(draft, rules, {.cause = Cause::edit}, now);
  }
}

/// Somebody's values were overwritten unseen, the newest first: the field's policy decides about that one as
/// if it had been seen. The older ones are only written down.
void SqliteRepository::settle_lost(
    Draft& draft,
    const FieldRule& rule,
    const std::vector<PropertyVersion>& overwritten,
    const TypeRules& rules,
    Instant now
) {
  Record& record = draft.record;
  const std::string local = value_or_empty(record.local, rule.name);
  for (const PropertyVersion& version : overwritten) {
    tables_.audit.append(
        {.actor = automatic_actor,
         .action = "overwrote unseen",
         .type = record.type,
         .record = record.id,
         .values = {{rule.name, {local, version.value}}}},
        now
    );
  }
  const PropertyVersion& lost = overwritten.front();
  record.lost[rule.name] = lost.value;
  const bool open = lost_value(record, rule) != nullptr;
  for (const PropertyVersion& past : overwritten | std::views::drop(open ? 1 : 0)) {
    const DecidedField decided{
        .local = local, .remote = past.value, .kept = value_or_empty(record.remote, rule.name)
    };
    drafts_.add_auto_resolved(draft, rules, {{rule.name, decided}}, rule.name + ": replaced since", now);
  }
  if (!open) {
    record.lost.erase(rule.name);
    return;
  }
  const Winner winner = winner_of(record, rule, lost.at, rules_.newest_margin);
  if (winner == Winner::nobody) {
    draft.dirty = true;  // The planner makes a conflict of it.
    return;
  }
  record.lost.erase(rule.name);
  DecidedField decided{.local = local, .remote = lost.value, .base = std::nullopt, .kept = local};
  if (const auto base = record.base.find(rule.name); base != record.base.end()) {
    decided.base = base->second;
  }
  if (winner == Winner::lost) {
    decided.kept = lost.value;
  }
  drafts_.add_auto_resolved(draft, rules, {{rule.name, decided}}, rule.name + ": " + rule_name(rule), now);
  if (winner == Winner::lost) {
    take_value(record, rule.name, lost.value, now);
    draft.dirty = true;
  }
}

}  // namespace hubsync::store
