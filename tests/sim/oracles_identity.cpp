// Who is who at the end of a history, and whether the audit knows how it came to be.
#include <algorithm>

#include "daemon/core/canonical.hpp"
#include "tests/sim/oracles.hpp"

namespace hubsync::sim {

/// Names are written once only: two live records with one of them are one create, made twice (I7). Where
/// records are brought back or taken for each other, a value may rightly be on two.
void Oracles::check_doubles(const TypeRules& rules) {
  const Habits& habits = world_.setup.habits;
  if (habits.restore > 0 || habits.merge > 0 || habits.twin > 0) {
    return;
  }
  const std::string field = rules.name == "contacts" ? "lastName" : "name";
  std::map<std::string, std::int64_t> owners;
  for (const std::int64_t id : world_.crm.live(rules)) {
    const std::string value = canonical(value_or_empty(world_.crm.values(rules, id), field), ValueKind::text);
    const auto [owner, first] = owners.try_emplace(value, id);
    if (!value.empty() && !first) {
      world_.verdict.breach(
          "I7 no double create",
          rules.name + " " + std::to_string(owner->second) + " and " + std::to_string(id) + " both have " +
              field + "=\"" + value + "\""
      );
    }
  }
}

/// What HubSpot's users restored is the local record that it was before (I13).
void Oracles::check_restored() {
  for (const auto& [place, old] : world_.ledger.old_links()) {
    const auto& [type, id] = place;
    const TypeRules& rules = *world_.setup.rules.find(type);
    const Known* const now = world_.crm.is_live(rules, id) ? linked_to(type, id) : nullptr;
    const bool elsewhere = world_.ledger.was_restored_locally(old) || world_.ledger.was_merged(type, id);
    if (now != nullptr && now->record.id != old && !elsewhere) {
      breach("I13 restore", rules, *now, "HubSpot's " + std::to_string(id) + " was " + old.text + " before");
    }
  }
}

/// Whatever HubSpot took and told us so stands in the audit (I29). A process that died may not have got to
/// it.
void Oracles::check_audit() {
  const Weather::Counts& trouble = world_.weather.counts;
  if (trouble.kills + trouble.power_cuts > 0) {
    return;
  }
  store::Query sent{
      repository_.db(),
      "SELECT count(*) FROM audit WHERE action IN ('sent create', 'sent update', 'sent archive')"
  };
  const std::int64_t told = world_.witness.writes_told();
  if (sent.next() && sent.integer(0) < told) {
    world_.verdict.breach(
        "I29 audit",
        "HubSpot took " + std::to_string(told) + " writes, and the audit tells of " +
            std::to_string(sent.integer(0))
    );
  }
}

}  // namespace hubsync::sim
