// Conflicts as people see and decide them. A wish is checked twice: against what is known, before HubSpot is
// read, and against what that read showed, in the transaction that carries it out.
#include <algorithm>
#include <utility>

#include "daemon/store/repository.hpp"

namespace hubsync::store {
namespace {

std::unexpected<Error> no_such_conflict(std::int64_t id) {
  return fail(
      ErrorCode::not_found,
      "there is no conflict " + std::to_string(id),
      "`hubsync conflicts list` shows them"
  );
}

std::string described(const Choices& choices) {
  std::string text;
  for (const auto& [field, choice] : choices) {
    const char* const word = choice.take == Choice::Take::local     ? "local"
                             : choice.take == Choice::Take::hubspot ? "hubspot"
                                                                    : "value";
    text.append(text.empty() ? "" : ", ").append(field).append("=").append(word);
  }
  return text;
}

bool is_disputed(const Conflict& conflict, const std::string& field) {
  return std::ranges::find(conflict.fields, field) != conflict.fields.end();
}

/// Fields decided one by one stand in the resolved conflict as they stood when they were decided.
void collect_decided(Conflict& conflict) {
  for (const auto& [name, field] : conflict.decided) {
    if (!is_disputed(conflict, name)) {
      conflict.fields.push_back(name);
    }
    conflict.local_version[name] = field.local;
    conflict.hubspot_version[name] = field.remote;
    conflict.base_version[name] = field.base ? field.base->local : std::string{};
  }
}

/// A field that was in conflict when the wish was made is not any more, or another one is.
Error moved_on(Error error) {
  error.code = ErrorCode::stale;
  return error;
}

LogAction action_of(const Draft& draft) {
  const Presence after = draft.record.local_presence;
  if (after == draft.stored_local_presence) {
    return LogAction::update;
  }
  return after == Presence::live ? LogAction::create : LogAction::remove;
}

}  // namespace

Page<Conflict> SqliteRepository::list_conflicts(const ConflictQuery& query) {
  ConflictQuery named = query;
  if (const TypeRules* const rules = rules_.find(query.type)) {
    named.type = rules->name;
  }
  return tables_.conflicts.list(named);
}

Result<Conflict> SqliteRepository::find_conflict(std::int64_t id) {
  if (auto conflict = tables_.conflicts.find(id)) {
    return std::move(*conflict);
  }
  return no_such_conflict(id);
}

Result<Choices> SqliteRepository::check_wish(const ConflictWish& wish, const Conflict& conflict) {
  const std::string name = "conflict " + std::to_string(conflict.id);
  if (wish.undo) {
    return check_undo(conflict);
  }
  if (conflict.resolved_at) {
    return fail(
        ErrorCode::stale,
        name + " is not open any more: " + std::string{to_string(conflict.resolution)} + " by " +
            conflict.resolved_by,
        "`hubsync conflicts history` shows what became of it"
    );
  }
  if (wish.if_version && *wish.if_version != conflict.version) {
    return fail(
        ErrorCode::stale, name + " has changed since it was looked at", "look at it again and decide"
    );
  }
  if (rules_.find(conflict.type) == nullptr) {
    return fail(ErrorCode::unprocessable, name + " is about a type that is not configured any more");
  }
  return choices_of(wish, conflict);
}

Result<Choices> SqliteRepository::check_undo(const Conflict& conflict) {
  const std::string name = "conflict " + std::to_string(conflict.id);
  if (!conflict.resolved_at) {
    return fail(ErrorCode::unprocessable, name + " is open: there is nothing to undo");
  }
  if (tables_.conflicts.find_open(conflict.record)) {
    return fail(ErrorCode::stale, "the record of " + name + " is in conflict again", "decide that one");
  }
  const auto record = tables_.records.find(conflict.record);
  if (!record || rules_.find(conflict.type) == nullptr) {
    return fail(ErrorCode::unprocessable, "the record of " + name + " is gone");
  }
  if (const auto undoable = check_undoable(conflict, *record); !undoable) {
    return std::unexpected(undoable.error());
  }
  return Choices{};
}

Result<void> SqliteRepository::undo_one(const ConflictWish& wish, Conflict conflict, const ResolveBy& by) {
  if (const auto checked = check_wish(wish, conflict); !checked) {
    return std::unexpected(checked.error());
  }
  const TypeRules& rules = *rules_.find(conflict.type);
  Draft draft = Draft::of(*tables_.records.find(conflict.record));
  undo_decision(draft.record, rules, conflict, by.now);
  if (const auto checked = check_key(draft.record, rules);
      !checked && draft.record.local_presence == Presence::live) {
    return checked;
  }
  Base values;
  for (const auto& [name, field] : conflict.decided) {
    values[name] = {field.kept, field.local};
  }
  tables_.audit.append(
      {.actor = by.user,
       .action = "undid conflict " + std::to_string(conflict.id),
       .type = conflict.type,
       .record = conflict.record,
       .values = std::move(values)},
      by.now
  );
  conflict.resolved_at.reset();
  conflict.resolution = Resolution::pending;
  conflict.resolved_by.clear();
  conflict.merged.clear();
  conflict.decided.clear();
  conflict.undo_version.reset();
  conflict.history_wanted = true;
  ++conflict.version;
  add_event(conflict, {"undone", by.now, by.user, {}});
  tables_.conflicts.update(conflict);
  draft.dirty = true;
  drafts_.commit(draft, rules, {.cause = Cause::edit}, by.now);
  return {};
}

std::vector<ResolveTarget> SqliteRepository::resolve_targets(const std::vector<ConflictWish>& wishes) {
  std::vector<ResolveTarget> targets;
  targets.reserve(wishes.size());
  for (const ConflictWish& wish : wishes) {
    ResolveTarget& target = targets.emplace_back();
    auto conflict = tables_.conflicts.find(wish.id);
    if (!conflict) {
      target.error = no_such_conflict(wish.id).error();
      continue;
    }
    if (const auto choices = check_wish(wish, *conflict); !choices) {
      target.error = choices.error();
    } else {
      const FieldRule* const reference = rules_.find(conflict->type)->reference();
      target.reads_reference = reference != nullptr && is_disputed(*conflict, reference->name);
    }
    target.conflict = std::move(*conflict);
  }
  return targets;
}

Result<void> SqliteRepository::check_values(
    const Choices& choices, const Record& record, const Record& decided, const TypeRules& rules
) {
  bool key_given = decided.local_presence == Presence::live && record.local_presence != Presence::live;
  for (const auto& [field, choice] : choices) {
    const FieldRule* const rule = rules.find(field);
    if (rule == nullptr || choice.take != Choice::Take::value) {
      continue;
    }
    key_given |= field == rules.key;
    if (rule->kind == ValueKind::reference && !choice.value.empty() &&
        !tables_.records.is_live(rule->target, {choice.value})) {
      return fail(
          ErrorCode::invalid,
          "the value of \"" + field + "\" names none of the " + rule->target,
          "give the id of one, or nothing",
          field
      );
    }
  }
  return key_given ? check_key(decided, rules) : Result<void>{};
}

void SqliteRepository::close_resolved(
    Conflict& conflict,
    const ConflictWish& wish,
    const Choices& choices,
    const Decision& decision,
    const ResolveBy& by
) {
  for (const auto& [name, field] : decision.fields) {
    conflict.decided[name] = field;
    conflict.merged[name] = field.kept;
  }
  const bool whole = std::ranges::all_of(conflict.fields, [&choices](const std::string& field) {
    return choices.contains(field);
  });
  ++conflict.version;
  add_event(conflict, {whole ? "resolved" : "decided", by.now, by.user, described(choices)});
  if (whole) {
    collect_decided(conflict);
    conflict.resolution = wish.resolution;
    conflict.resolved_by = by.user;
    conflict.resolved_at = by.now;
  }
  tables_.conflicts.update(conflict);
  tables_.events.append(
      whole ? "conflict.resolved" : "conflict.updated",
      conflict.record,
      {{"conflict", std::to_string(conflict.id)}},
      by.now
  );
}

/// What a decision overrules stays in the audit; what it took over is a piece of sync work that is done.
void SqliteRepository::write_resolved(
    const Draft& draft, const Conflict& conflict, const Decision& decision, const ResolveBy& by
) {
  std::map<std::string, Base> lost;
  Fields taken;
  for (const auto& [name, field] : decision.fields) {
    const bool from_hubspot = field.kept == field.remote;
    if (field.kept != field.local) {
      lost[from_hubspot ? "kept hubspot" : "kept another value than local"][name] = {field.kept, field.local};
    }
    if (!from_hubspot) {
      const bool from_here = field.kept == field.local;
      lost[from_here ? "kept local" : "kept another value than hubspot"][name] = {field.kept, field.remote};
    }
    if (from_hubspot && field.kept != field.local && name != deleted_field) {
      taken[name] = field.kept;
    }
  }
  const std::string suffix = " in conflict " + std::to_string(conflict.id);
  for (auto& [action, values] : lost) {
    tables_.audit.append(
        {.actor = by.user,
         .action = action + suffix,
         .type = draft.record.type,
         .record = draft.record.id,
         .values = std::move(values)},
        by.now
    );
  }
  const LogAction action = action_of(draft);
  if (taken.empty() && action == LogAction::update) {
    return;
  }
  LogEntry entry;
  entry.type = draft.record.type;
  entry.record = draft.record.id;
  entry.hubspot_id = draft.record.hubspot_id;
  entry.action = action;
  entry.direction = SyncDirection::from_hubspot;
  entry.status = LogStatus::success;
  entry.created_at = by.now;
  entry.completed_at = by.now;
  entry.payload = std::move(taken);
  tables_.log.insert(entry);
}

Result<void> SqliteRepository::resolve_one(
    const ConflictWish& wish, const Conflict& before, Conflict now, const ResolveBy& by
) {
  if (const auto checked = check_wish(wish, before); !checked) {
    return std::unexpected(checked.error());
  }
  // What was asked for is looked at again: the read may have closed the conflict or added fields to it.
  ConflictWish again = wish;
  again.if_version.reset();
  const auto choices = check_wish(again, now);
  if (!choices) {
    return std::unexpected(choices.error().field.empty() ? choices.error() : moved_on(choices.error()));
  }
  if (const auto unmoved = check_unmoved(*choices, before, now); !unmoved) {
    return unmoved;
  }
  const TypeRules& rules = *rules_.find(now.type);
  auto stored = tables_.records.find(now.record);
  if (!stored) {
    return fail(ErrorCode::unprocessable, "the record of conflict " + std::to_string(now.id) + " is gone");
  }
  const Record untouched = *stored;
  Draft draft = Draft::of(std::move(*stored));
  const Decision decision = decide(draft.record, rules, *choices, by.now);
  if (const auto checked = check_values(*choices, untouched, draft.record, rules); !checked) {
    return checked;
  }
  if (decision.recreate) {
    drafts_.detach(draft, rules, by.now);
  }
  const FieldRule* const reference = rules.reference();
  const bool revived = draft.record.local_presence == Presence::live &&
                       (decision.recreate || untouched.local_presence != Presence::live);
  if (revived && reference != nullptr &&
      !tables_.records.is_live(reference->target, {value_or_empty(draft.record.local, reference->name)})) {
    draft.record.local.erase(reference->name);
  }
  draft.dirty = true;
  close_resolved(now, wish, *choices, decision, by);
  const bool whole = now.resolved_at.has_value();
  drafts_.commit(draft, rules, {.cause = Cause::edit}, by.now);
  if (whole && !decision.recreate) {  // A record that is made anew can not be unmade.
    now.undo_version = draft.record.version;
    tables_.conflicts.update(now);
  }
  write_resolved(draft, now, decision, by);
  return {};
}

std::vector<ResolveOutcome> SqliteRepository::resolve_conflicts(const ResolveConflicts& wanted, Instant now) {
  std::vector<std::optional<Conflict>> before;
  before.reserve(wanted.wishes.size());
  for (const ConflictWish& wish : wanted.wishes) {
    before.push_back(tables_.conflicts.find(wish.id));
  }
  for (const ObservePage& page : wanted.pages) {
    observe(page, now);
  }
  std::vector<ResolveOutcome> outcomes;
  outcomes.reserve(wanted.wishes.size());
  for (std::size_t i = 0; i < wanted.wishes.size(); ++i) {
    const ConflictWish& wish = wanted.wishes[i];
    ResolveOutcome& outcome = outcomes.emplace_back();
    auto seen = tables_.conflicts.find(wish.id);
    if (!before[i] || !seen) {
      outcome.error = no_such_conflict(wish.id).error();
      continue;
    }
    const ResolveBy by{wanted.user, now};
    const auto resolved = wish.undo ? undo_one(wish, std::move(*seen), by)
                                    : resolve_one(wish, *before[i], std::move(*seen), by);
    if (!resolved) {
      outcome.error = resolved.error();
    }
    outcome.conflict = tables_.conflicts.find(wish.id);
  }
  return outcomes;
}

}  // namespace hubsync::store
