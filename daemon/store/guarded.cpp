// What `max_delete` means for the deletions that are about to be carried out (I10).
#include <algorithm>

#include "daemon/store/repository.hpp"

namespace hubsync::store {
namespace {

std::string hint(const Guard& guard) {
  return "held by guard " + std::to_string(guard.id) + ": `hubsync guard release " +
         std::to_string(guard.id) + "` lets it through";
}

}  // namespace

/// Raises a guard over `records` when they and what went within the last hour are more than the limit; while
/// one is open, they join it. What a person has released is let through.
std::optional<Guard> SqliteRepository::hold_deletions(
    const TypeRules& rules, SyncDirection direction, std::vector<LocalId> records, Instant now
) {
  std::erase_if(records, [this](const LocalId& id) { return is_released(id); });
  if (records.empty()) {
    return std::nullopt;
  }
  std::optional<Guard> guard = tables_.guards.find_open(rules.name, direction, now);
  const bool raised = !guard;
  if (!guard) {
    const std::int64_t carried = tables_.guards.carried(rules.name, direction, now);
    const std::int64_t wanted = carried + static_cast<std::int64_t>(records.size());
    if (wanted <= allowed_deletions(rules_.max_delete, 0)) {
      return std::nullopt;
    }
    const std::int64_t limit =
        allowed_deletions(rules_.max_delete, tables_.guards.linked(rules.name) + carried);
    if (wanted <= limit) {
      return std::nullopt;
    }
    guard = tables_.guards.insert(rules.name, direction, limit, now);
  }
  for (const LocalId& id : records) {
    tables_.guards.add_member(guard->id, id);
  }
  if (direction == SyncDirection::to_hubspot) {
    tables_.guards.hold_due(guard->id, hint(*guard));
  }
  guard = tables_.guards.find(guard->id);
  if (raised) {
    tables_.audit.append({.actor = automatic_actor, .action = "guard raised", .type = rules.name}, now);
    tables_.events.append(
        "guard.raised",
        {},
        {{"id", std::to_string(guard->id)},
         {"type", rules.name},
         {"direction", std::string{to_string(direction)}},
         {"count", std::to_string(guard->count)}},
        now
    );
  }
  return guard;
}

bool SqliteRepository::is_released(const LocalId& record) {
  const auto guard = tables_.guards.of_record(record);
  return guard && guard->closed_at;
}

/// Whether this deletion in HubSpot has to wait: one too many holds all that are due, not only itself.
bool SqliteRepository::is_held_there(const TypeRules& rules, DueRow row, Instant now) {
  std::optional<Guard> guard = tables_.guards.of_record(row.record);
  if (guard && guard->closed_at) {
    return false;
  }
  if (!guard) {
    std::vector<LocalId> pending = tables_.guards.pending_there(rules.name);
    if (std::ranges::find(pending, row.record) == pending.end()) {
      pending.push_back(row.record);
    }
    guard = hold_deletions(rules, SyncDirection::to_hubspot, std::move(pending), now);
  }
  if (guard) {
    row.state = DueItem::State::waiting;
    row.intent = Intent::none;
    row.error = hint(*guard);
    tables_.due.update(row);
  }
  return guard.has_value();
}

/// Whether the deletion of HubSpot's record has to wait here. What became a conflict meanwhile does not.
bool SqliteRepository::is_held_here(const TypeRules& rules, HubspotId id, Instant now) {
  const std::vector<LocalId> records = doomed(rules, {id}, now);
  const auto guard = records.empty() ? std::nullopt : tables_.guards.of_record(records.front());
  return guard && !guard->closed_at;
}

/// The records whose deletion here would follow from HubSpot's.
std::vector<LocalId> SqliteRepository::doomed(
    const TypeRules& rules, const std::vector<HubspotId>& deleted, Instant now
) {
  std::vector<LocalId> records;
  for (const HubspotId id : deleted) {
    auto record = tables_.records.find_linked(rules.name, id);
    if (!record || record->local_presence != Presence::live) {
      continue;
    }
    Record after = *record;
    after.remote_presence = Presence::deleted;
    const Effects effects = reconcile(after, rules, rules_.detection, rules_.newest_margin, now);
    if (effects.action == RecordAction::delete_local) {
      records.push_back(record->id);
    }
  }
  return records;
}

void SqliteRepository::hold_deletions_here(
    const std::string& type, const std::vector<HubspotId>& deleted, Instant now
) {
  if (const TypeRules* const rules = rules_.find(type)) {
    hold_deletions(*rules, SyncDirection::from_hubspot, doomed(*rules, deleted, now), now);
  }
}

/// A deletion was carried out: within the limit, or with a person's leave.
void SqliteRepository::note_deletion(
    const TypeRules& rules, SyncDirection direction, const LocalId& record, bool released, Instant now
) {
  if (!released) {
    tables_.guards.count_carried(rules.name, direction, now);
  }
  tables_.guards.forget(record);
}

Page<Guard> SqliteRepository::list_guards(bool closed_too, std::int64_t page, std::int64_t limit) {
  constexpr std::int64_t sample_size = 5;
  Page<Guard> result{
      .items = tables_.guards.list(closed_too, (page - 1) * limit, limit),
      .total = tables_.guards.count(closed_too)
  };
  for (Guard& guard : result.items) {
    guard.sample = tables_.guards.sample(guard.id, sample_size);
  }
  return result;
}

std::vector<Guard> SqliteRepository::guards_over(
    const std::vector<std::string>& types, const LocalId& record, Instant now
) {
  std::vector<Guard> guards;
  const std::optional<Guard> own = record.text.empty() ? std::nullopt : tables_.guards.of_record(record);
  for (const std::string& type : types) {
    for (const SyncDirection direction : {SyncDirection::to_hubspot, SyncDirection::from_hubspot}) {
      auto guard = tables_.guards.find_open(type, direction, now);
      if (guard && (record.text.empty() || (own && own->id == guard->id))) {
        guards.push_back(std::move(*guard));
      }
    }
  }
  return guards;
}

Result<Guard> SqliteRepository::release_guard(const GuardRelease& wish, Instant now) {
  const auto guard = tables_.guards.find(wish.id);
  if (!guard) {
    return fail(
        ErrorCode::not_found,
        "there is no guard " + std::to_string(wish.id),
        "`hubsync guard list` shows those that wait"
    );
  }
  if (guard->closed_at) {
    return fail(
        ErrorCode::stale,
        guard->released_by.empty()
            ? "nothing is left of guard " + std::to_string(wish.id) + ": its records live again"
            : "guard " + std::to_string(wish.id) + " was released already, by " + guard->released_by
    );
  }
  if (wish.count && *wish.count != guard->count) {
    return fail(
        ErrorCode::stale,
        "guard " + std::to_string(wish.id) + " holds " + std::to_string(guard->count) +
            " records by now, not " + std::to_string(*wish.count),
        "look at `hubsync guard list` again"
    );
  }
  tables_.guards.close(wish.id, wish.actor, now);
  tables_.guards.wake_due(wish.id);
  tables_.audit.append({.actor = wish.actor, .action = "guard released", .type = guard->type}, now);
  tables_.events.append(
      "guard.released",
      {},
      {{"id", std::to_string(wish.id)}, {"type", guard->type}, {"count", std::to_string(guard->count)}},
      now
  );
  Guard released = *guard;
  released.closed_at = now;
  released.released_by = wish.actor;
  return released;
}

std::vector<HubspotId> SqliteRepository::released_deletions(const std::string& type) {
  return tables_.guards.released_here(type);
}

void SqliteRepository::forget_deletions(const std::string& type, const std::vector<HubspotId>& alive) {
  tables_.guards.forget_live(type, alive);
}

}  // namespace hubsync::store
