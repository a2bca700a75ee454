// What users do with values that are hard to tell apart: the same one on both sides, one that comes back, two
// that change places.
#include "tests/sim/users.hpp"

namespace hubsync::sim {

void Users::same_edit() {
  const TypeRules& rules = any_type();
  const FieldRule& field = any_field(rules);
  if (field.name == rules.key) {
    return;
  }
  const std::string value = world_.ledger.fresh(field);
  submit([this, &rules, name = field.name, value](Repository& repository, Instant now) {
    const auto record = any_here(repository, rules, false);
    if (!record) {
      return Deeds{};
    }
    if (record->hubspot_id) {
      world_.timeline.after(
          draw_.skewed(Duration{1}, Duration{5'000}),
          [this, &rules, id = *record->hubspot_id, name, value] {
            edit_in_hubspot(rules, id.number, name, value);
          }
      );
    }
    return edit_now(repository, rules, record->id, name, value, now);
  });
}

/// HubSpot may meet both values, in whatever order their writes arrive, or the last one only (I16).
void Users::take_back() {
  const TypeRules& rules = any_type();
  const FieldRule& field = any_field(rules);
  const std::string value = world_.ledger.fresh(field);
  const Duration after = draw_.skewed(Duration{1}, Duration{90'000});
  submit([this, &rules, name = field.name, value, after](Repository& repository, Instant now) {
    const auto record = any_here(repository, rules, false);
    if (!record) {
      return Deeds{};
    }
    const std::string before = value_or_empty(record->local, name);
    world_.timeline.after(after, [this, &rules, id = record->id, name, value, before] {
      submit([this, &rules, id, name, value, before](Repository& again, Instant then) {
        const auto found = again.find_record(rules.name, id);
        if (!found || found->local_presence != Presence::live ||
            value_or_empty(found->local, name) != value) {
          return Deeds{};
        }
        Deeds deeds = edit_now(again, rules, id, name, before, then);
        deeds.taken_back = deeds.writes;
        return deeds;
      });
    });
    return edit_now(repository, rules, record->id, name, value, now);
  });
}

/// One address moves to the other contact and back: neither may end up on both, nor nowhere.
void Users::swap_keys() {
  const TypeRules& rules = *world_.setup.rules.find("contacts");
  const auto first = any_in_hubspot(rules);
  const auto second = any_in_hubspot(rules);
  if (!first || first == second) {
    return;
  }
  const std::string one = value_or_empty(world_.crm.values(rules, *first), rules.key);
  const std::string other = value_or_empty(world_.crm.values(rules, *second), rules.key);
  edit_in_hubspot(rules, *first, rules.key, world_.ledger.fresh(*rules.find(rules.key)));
  edit_in_hubspot(rules, *second, rules.key, one);
  edit_in_hubspot(rules, *first, rules.key, other);
}

/// At once, so that HubSpot meets the last addresses only; or one address moves on, and its owner gets a new
/// one.
void Users::exchange_keys() {
  const TypeRules& rules = *world_.setup.rules.find("contacts");
  const std::string fresh = world_.ledger.fresh(*rules.find(rules.key));
  const bool both = draw_.chance(0.7);
  submit([this, &rules, fresh, both](Repository& repository, Instant now) {
    const auto first = any_here(repository, rules, false);
    const auto second = any_here(repository, rules, false);
    Deeds deeds;
    if (!first || first->id == second->id) {
      return deeds;
    }
    const std::string one = value_or_empty(first->local, rules.key);
    const std::string other = value_or_empty(second->local, rules.key);
    const auto edit = [&](const LocalId& id, const std::string& value) {
      Deeds done = edit_now(repository, rules, id, rules.key, value, now);
      deeds.writes.insert(deeds.writes.end(), done.writes.begin(), done.writes.end());
    };
    edit(first->id, fresh);
    edit(second->id, one);
    if (both) {
      edit(first->id, other);
    }
    return deeds;
  });
}

}  // namespace hubsync::sim
