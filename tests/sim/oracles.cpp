#include "tests/sim/oracles.hpp"

#include <algorithm>

#include "daemon/core/canonical.hpp"
#include "daemon/core/plan.hpp"
#include "daemon/store/views_json.hpp"

namespace hubsync::sim {
namespace {

constexpr std::int64_t all_rows = 1'000'000;

std::string show_fields(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text.append(" ").append(name).append("=\"").append(value).append("\"");
  }
  return text.empty() ? " nothing" : text;
}

std::string show_presence(Presence presence) {
  return presence == Presence::live ? "live" : presence == Presence::deleted ? "deleted" : "absent";
}

}  // namespace

bool Oracles::Known::parked() const {
  return record.status == SyncStatus::error || (due && due->state == DueItem::State::failed);
}

bool Oracles::Known::waits(const FieldRule& rule) const {
  const bool one_refused = record.hubspot_id && record.error.find(no_address) != std::string::npos;
  return parked() && (!one_refused || value_or_empty(record.local, rule.name).ends_with(no_address));
}

bool Oracles::Known::undecided(std::string_view field) const {
  const auto names = [this](std::string_view name) {
    return std::ranges::find(open->fields, name) != open->fields.end();
  };
  return open && (names(field) || names(deleted_field));
}

Oracles::Oracles(World& world) : world_(world), repository_(world.process()->repository()) {
  load();
}

void Oracles::load() {
  store::Tables& tables = repository_.tables();
  for (const TypeRules& rules : world_.setup.rules.types) {
    std::vector<LocalId> ids;
    store::Query query{tables.db, "SELECT id FROM records WHERE type = ? ORDER BY id", rules.name};
    while (query.next()) {
      ids.push_back({query.text(0)});
    }
    for (const LocalId& id : ids) {
      Known known{
          .record = *tables.records.find(id),
          .due = tables.due.find(id),
          .open = tables.conflicts.find_open(id)
      };
      store::Query aliases{tables.db, "SELECT hubspot_id FROM aliases WHERE record = ? ORDER BY 1", id};
      while (aliases.next()) {
        known.former.push_back(aliases.integer(0));
      }
      known_[rules.name].push_back(std::move(known));
    }
  }
  for (const bool open : {true, false}) {
    std::ranges::move(
        tables.conflicts.list({.open = open, .limit = all_rows}).items, std::back_inserter(conflicts_)
    );
  }
  for (const Conflict& conflict : conflicts_) {
    for (const Fields* const version : {&conflict.local_version, &conflict.hubspot_version}) {
      for (const auto& [field, value] : *version) {
        told_[{conflict.type, field}].insert(value);
      }
    }
    for (const auto& [field, decided] : conflict.decided) {
      told_[{conflict.type, field}].insert({decided.local, decided.remote});
    }
  }
  store::Query audit{
      tables.db,
      "SELECT type, value FROM audit JOIN audit_values ON audit_values.audit = audit.id "
      "WHERE action IN ('kept local', 'kept hubspot', 'updated a conflict') OR action LIKE 'merged into %' "
      "ORDER BY audit.id"
  };
  while (audit.next()) {
    for (const auto& [field, pair] : store::read_base(audit.text(1))) {
      told_[{audit.text(0), field}].insert({pair.local, pair.remote});
    }
  }
}

void Oracles::check() {
  for (const TypeRules& rules : world_.setup.rules.types) {
    for (const Known& known : known_[rules.name]) {
      check_presence(rules, known);
      check_fields(rules, known);
      check_exchange(rules, known);
      check_reference(rules, known);
      check_deletions(rules, known);
      check_resurrection(rules, known);
      if (known.record.local_presence == Presence::live) {
        check_invention(rules, known.record.local, known.record.id.text);
      }
    }
    check_remote(rules);
    check_doubles(rules);
  }
  check_restored();
  check_audit();
  check_lost_writes();
  check_taken_back();
  check_creates();
  check_limit();
  check_database();
}

void Oracles::check_presence(const TypeRules& rules, const Known& known) {
  const Record& record = known.record;
  // By chance it dies three times over the same record, in one history of 100,000.
  const int deaths = world_.witness.deaths_over(record.id);
  if (known.due && known.due->deaths >= deaths_until_parked && deaths < 3) {
    breach("I28 poison", rules, known, "it was parked after " + std::to_string(deaths) + " deaths");
  }
  if (record.local_presence != Presence::live || known.parked() || known.undecided(deleted_field)) {
    return;
  }
  if (!record.hubspot_id) {
    breach("I1 convergence", rules, known, "it never reached HubSpot");
    return;
  }
  const std::int64_t id = record.hubspot_id->number;
  if (world_.crm.resolve(rules, id) != id) {
    breach(
        "I12 merges",
        rules,
        known,
        "its link is the old name of " + std::to_string(world_.crm.resolve(rules, id))
    );
  } else if (!world_.crm.is_live(rules, id)) {
    breach("I1 convergence", rules, known, "HubSpot does not have it, and nobody is told");
  }
}

void Oracles::check_fields(const TypeRules& rules, const Known& known) {
  const Record& record = known.record;
  if (record.local_presence != Presence::live || !record.hubspot_id) {
    return;
  }
  const Fields there = world_.crm.values(rules, record.hubspot_id->number);
  for (const FieldRule& rule : rules.fields) {
    if (rule.kind == ValueKind::reference || known.waits(rule) || known.undecided(rule.name)) {
      continue;
    }
    const std::string& local = value_or_empty(record.local, rule.name);
    const std::string& remote = value_or_empty(there, rule.name);
    const auto base = record.base.find(rule.name);
    const bool agreed = base != record.base.end() && same_value(base->second.local, local, rule.kind) &&
                        same_value(base->second.remote, remote, rule.kind);
    // A first match clears nothing, also where the field travels one way only (I11).
    const bool kept_at_first_match =
        agreed && rule.direction != Direction::both && (local.empty() || remote.empty());
    if (!same_value(local, remote, rule.kind) && !kept_at_first_match) {
      breach("I1 convergence", rules, known, rule.name + " differs and nobody is told");
    }
    if (!agreed && !(local.empty() && remote.empty())) {
      breach(
          "I32 base discipline",
          rules,
          known,
          rule.name + " is equal on both sides, but the base says otherwise"
      );
    }
  }
}

/// Two that are to have each other's key are no reason to call for a person.
void Oracles::check_exchange(const TypeRules& rules, const Known& known) {
  const auto is_refused = [](const Known& one) {
    return one.parked() && one.record.hubspot_id && one.record.error.contains("already exists");
  };
  const auto wanted = [&rules](const Known& one) {
    return canonical_key(rules, value_or_empty(one.record.local, rules.key));
  };
  const auto held = [&](const Known& one) {
    const Fields there = world_.crm.values(rules, one.record.hubspot_id->number);
    return canonical_key(rules, value_or_empty(there, rules.key));
  };
  if (!is_refused(known) || held(known).empty()) {
    return;
  }
  for (const Known& other : known_[rules.name]) {
    if (is_refused(other) && wanted(known) == held(other) && wanted(other) == held(known)) {
      breach(
          "I1 convergence", rules, known, "its key and that of " + other.record.id.text + " were exchanged"
      );
    }
  }
}

void Oracles::check_reference(const TypeRules& rules, const Known& known) {
  const Record& record = known.record;
  const FieldRule* const rule = rules.reference();
  if (rule == nullptr || record.local_presence != Presence::live || !record.hubspot_id ||
      known.waits(*rule) || known.undecided(rule->name)) {
    return;
  }
  const std::int64_t there = world_.crm.company_of(record.hubspot_id->number);
  const Known* const company = there == 0 ? nullptr : linked_to(rule->target, there);
  const bool has = company != nullptr && company->record.local_presence == Presence::live;
  const std::string expected = has ? company->record.id.text : "";
  const std::string& here = value_or_empty(record.local, rule->name);
  if (here == expected) {
    return;
  }
  for (const Known& other : known_[rule->target]) {
    if (other.record.id.text == here && (other.parked() || !other.record.hubspot_id)) {
      return;  // The company itself cannot be sent; the link waits for it.
    }
  }
  breach(
      "I15 associations",
      rules,
      known,
      "its company is \"" + here + "\" here and " + std::to_string(there) + " (\"" + expected + "\") there"
  );
}

void Oracles::check_remote(const TypeRules& rules) {
  for (const std::int64_t id : world_.crm.live(rules)) {
    const Fields values = world_.crm.values(rules, id);
    check_invention(rules, values, "HubSpot's " + std::to_string(id));
    const Known* const known = linked_to(rules.name, id);
    const bool fine = known != nullptr && (known->record.local_presence == Presence::live ||
                                           known->undecided(deleted_field) || known->parked());
    if (!fine) {
      const std::string what =
          rules.singular + " " + std::to_string(id) + " is live in HubSpot" + show_fields(values);
      if (known == nullptr) {
        world_.verdict.breach("I1 convergence", what + ", and unknown here");
      } else {
        breach("I1 convergence", rules, *known, "it is live in HubSpot, deleted here, and nobody is told");
      }
    }
  }
}

void Oracles::check_deletions(const TypeRules& rules, const Known& known) {
  const Record& record = known.record;
  if (record.local_presence != Presence::deleted || world_.ledger.was_deleted_locally(record.id)) {
    return;
  }
  std::vector<std::int64_t> names = known.former;
  if (record.hubspot_id) {
    names.push_back(record.hubspot_id->number);
  }
  const bool in_hubspot = std::ranges::any_of(names, [&](std::int64_t id) {
    return world_.ledger.was_archived(rules.name, id) || world_.ledger.was_merged(rules.name, id);
  });
  store::Query folded{
      repository_.db(), "SELECT 1 FROM audit WHERE record = ? AND action LIKE 'merged into %'", record.id
  };
  if (!in_hubspot && !folded.next()) {
    breach("I9 no deletion by absence", rules, known, "it is deleted here, and nobody deleted it");
  }
}

void Oracles::check_resurrection(const TypeRules& rules, const Known& known) {
  const Record& record = known.record;
  if (record.local_presence != Presence::live || known.undecided(deleted_field)) {
    return;
  }
  const Ledger& ledger = world_.ledger;
  const bool revived =
      ledger.was_restored_in_hubspot(record.id) ||
      (record.hubspot_id && ledger.was_revived(rules.name, record.hubspot_id->number)) ||
      std::ranges::any_of(known.former, [&](std::int64_t id) { return ledger.was_revived(rules.name, id); });
  if (ledger.gone_locally().contains(record.id) && !revived) {
    breach("I8 no resurrection", rules, known, "it was deleted here, and lives again");
  }
  for (const std::int64_t id : known.former) {
    const bool gone = ledger.was_archived(rules.name, id) && !ledger.was_merged(rules.name, id);
    if (gone && !revived && !ledger.was_restored_locally(record.id)) {
      breach(
          "I8 no resurrection",
          rules,
          known,
          "it was archived in HubSpot as " + std::to_string(id) + ", and lives again"
      );
    }
  }
}

void Oracles::check_creates() {
  for (const auto& [key, count] : world_.crm.portal().counters.creates_by_key) {
    const std::string name = "." + std::string{uid_property} + "=";
    const auto place = key.find(name);
    // Made, and merged away before we heard of it: nothing leads from our record to the survivor.
    if (count > 1 && place != std::string::npos && !world_.ledger.was_lost(key.substr(place + name.size()))) {
      world_.verdict.breach(
          "I7 no double create", "HubSpot made " + key + " " + std::to_string(count) + " times"
      );
    }
  }
}

void Oracles::check_limit() {
  const Troubles& troubles = world_.setup.troubles;
  if (troubles.rival > 0 || troubles.day_spent > 0) {
    return;  // Somebody else uses the limit too.
  }
  // A call of a process that ended may arrive late, when the next one has begun to use the limit again.
  const Weather::Counts& trouble = world_.weather.counts;
  const bool ended = trouble.kills + trouble.power_cuts + trouble.clean_stops > 0;
  const std::int64_t of_the_ended = ended ? trouble.faults[static_cast<std::size_t>(Fault::late)] : 0;
  for (const auto& [kind, count] : world_.crm.portal().counters.calls) {
    if (count.throttled > of_the_ended) {
      world_.verdict.breach(
          "I26 rate", "HubSpot refused " + std::to_string(count.throttled) + " calls of " + kind
      );
    }
  }
}

void Oracles::check_database() {
  store::Query check{repository_.db(), "PRAGMA integrity_check"};
  if (!check.next() || check.text(0) != "ok") {
    world_.verdict.breach("I31 crash atomicity", "the database is damaged: " + check.text(0));
  }
  if (const std::int64_t broken = repository_.tables().audit.first_broken(); broken != 0) {
    world_.verdict.breach("I30 audit chain", "row " + std::to_string(broken) + " does not fit");
  }
}

const Oracles::Known* Oracles::linked_to(const std::string& type, std::int64_t id) const {
  const auto list = known_.find(type);
  if (list == known_.end()) {
    return nullptr;
  }
  const auto found = std::ranges::find_if(list->second, [id](const Known& known) {
    return known.record.hubspot_id == HubspotId{id};
  });
  return found == list->second.end() ? nullptr : &*found;
}

const Oracles::Known* Oracles::known_as(const std::string& type, const LocalId& id) const {
  const auto list = known_.find(type);
  if (list == known_.end()) {
    return nullptr;
  }
  const auto found = std::ranges::find(list->second, id, [](const Known& known) { return known.record.id; });
  return found == list->second.end() ? nullptr : &*found;
}

std::string Oracles::show(const TypeRules& rules, const Known& known) {
  const Record& record = known.record;
  const std::string link = record.hubspot_id ? std::to_string(record.hubspot_id->number) : "none";
  std::string text = rules.singular + " " + record.id.text + ", HubSpot id " + link + ", " +
                     std::string{to_string(record.status)} +
                     (record.error.empty() ? "" : " (" + record.error + ")");
  Fields base_local;
  Fields base_remote;
  for (const auto& [field, pair] : record.base) {
    base_local[field] = pair.local;
    base_remote[field] = pair.remote;
  }
  text += "\n    local   " + show_presence(record.local_presence) + show_fields(record.local);
  text += "\n    base    " + show_presence(record.base_presence) + show_fields(base_local) + " /" +
          show_fields(base_remote);
  text += "\n    remote  " + show_presence(record.remote_presence) + show_fields(record.remote);
  if (record.hubspot_id) {
    text += "\n    HubSpot" + show_fields(world_.crm.values(rules, record.hubspot_id->number));
  }
  if (known.due) {
    text += "\n    due     " + std::string{to_string(known.due->state)} + " " + known.due->error;
  }
  if (known.open) {
    text += "\n    conflict";
    for (const std::string& field : known.open->fields) {
      text += " " + field;
    }
  }
  return text;
}

void Oracles::breach(
    const std::string& oracle, const TypeRules& rules, const Known& known, const std::string& what
) {
  if (world_.verdict.held()) {
    world_.verdict.breach(oracle, what + "\n    " + show(rules, known));
  }
}

}  // namespace hubsync::sim
