#include "tests/sim/witness.hpp"

#include <algorithm>
#include <optional>

#include "daemon/core/backoff.hpp"
#include "daemon/core/canonical.hpp"

namespace hubsync::sim {
namespace {

using Kind = ApiCall::Kind;

bool by_uid(const ApiCall& call) {
  return call.key_property == uid_property;
}

bool is_link(const ApiCall& call) {
  return call.kind == Kind::associate || call.kind == Kind::dissociate;
}

std::string text_of(const ApiCall& call, const std::string& key) {
  return std::string{name_of(call.kind)} + " of " + call.type + " " + key;
}

/// What must be committed before such a call may leave.
store::Intent intent_of(Kind kind) {
  switch (kind) {
    case Kind::create:
    case Kind::upsert:
      return store::Intent::create;
    case Kind::archive:
      return store::Intent::archive;
    default:
      return store::Intent::update;
  }
}

std::optional<Record> record_of(const ApiCall& call, const std::string& key, store::Tables& tables) {
  if (by_uid(call)) {
    return tables.records.find_uid(call.type, key);
  }
  const auto id = parse_hubspot_id(key);
  return id ? tables.records.find_linked(call.type, *id) : std::nullopt;
}

/// Only where the portal has no property for it may a create carry no id of ours.
void check_portal_without_uid(Crm& crm, const ApiCall& call, Verdict& verdict) {
  auto& portal = crm.portal();
  if (portal.type(*portal.schema.find_type(call.type)).find(uid_property)) {
    verdict.breach("I7 no double create", "a create of " + call.type + " leaves without an id of ours");
  }
}

bool creates_under_way(const std::string& type, store::Tables& tables) {
  const auto due = tables.due.list(0, 1'000);
  return std::ranges::any_of(due, [&type](const store::DueRow& row) {
    return row.type == type && row.intent == store::Intent::create;
  });
}

}  // namespace

void Witness::leaving(const ApiCall& call, store::Tables& tables) {
  if (!call.changes_records()) {
    return;
  }
  for (const ApiCall::Input& input : call.inputs) {
    if (input.key.empty()) {
      check_portal_without_uid(crm_, call, verdict_);
      continue;
    }
    const Key key{call.type, input.key};
    if (!under_way_.insert(key).second) {
      verdict_.breach(
          "I24 one effect at a time", text_of(call, input.key) + " leaves while another is under way"
      );
    }
    check_intent(call, input, tables);
    // Associations follow the write of the same batch, and repeating one changes nothing.
    if (!is_link(call) && !written_since_read_.insert(key).second) {
      verdict_.breach(
          "I23 unknown is followed by a read",
          text_of(call, input.key) + " leaves again although nothing was read since the last attempt"
      );
    }
  }
}

void Witness::check_intent(const ApiCall& call, const ApiCall::Input& input, store::Tables& tables) {
  const auto record = record_of(call, input.key, tables);
  if (!record) {
    // An association made right after a create: the link is committed with the outcome. And what was merged
    // away after its write was decided is known by an old name.
    const auto id = parse_hubspot_id(input.key);
    const bool merged_away = id && tables.records.find_alias(call.type, *id);
    if (!is_link(call) && !merged_away) {
      verdict_.breach("I21 intent before effect", text_of(call, input.key) + ": no record has this id");
    }
    return;
  }
  const auto row = tables.due.find(record->id);
  const bool fits =
      row && (row->intent == intent_of(call.kind) || (is_link(call) && row->intent != store::Intent::none));
  if (!fits && is_link(call) && creates_under_way(call.type, tables)) {
    return;  // HubSpot took a create for this record, which is another one here; its answer is not stored
             // yet.
  }
  if (!fits) {
    verdict_.breach(
        "I21 intent before effect", text_of(call, input.key) + " leaves without a committed intent"
    );
    return;
  }
  decided_[{call.type, input.key}] = row->not_before - longest_flight - timeline_.clock_error;
  check_cause(call, *record, *row);
  check_dispute(call, input, *record, tables);
}

bool Witness::is_recorded(const LocalId& record, const std::string& field, store::Tables& tables) {
  for (const bool open : {true, false}) {
    const auto conflicts = tables.conflicts.list({.open = open, .limit = 1'000, .record = record}).items;
    const bool names = std::ranges::any_of(conflicts, [&field](const Conflict& conflict) {
      return conflict.decided.contains(field) ||
             std::ranges::find(conflict.fields, field) != conflict.fields.end();
    });
    if (names) {
      return true;
    }
  }
  return false;
}

/// What both sides changed is sent only once somebody, or a rule, decided it, and that is committed (I5).
void Witness::check_dispute(
    const ApiCall& call, const ApiCall::Input& input, const Record& record, store::Tables& tables
) {
  if (call.kind != Kind::update) {
    return;
  }
  for (const FieldRule& rule : setup_.rules.find(call.type)->fields) {
    const auto base = record.base.find(rule.name);
    // What the newest rule cannot decide yet waits for HubSpot's history, also while an older value is on its
    // way.
    const bool looked_at = rule.direction == Direction::both && rule.policy != Policy::newest;
    if (!looked_at || base == record.base.end() || !input.properties.contains(rule.property)) {
      continue;
    }
    const std::string& local = value_or_empty(record.local, rule.name);
    const std::string& remote = value_or_empty(record.remote, rule.name);
    const bool disputed = !same_value(local, remote, rule.kind) &&
                          !same_value(local, base->second.local, rule.kind) &&
                          !same_value(remote, base->second.remote, rule.kind);
    if (disputed && !is_recorded(record.id, rule.name, tables)) {
      verdict_.breach(
          "I5 a conflict is recorded before its winner is sent",
          text_of(call, input.key) + " sends " + rule.name + ", which both sides changed"
      );
    }
  }
}

void Witness::check_cause(const ApiCall& call, const Record& record, const store::DueRow& row) {
  if (call.kind == Kind::archive && !ledger_.was_deleted_locally(record.id)) {
    verdict_.breach("I9 no deletion by absence", "archives " + record.id.text + ", which nobody deleted");
  }
  const bool creates = call.kind == Kind::create || call.kind == Kind::upsert;
  // Edited away under way is fine: what counts is what was committed with the intent.
  if (creates && record.local_presence != Presence::live && row.intent_fields.empty()) {
    verdict_.breach("I8 no resurrection", "creates " + record.id.text + ", which is deleted");
  }
}

void Witness::starting_over(store::Tables& tables) {
  store::Query left{tables.db, "SELECT record FROM claims"};
  while (left.next()) {
    ++deaths_[{left.text(0)}];
  }
}

void Witness::arriving(const ApiCall& call) {
  for (const ApiCall::Input& input : call.inputs) {
    if (call.kind == Kind::update) {
      note_overtaken(call, input);
    } else if (call.kind == Kind::archive) {
      ApiCall::Input whole{.key = input.key};
      for (const FieldRule& rule : setup_.rules.find(call.type)->fields) {
        whole.properties[rule.property] = "";
      }
      note_overtaken(call, whole);
    }
  }
}

void Witness::note_overtaken(const ApiCall& call, const ApiCall::Input& input) {
  const auto shown = shown_.find({call.type, input.key});
  auto& portal = crm_.portal();
  const auto type = *portal.schema.find_type(call.type);
  const auto id = parse_hubspot_id(input.key);
  // A write by an old name lands on the survivor of the merge.
  const std::int64_t there = id ? crm_.resolve(*setup_.rules.find(call.type), id->number) : 0;
  const hubspot_sim::Record* const record = id ? portal.store(type).find(there) : nullptr;
  if (record == nullptr) {
    return;
  }
  for (const auto& [property, text] : input.properties) {
    const auto prop = portal.type(type).find(property);
    const hubspot_sim::Value* const value = prop ? record->find(*prop) : nullptr;
    const bool foreign = value != nullptr && value->source != hubspot_sim::Source::integration;
    if (!foreign) {
      continue;
    }
    const auto decided = decided_.find({call.type, input.key});
    const bool undecided = decided != decided_.end() && value->at >= decided->second;
    // What a deletion was not decided against went with it, also when another read saw it on the way.
    const bool unseen = there != id->number || shown == shown_.end() || value->at >= shown->second ||
                        (undecided && call.kind == Kind::archive);
    for (const FieldRule& rule : setup_.rules.find(call.type)->fields) {
      if (rule.property == property && unseen) {
        overtaken_.insert(canonical(value->text, rule.kind));
      } else if (rule.property == property && undecided) {
        covered_.insert(canonical(value->text, rule.kind));
      }
    }
  }
}

/// A read by a unique value shows the record that has it, by whatever name it is written to.
void Witness::forget_writes_before(const ApiCall& call, const ApiCall::Input& input) {
  auto& portal = crm_.portal();
  const auto type = *portal.schema.find_type(call.type);
  if (const auto prop = portal.type(type).find(call.key_property)) {
    for (const std::int64_t id : portal.store(type).find_by_value(*prop, input.key)) {
      written_since_read_.erase({call.type, std::to_string(id)});
    }
  }
}

void Witness::answered(const ApiCall& call, Known known, std::optional<Instant> carried_out) {
  for (const ApiCall::Input& input : call.inputs) {
    const Key key{call.type, input.key};
    if (call.changes_records()) {
      under_way_.erase(key);
      writes_told_ += !is_link(call) && known == Known::done ? 1 : 0;
    }
    const bool was_read = call.kind == Kind::read && known == Known::done;
    // A history is read to look for values that were covered; no write is decided by it.
    if (was_read && carried_out && call.key_property.empty() && !call.with_history) {
      Instant& shown = shown_[key];
      shown = std::max(shown, *carried_out);
    }
    const bool surely_not_written = call.changes_records() && known == Known::not_done;
    if (was_read || surely_not_written) {
      written_since_read_.erase(key);
    }
    if (was_read && !call.key_property.empty()) {
      forget_writes_before(call, input);
    } else if (const auto id = parse_hubspot_id(input.key); was_read && id) {
      // A read by an old name shows the survivor of the merge.
      const std::int64_t shown = crm_.resolve(*setup_.rules.find(call.type), id->number);
      written_since_read_.erase({call.type, std::to_string(shown)});
    }
  }
}

}  // namespace hubsync::sim
