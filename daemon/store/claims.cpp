// Who sends which record: due work handed out, and given back.
#include <algorithm>

#include "daemon/core/canonical.hpp"
#include "daemon/core/plan.hpp"
#include "daemon/store/repository.hpp"

namespace hubsync::store {

bool Claims::add(const LocalId& record, State state) {
  if (!claims_.try_emplace(record, state).second) {
    return false;
  }
  undo_.push_back({record, std::nullopt});
  if (!state.planned) {
    Query{db_, "INSERT INTO claims (record) VALUES (?) ON CONFLICT DO NOTHING", record}.run();
  }
  return true;
}

void Claims::remove(const LocalId& record) {
  const auto found = claims_.find(record);
  if (found != claims_.end()) {
    undo_.push_back({record, found->second});
    claims_.erase(found);
    Query{db_, "DELETE FROM claims WHERE record = ?", record}.run();
  }
}

StandingPtr Claims::decide(const LocalId& record) {
  const auto found = claims_.find(record);
  return found == claims_.end() ? nullptr : found->second.decided = std::make_shared<Decided>();
}

void Claims::overturn(const LocalId& record) const {
  if (const State* const state = find(record); state != nullptr && state->decided) {
    state->decided->overturn();
  }
}

const Claims::State* Claims::find(const LocalId& record) const {
  const auto found = claims_.find(record);
  return found == claims_.end() ? nullptr : &found->second;
}

void Claims::rollback(std::size_t checkpoint) {
  while (undo_.size() > checkpoint) {
    const Undo& last = undo_.back();
    if (last.before) {
      claims_.insert_or_assign(last.record, *last.before);
    } else {
      claims_.erase(last.record);
    }
    undo_.pop_back();
  }
}

bool Claims::one_goes_alone() const {
  return std::ranges::any_of(claims_, [](const auto& claim) { return claim.second.alone; });
}

std::vector<LocalId> Claims::take_left_over() {
  std::vector<LocalId> left_over;
  {
    Query query{db_, "SELECT record FROM claims ORDER BY record"};
    while (query.next()) {
      const LocalId record{query.text(0)};
      if (!contains(record)) {
        left_over.push_back(record);
      }
    }
  }
  for (const LocalId& record : left_over) {
    Query{db_, "DELETE FROM claims WHERE record = ?", record}.run();
  }
  return left_over;
}

void Claims::hold_back(const LocalId& record, HeldBack what, Instant until, Instant now) {
  if (until <= now) {
    return;
  }
  Query{db_, "DELETE FROM held_back WHERE until <= ?", now}.run();
  Query{
      db_,
      "INSERT INTO held_back (record, until, everything) VALUES (?, ?, ?) ON CONFLICT (record) DO UPDATE "
      "SET until = max(until, excluded.until), everything = max(everything, excluded.everything)",
      record,
      until,
      what == HeldBack::everything
  }
      .run();
}

std::optional<Instant> Claims::held_back_until(const LocalId& record, HeldBack what, Instant now) const {
  Query query{
      db_,
      "SELECT until FROM held_back WHERE record = ? AND until > ? AND everything >= ?",
      record,
      now,
      what == HeldBack::everything
  };
  return query.next() ? std::optional{query.instant(0)} : std::nullopt;
}

void Claims::forget_left_over() {
  Query{db_, "DELETE FROM claims"}.run();
}

namespace {

bool disputes(const Plan& plan, const std::string& field) {
  return std::ranges::find(plan.conflicts, field, &FieldDispute::field) != plan.conflicts.end();
}

}  // namespace

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
  // Also when it is sent only once HubSpot's history has decided about another field (hold_together).
  const bool may_be_sent = reference != nullptr && (plan.push.contains(reference->name) ||
                                                    (plan.needs_history && disputes(plan, reference->name)));
  claim.reference_edited = sent_unanswered || may_be_sent;
  if (plan.needs_history) {
    const auto open = tables_.conflicts.find_open(record.id);
    claim.needs_history = std::ranges::any_of(plan.conflicts, [&](const FieldDispute& dispute) {
      return Drafts::awaits_history(dispute, rules, {}, open);
    });
  }
  return claim;
}

std::vector<DueRow> SqliteRepository::unclaimed(const TypeRules& rules, std::int64_t limit, Instant now) {
  const auto claimed = static_cast<std::int64_t>(claims_.size());
  std::vector<DueRow> rows = tables_.due.ready(rules.name, now, limit + claimed);
  std::erase_if(rows, [this](const DueRow& row) { return claims_.contains(row.record); });
  rows.resize(std::min(rows.size(), static_cast<std::size_t>(limit)));
  return rows;
}

void SqliteRepository::add_claim(const Claim& claim, int deaths) {
  claims_.add(claim.id, {.needs_history = claim.needs_history, .alone = goes_alone(deaths)});
}

std::vector<Claim> SqliteRepository::claim_due(const std::string& type, std::int64_t limit, Instant now) {
  std::vector<Claim> claims;
  const TypeRules* const rules = rules_.find(type);
  if (rules == nullptr || claims_.one_goes_alone()) {
    return claims;
  }
  int deaths = 0;  // As the first one's: those under suspicion are not mixed with the others.
  for (const DueRow& row : unclaimed(*rules, limit, now)) {
    deaths = claims.empty() ? row.deaths : deaths;
    const bool must_wait = goes_alone(deaths) && claims_.size() > 0;
    if (must_wait || std::ssize(claims) == sent_together(deaths, limit)) {
      break;
    }
    if (row.deaths == deaths) {
      const auto record = tables_.records.find(row.record);
      claims.push_back(claim_of(*record, *rules, row));
      add_claim(claims.back(), deaths);
    }
  }
  return claims;
}

std::vector<Claim> SqliteRepository::claim_for_plan(
    const std::string& type, std::int64_t limit, Instant now
) {
  std::vector<Claim> claims;
  const TypeRules* const rules = rules_.find(type);
  if (rules == nullptr) {
    return claims;
  }
  for (const DueRow& row : unclaimed(*rules, limit, now)) {
    const auto record = tables_.records.find(row.record);
    claims.push_back(claim_of(*record, *rules, row));
    claims_.add(row.record, {.needs_history = claims.back().needs_history, .planned = true});
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
  add_claim(claim, row ? row->deaths : 0);
  return claim;
}

void SqliteRepository::release_claims(const std::vector<LocalId>& ids) {
  for (const LocalId& id : ids) {
    claims_.remove(id);
  }
}

std::int64_t SqliteRepository::recover_claims(Instant now) {
  const std::vector<LocalId> left_over = claims_.take_left_over();
  const bool alone = left_over.size() == 1;
  std::int64_t parked = 0;
  for (const LocalId& id : left_over) {
    auto row = tables_.due.find(id);
    auto record = tables_.records.find(id);
    const TypeRules* const rules = record ? rules_.find(record->type) : nullptr;
    if (!row || rules == nullptr) {
      continue;
    }
    row->deaths = count_death(row->deaths, alone);
    if (row->deaths < deaths_until_parked) {
      tables_.due.update(*row);
      continue;
    }
    const CallFailure why{
        .outcome = Outcome::refused, .message = "the daemon died each time it sent this alone"
    };
    const int retries = row->attempts;
    fail_due(std::move(*record), *rules, std::move(*row), why, retries, now);
    ++parked;
  }
  return parked;
}

void SqliteRepository::begin_stop() {
  claims_.forget_left_over();
}

}  // namespace hubsync::store
