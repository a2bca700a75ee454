// What has become of the values that people wrote (I3, I4, I16).
#include <algorithm>

#include "daemon/core/canonical.hpp"
#include "tests/sim/oracles.hpp"

namespace hubsync::sim {

void Oracles::check_invention(const TypeRules& rules, const Fields& values, const std::string& where) {
  for (const auto& [field, value] : values) {
    const FieldRule* const rule = rules.find(field);
    if (rule != nullptr && rule->kind != ValueKind::reference && !value.empty() &&
        !world_.ledger.was_written(rules.name, field, value)) {
      world_.verdict.breach(
          "I4 no invention", where + " has " + field + "=\"" + value + "\", which nobody wrote"
      );
    }
  }
}

/// Every place where a value may still be found: either side, conflicts, the audit.
std::set<std::string> Oracles::kept_values(const TypeRules& rules, const FieldRule& field) {
  std::set<std::string> kept;
  const auto keep = [&](const std::string& value) { kept.insert(canonical(value, field.kind)); };
  for (const Known& known : known_[rules.name]) {
    if (known.record.local_presence == Presence::live) {
      keep(value_or_empty(known.record.local, field.name));
    }
  }
  for (const std::int64_t id : world_.crm.live(rules)) {
    keep(value_or_empty(world_.crm.values(rules, id), field.name));
  }
  for (const std::string& value : told_[{rules.name, field.name}]) {
    keep(value);
  }
  return kept;
}

/// A merge or a deletion leaves no history to be read of the record that our write covered the value in.
/// Where upserts follow merges, a create that is sent again covers what the survivor had.
bool Oracles::lost_its_history(const Written& write, const std::string& form) {
  const auto id = parse_hubspot_id(write.record);
  if (!id) {
    return false;
  }
  const bool merged = world_.ledger.was_merged(write.type, id->number);
  const bool gone = merged || !world_.crm.is_live(*world_.setup.rules.find(write.type), id->number);
  const bool part_of_merge = merged || world_.ledger.is_survivor(write.type, id->number);
  return (gone && world_.witness.covered().contains(form)) ||
         (part_of_merge && world_.setup.portal.merged_unique_keys);
}

/// As above: what was here, and in HubSpot, of the record that the other one of ours was folded into.
bool Oracles::was_covered_by_repeat(const Written& write) {
  const Known* const found = known_as(write.type, LocalId{write.record});
  if (!world_.setup.portal.merged_unique_keys || found == nullptr || !found->record.hubspot_id ||
      !world_.ledger.is_survivor(write.type, found->record.hubspot_id->number)) {
    return false;
  }
  store::Query folded{
      repository_.db(), "SELECT 1 FROM audit WHERE action = ? LIMIT 1", "merged into " + write.record
  };
  return folded.next();
}

void Oracles::check_lost_writes() {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> kept;
  for (const TypeRules& rules : world_.setup.rules.types) {
    for (const FieldRule& field : rules.fields) {
      kept[{rules.name, field.name}] = kept_values(rules, field);
    }
  }
  for (const Written& write : world_.ledger.writes()) {
    const FieldRule& rule = *world_.setup.rules.find(write.type)->find(write.field);
    const bool unique =
        !write.value.empty() && rule.kind != ValueKind::reference && rule.direction != Direction::pull;
    const bool gives_way = write.side == Side::hubspot && rule.direction == Direction::push;
    const std::string form = canonical(write.value, rule.kind);
    if (!write.certain || !unique || gives_way || kept[{write.type, write.field}].contains(form) ||
        world_.ledger.was_let_go(write.type, write.field, write.value)) {
      continue;
    }
    const bool unseen = write.side == Side::hubspot
                            ? world_.witness.overtaken().contains(form) || lost_its_history(write, form)
                            : was_covered_by_repeat(write);
    if (unseen) {
      continue;
    }
    world_.verdict.breach(
        "I3 no lost write",
        "at " + format_instant(write.at) + " somebody wrote " + write.field + "=\"" + write.value + "\" to " +
            write.type + " " + write.record + " " + (write.side == Side::local ? "here" : "in HubSpot") +
            " (" + rule_name(rule) +
            "): it is on neither side, in no conflict, and nobody who saw it replaced it"
    );
  }
}

/// What a person replaced by the value before must not come back by itself, as HubSpot's edit (I16).
void Oracles::check_taken_back() {
  for (const std::size_t number : world_.ledger.taken_back()) {
    const Written& write = world_.ledger.writes()[number];
    const TypeRules& rules = *world_.setup.rules.find(write.type);
    const Known* const found = known_as(write.type, LocalId{write.record});
    if (found == nullptr || !found->record.hubspot_id) {
      continue;
    }
    const std::int64_t id = found->record.hubspot_id->number;
    const bool written_there = std::ranges::any_of(world_.ledger.writes(), [&](const Written& later) {
      return later.side == Side::hubspot && later.at > write.at && later.record == std::to_string(id) &&
             later.field == write.field && later.value == write.replaced;
    });
    // Archived, by whomever, and restored on both sides: they are matched anew, which clears nothing (I11).
    const bool matched_anew = world_.ledger.was_archived(write.type, id) ||
                              world_.ledger.was_deleted_locally(found->record.id) ||
                              world_.ledger.was_merged(write.type, id);
    const bool decided =
        written_there || matched_anew || told_[{write.type, write.field}].contains(write.replaced);
    if (!decided && found->record.local_presence == Presence::live &&
        value_or_empty(found->record.local, write.field) == write.replaced) {
      breach(
          "I16 no echo",
          rules,
          *found,
          write.field + "=\"" + write.replaced + "\" was taken back at " + format_instant(write.at) +
              ", and is here again"
      );
    }
  }
}

}  // namespace hubsync::sim
