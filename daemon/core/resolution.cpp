#include "daemon/core/resolution.hpp"

#include <algorithm>

#include "daemon/core/canonical.hpp"
#include "daemon/core/plan.hpp"

namespace hubsync {
namespace {

bool holds(const std::vector<std::string>& fields, std::string_view field) {
  return std::ranges::find(fields, field) != fields.end();
}

std::string joined(const std::vector<std::string>& fields) {
  std::string text;
  for (const std::string& field : fields) {
    text.append(text.empty() ? "" : ", ").append(field);
  }
  return text;
}

/// The local view keeps no empty values.
void set_value(Fields& fields, std::string_view field, const std::string& value) {
  if (value.empty()) {
    if (const auto found = fields.find(field); found != fields.end()) {
      fields.erase(found);
    }
  } else {
    fields.insert_or_assign(std::string{field}, value);
  }
}

DecidedField disputed(const Record& record, const FieldRule& rule) {
  const std::string& field = rule.name;
  const std::string* const lost = lost_value(record, rule);
  DecidedField result;
  result.local = value_or_empty(record.local, field);
  result.remote = lost != nullptr ? *lost : value_or_empty(record.remote, field);
  if (const auto base = record.base.find(field); base != record.base.end()) {
    result.base = base->second;
  }
  return result;
}

const std::string& chosen_value(const Choice& choice, const DecidedField& field) {
  switch (choice.take) {
    case Choice::Take::local:
      return field.local;
    case Choice::Take::hubspot:
      return field.remote;
    case Choice::Take::value:
      break;
  }
  return choice.value;
}

/// Gives a field its value and HubSpot's present one as its base; true when a local value gave way.
bool settle_field(Record& record, const FieldRule& rule, DecidedField& field, Instant now) {
  const std::string present = value_or_empty(record.remote, rule.name);
  const bool to_send = !same_value(field.kept, present, rule.kind);
  set_value(record.local, rule.name, field.kept);
  record.base[rule.name] = {present, present};
  record.lost.erase(rule.name);
  if (to_send) {
    record.edited[rule.name] = now;
  } else {
    record.edited.erase(rule.name);
  }
  return !to_send && field.kept != field.local;
}

/// HubSpot's value is known and no pointer to something unknown.
bool is_known(const Record& record, const FieldRule& rule) {
  const auto remote = record.remote.find(rule.name);
  return remote != record.remote.end() &&
         !(rule.kind == ValueKind::reference && parse_unresolved_reference(remote->second));
}

bool changed_in_hubspot(const Record& record, const FieldRule& rule) {
  if (rule.direction == Direction::push || !is_known(record, rule)) {
    return false;
  }
  const auto base = record.base.find(rule.name);
  const std::string& remote = record.remote.at(rule.name);
  return base == record.base.end() ? !same_value(remote, value_or_empty(record.local, rule.name), rule.kind)
                                   : !same_value(remote, base->second.remote, rule.kind);
}

/// Deleted here, alive in HubSpot, and it lives on: what HubSpot changed since wins with it.
void revive_here(Record& record, const TypeRules& rules, Decision& decision, Instant now) {
  reclaim_edits(record, rules);  // Of an earlier decision to delete it.
  for (const FieldRule& rule : rules.fields) {
    if (!changed_in_hubspot(record, rule)) {
      continue;
    }
    DecidedField field = disputed(record, rule);
    field.kept = field.remote;
    decision.pulled |= settle_field(record, rule, field, now);
    decision.fields.emplace(rule.name, std::move(field));
  }
  record.local_presence = Presence::live;
  record.base_presence = Presence::live;
}

/// Deleted here, alive in HubSpot, and to be deleted there too: HubSpot's edits are known and lose.
void give_up_edits(Record& record, const TypeRules& rules, Decision& decision) {
  for (const FieldRule& rule : rules.fields) {
    if (changed_in_hubspot(record, rule)) {
      DecidedField field = disputed(record, rule);
      field.kept = field.local;
      decision.fields.emplace(rule.name, std::move(field));
    }
    if (is_known(record, rule)) {
      const std::string& remote = record.remote.at(rule.name);
      const auto base = record.base.find(rule.name);
      record.base[rule.name] = {base == record.base.end() ? remote : base->second.local, remote};
    }
  }
  record.base_presence = Presence::live;
}

void decide_deletion(
    Record& record, const TypeRules& rules, const Choice& choice, Decision& decision, Instant now
) {
  const bool deleted_here = record.local_presence != Presence::live;
  const bool alive = stays_alive(choice, deleted_here);
  const auto word = [](bool deleted) { return std::string{deleted ? "true" : "false"}; };
  decision.fields.emplace(
      deleted_field,
      DecidedField{
          .local = word(deleted_here),
          .remote = word(record.remote_presence != Presence::live),
          .base = BasePair{"false", "false"},
          .kept = word(!alive)
      }
  );
  if (alive && deleted_here) {
    revive_here(record, rules, decision, now);
  } else if (alive) {
    decision.recreate = true;
  } else if (deleted_here) {
    give_up_edits(record, rules, decision);
  } else {
    record.local_presence = Presence::deleted;
  }
}

std::unexpected<Error> wrong_deletion() {
  return fail(
      ErrorCode::invalid,
      "the value of \"deleted\" is \"true\" or \"false\"",
      R"(or say "local" or "hubspot": whose side is kept)",
      std::string{deleted_field}
  );
}

}  // namespace

bool stays_alive(const Choice& choice, bool deleted_here) {
  switch (choice.take) {
    case Choice::Take::local:
      return !deleted_here;
    case Choice::Take::hubspot:
      return deleted_here;
    case Choice::Take::value:
      break;
  }
  return choice.value == "false";
}

Result<Choices> choices_of(const ConflictWish& wish, const Conflict& conflict) {
  Choices choices;
  if (wish.resolution != Resolution::merged) {
    const bool local = wish.resolution == Resolution::keep_local;
    for (const std::string& field : conflict.fields) {
      choices[field] = {.take = local ? Choice::Take::local : Choice::Take::hubspot};
    }
    return choices;
  }
  for (const auto& [field, choice] : wish.fields) {
    if (!holds(conflict.fields, field)) {
      return fail(
          ErrorCode::invalid,
          "\"" + field + "\" is not among the conflicting fields",
          "they are " + joined(conflict.fields) + "; change any other field on the record itself",
          field
      );
    }
    const bool says_deleted = choice.value == "true" || choice.value == "false";
    if (field == deleted_field && choice.take == Choice::Take::value && !says_deleted) {
      return wrong_deletion();
    }
    choices[field] = choice;
  }
  for (const std::string& field : conflict.fields) {
    if (!wish.partial && !choices.contains(field)) {
      return fail(
          ErrorCode::invalid,
          "nothing is said about the conflicting field \"" + field + "\"",
          R"(give "local", "hubspot" or {"value":"…"} for each, or "partial":true to leave it open)",
          field
      );
    }
  }
  if (choices.empty()) {
    return fail(ErrorCode::invalid, "no field is decided", "name at least one in \"fields\"", "fields");
  }
  return choices;
}

Result<void> check_unmoved(const Choices& choices, const Conflict& before, const Conflict& now) {
  const auto moved = [](const std::string& why) {
    return fail(
        ErrorCode::stale,
        "HubSpot has moved meanwhile: " + why,
        "the conflict shows what HubSpot has now; look at it again and decide"
    );
  };
  for (const std::string& field : now.fields) {
    if (!holds(before.fields, field)) {
      return moved("\"" + field + "\" is in conflict too");
    }
  }
  const bool only_hubspot = std::ranges::all_of(choices, [](const auto& choice) {
    return choice.second.take == Choice::Take::hubspot;
  });
  if (only_hubspot) {
    return {};
  }
  if (now.fields.size() != before.fields.size()) {
    return moved("less is in conflict than before");
  }
  for (const auto& [field, choice] : choices) {
    if (choice.take == Choice::Take::hubspot) {
      continue;
    }
    const bool same = field == deleted_field ? before.hubspot_version == now.hubspot_version
                                             : value_or_empty(before.hubspot_version, field) ==
                                                   value_or_empty(now.hubspot_version, field);
    if (!same) {
      return moved("\"" + field + "\" was edited there");
    }
  }
  return {};
}

Result<void> check_undoable(const Conflict& conflict, const Record& record) {
  const std::string name = "conflict " + std::to_string(conflict.id);
  const auto edited = [&name](const std::string& where) {
    return fail(
        ErrorCode::stale,
        name + " can not be undone: the record was edited " + where + " since",
        "change the record itself"
    );
  };
  if (!conflict.undo_version) {
    return fail(
        ErrorCode::unprocessable,
        name + " was not decided by a person, or can not be undone any more",
        "change the record itself"
    );
  }
  if (*conflict.undo_version != record.version) {
    return edited("here");
  }
  if (conflict.hubspot_id != record.hubspot_id) {
    return edited("in HubSpot");
  }
  for (const auto& [field, decided] : conflict.decided) {
    if (field == deleted_field) {
      const bool gone = record.remote_presence != Presence::live;
      if (gone != (decided.remote == "true")) {
        return edited("in HubSpot");
      }
      continue;
    }
    const std::string& remote = value_or_empty(record.remote, field);
    if (remote != decided.remote && remote != decided.kept) {
      return edited("in HubSpot");
    }
  }
  return {};
}

void undo_decision(Record& record, const TypeRules& rules, const Conflict& conflict, Instant now) {
  for (const auto& [field, decided] : conflict.decided) {
    const FieldRule* const rule = rules.find(field);
    if (field == deleted_field) {
      record.local_presence = decided.local == "true" ? Presence::deleted : Presence::live;
      record.base_presence = Presence::live;
    } else if (rule != nullptr) {
      const std::string remote = value_or_empty(record.remote, field);
      set_value(record.local, field, decided.local);
      record.edited[field] = now;
      if (remote != decided.remote) {  // The decision has arrived there.
        record.base[field] = {decided.kept, remote};
        record.lost[field] = decided.remote;
      } else if (decided.base) {
        record.base[field] = *decided.base;
      } else {
        record.base.erase(field);
      }
    }
  }
  ++record.version;
  record.updated_at = now;
  record.local_modified = now;
}

void reclaim_edits(Record& record, const TypeRules& rules) {
  for (const FieldRule& rule : rules.fields) {
    const auto base = record.base.find(rule.name);
    const auto remote = record.remote.find(rule.name);
    if (base == record.base.end() || remote == record.remote.end()) {
      continue;
    }
    const bool settled = base->second.local == value_or_empty(record.local, rule.name) &&
                         base->second.remote == remote->second;
    if (settled && !same_value(base->second.local, remote->second, rule.kind)) {
      base->second.remote = base->second.local;
    }
  }
}

Decision decide(Record& record, const TypeRules& rules, const Choices& choices, Instant now) {
  Decision decision;
  const Fields before = record.local;
  const Presence presence_before = record.local_presence;
  bool edits = false;
  for (const auto& [name, choice] : choices) {
    edits |= choice.take != Choice::Take::hubspot;
    if (name == deleted_field) {
      decide_deletion(record, rules, choice, decision, now);
      continue;
    }
    const FieldRule* const rule = rules.find(name);
    if (rule == nullptr) {
      continue;  // No longer mapped: the planner does not see it either.
    }
    DecidedField field = disputed(record, *rule);
    field.kept = chosen_value(choice, field);
    decision.pulled |= settle_field(record, *rule, field, now);
    decision.fields.insert_or_assign(name, std::move(field));
  }
  if (record.local != before || record.local_presence != presence_before) {
    ++record.version;
    record.updated_at = now;
  }
  if (edits) {
    record.local_modified = now;
  }
  if (decision.pulled) {
    record.direction = edits ? SyncDirection::bidirectional : SyncDirection::from_hubspot;
  }
  return decision;
}

}  // namespace hubsync
