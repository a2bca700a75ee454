// What the custom application and people do to records.
#include <utility>

#include "daemon/core/canonical.hpp"
#include "daemon/core/resolution.hpp"
#include "daemon/store/repository.hpp"

namespace hubsync::store {
namespace {

std::unexpected<Error> no_such_type(const std::string& type) {
  return fail(
      ErrorCode::invalid, "there is no record type \"" + type + "\"", "see [objects] in the configuration"
  );
}

std::unexpected<Error> no_such_record(const TypeRules& rules, const LocalId& id) {
  return fail(ErrorCode::not_found, "there is no " + rules.singular + " " + id.text);
}

/// Sets the fields that differ; true when any did. A pulled field that is named with its own value is no
/// edit.
bool set_fields(Record& record, const Fields& fields, const TypeRules& rules, Instant now) {
  bool changed = false;
  for (const auto& [field, value] : fields) {
    if (value_or_empty(record.local, field) == value) {
      continue;
    }
    changed = true;
    if (value.empty()) {
      record.local.erase(field);
    } else {
      record.local[field] = value;
    }
    if (rules.find(field) != nullptr) {
      record.edited[field] = now;
    }
  }
  return changed;
}

void mark_edited(Record& record, Instant now) {
  ++record.version;
  record.updated_at = now;
  record.local_modified = now;
}

}  // namespace

Result<void> SqliteRepository::check_fields(
    const LocalEdit& edit, const TypeRules& rules, const Record& record
) {
  for (const auto& [field, value] : edit.fields) {
    const FieldRule* const rule = rules.find(field);
    if (rule == nullptr || value_or_empty(record.local, field) == value) {
      continue;
    }
    if (rule->direction == Direction::pull) {
      return fail(
          ErrorCode::unprocessable,
          "the field \"" + field + "\" only follows HubSpot",
          "change it in HubSpot, or set its direction in the configuration",
          field
      );
    }
    if (rule->kind == ValueKind::reference && !value.empty() &&
        !tables_.records.is_live(rule->target, {value})) {
      return fail(
          ErrorCode::unprocessable,
          "the field \"" + field + "\" names none of the " + rule->target,
          "give the id of one, or nothing",
          field
      );
    }
  }
  return {};
}

Result<void> SqliteRepository::check_key(const Record& record, const TypeRules& rules) {
  if (tables_.erased.has_any(rules, record.local)) {
    return fail(
        ErrorCode::conflict,
        "this " + rules.key + " belongs to a person who was deleted for privacy",
        "it cannot be stored again, here or in HubSpot",
        rules.key
    );
  }
  if (!rules.key_is_unique) {
    return {};
  }
  const std::string key = canonical_key(rules, value_or_empty(record.local, rules.key));
  if (const auto other = tables_.records.other_with_key(rules.name, key, record.id)) {
    return fail(
        ErrorCode::conflict,
        "another " + rules.singular + " has this " + rules.key + ": " + other->text,
        "update that one, or give another value",
        rules.key
    );
  }
  return {};
}

void SqliteRepository::audit_edit(
    const LocalEdit& edit, const char* action, const Record& before, const Record& after, Instant now
) {
  Base values;
  for (const auto& [field, value] : after.local) {
    if (value_or_empty(before.local, field) != value) {
      values[field] = {value_or_empty(before.local, field), value};
    }
  }
  for (const auto& [field, value] : before.local) {
    if (!after.local.contains(field)) {
      values[field] = {value, ""};
    }
  }
  tables_.audit.append(
      {.actor = edit.actor,
       .action = action,
       .type = after.type,
       .record = after.id,
       .values = std::move(values)},
      now
  );
}

Result<Draft> SqliteRepository::open_for_edit(const LocalEdit& edit, const TypeRules& rules) {
  auto record = tables_.records.find(edit.id);
  if (!record || record->type != rules.name || record->local_presence == Presence::absent) {
    return no_such_record(rules, edit.id);
  }
  if (edit.if_version && *edit.if_version != record->version) {
    return fail(
        ErrorCode::stale,
        "the " + rules.singular + " has version " + std::to_string(record->version) + " by now, not " +
            std::to_string(*edit.if_version),
        "read it again and repeat the change"
    );
  }
  return Draft::of(std::move(*record));
}

Result<Record> SqliteRepository::create_record(const LocalEdit& edit, Instant now) {
  const TypeRules* const rules = rules_.find(edit.type);
  if (rules == nullptr) {
    return no_such_type(edit.type);
  }
  Draft draft = drafts_.begin(*rules, now);
  if (auto checked = check_fields(edit, *rules, draft.record); !checked) {
    return std::unexpected(checked.error());
  }
  set_fields(draft.record, edit.fields, *rules, now);
  if (auto checked = check_key(draft.record, *rules); !checked) {
    return std::unexpected(checked.error());
  }
  draft.record.local_presence = Presence::live;
  mark_edited(draft.record, now);
  drafts_.commit(draft, *rules, {.cause = Cause::edit}, now);
  audit_edit(edit, "create", {}, draft.record, now);
  return std::move(draft.record);
}

Result<Record> SqliteRepository::update_record(const LocalEdit& edit, Instant now) {
  const TypeRules* const rules = rules_.find(edit.type);
  if (rules == nullptr) {
    return no_such_type(edit.type);
  }
  Result<Draft> draft = open_for_edit(edit, *rules);
  if (!draft) {
    return std::unexpected(draft.error());
  }
  if (draft->record.local_presence == Presence::deleted) {
    return fail(ErrorCode::conflict, "the " + rules->singular + " is deleted", "restore it first");
  }
  if (auto checked = check_fields(edit, *rules, draft->record); !checked) {
    return std::unexpected(checked.error());
  }
  Record before = draft->record;
  if (!set_fields(draft->record, edit.fields, *rules, now)) {
    return before;
  }
  if (auto checked = check_key(draft->record, *rules); !checked) {
    return std::unexpected(checked.error());
  }
  mark_edited(draft->record, now);
  draft->dirty = true;
  drafts_.commit(*draft, *rules, {.cause = Cause::edit}, now);
  audit_edit(edit, "update", before, draft->record, now);
  return std::move(draft->record);
}

Result<Record> SqliteRepository::delete_record(const LocalEdit& edit, Instant now) {
  const TypeRules* const rules = rules_.find(edit.type);
  if (rules == nullptr) {
    return no_such_type(edit.type);
  }
  Result<Draft> draft = open_for_edit(edit, *rules);
  if (!draft) {
    return std::unexpected(draft.error());
  }
  if (draft->record.local_presence == Presence::deleted) {
    return std::move(draft->record);
  }
  draft->record.local_presence = Presence::deleted;
  const auto row = tables_.due.find(edit.id);
  if (row && row->sent_create() && !draft->record.hubspot_id) {
    // The create may have arrived. As long as that is open, "gone on both sides" is not agreed (I8, I23).
    draft->record.base_presence = Presence::live;
  }
  mark_edited(draft->record, now);
  draft->dirty = true;
  drafts_.commit(*draft, *rules, {.cause = Cause::edit}, now);
  audit_edit(edit, "delete", draft->record, draft->record, now);
  return std::move(draft->record);
}

Result<Record> SqliteRepository::restore_record(const LocalEdit& edit, Instant now) {
  const TypeRules* const rules = rules_.find(edit.type);
  if (rules == nullptr) {
    return no_such_type(edit.type);
  }
  Result<Draft> draft = open_for_edit(edit, *rules);
  if (!draft) {
    return std::unexpected(draft.error());
  }
  Record& record = draft->record;
  if (record.local_presence == Presence::live) {
    return std::move(record);
  }
  if (auto checked = check_key(record, *rules); !checked) {
    return std::unexpected(checked.error());
  }
  record.local_presence = Presence::live;
  const FieldRule* const reference = rules->reference();
  if (reference != nullptr &&
      !tables_.records.is_live(reference->target, {value_or_empty(record.local, reference->name)})) {
    record.local.erase(reference->name);
  }
  if (record.remote_presence == Presence::deleted) {
    drafts_.detach(*draft, *rules, now);
  } else if (!record.hubspot_id) {
    record.base_presence = Presence::absent;
  } else {
    reclaim_edits(record, *rules);
  }
  mark_edited(record, now);
  draft->dirty = true;
  drafts_.commit(*draft, *rules, {.cause = Cause::edit}, now);
  audit_edit(edit, "restore", record, record, now);
  return std::move(record);
}

Result<Record> SqliteRepository::find_record(const std::string& type, const LocalId& id) {
  const TypeRules* const rules = rules_.find(type);
  if (rules == nullptr) {
    return no_such_type(type);
  }
  auto record = tables_.records.find(id);
  if (!record || record->type != rules->name || record->local_presence == Presence::absent) {
    return no_such_record(*rules, id);
  }
  return std::move(*record);
}

Page<Record> SqliteRepository::list_records(const RecordQuery& query) {
  const TypeRules* const rules = rules_.find(query.type);
  if (rules == nullptr) {
    return {};
  }
  RecordQuery named = query;
  named.type = rules->name;
  return tables_.records.list(named);
}

}  // namespace hubsync::store
