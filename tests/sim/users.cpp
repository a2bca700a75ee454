#include "tests/sim/users.hpp"

#include <algorithm>
#include <utility>

namespace hubsync::sim {
namespace {

const std::string actor = "uid 1000";

std::string show(const Fields& values) {
  std::string text;
  for (const auto& [name, value] : values) {
    text.append(" ").append(name).append("=").append(value);
  }
  return text;
}

bool is_text(const FieldRule& rule) {
  return rule.kind != ValueKind::reference && rule.direction != Direction::pull;
}

Task<void> trigger(Engine& engine) {
  co_await engine.trigger({}, true, false);
}

}  // namespace

Users::Users(World& world) : world_(world), draw_(world.setup.seed, 8) {
  const Habits& habits = world.setup.habits;
  choices_ = {
      {habits.create, &Users::create},
      {habits.edit, &Users::edit},
      {habits.clear, &Users::clear},
      {habits.remove, &Users::remove},
      {habits.restore, &Users::restore},
      {habits.associate, &Users::associate},
      {habits.merge, &Users::merge},
      {habits.twin, &Users::twin},
      {habits.same_edit, &Users::same_edit},
      {habits.swap_keys, &Users::swap_keys},
      {habits.bad_value, &Users::bad_value},
      {habits.resolve, &Users::resolve},
      {habits.take_back, &Users::take_back},
      {habits.exchange_keys, &Users::exchange_keys},
  };
}

void Users::enter_first_records() {
  for (int i = 0; i < world_.setup.first_records; ++i) {
    const TypeRules& rules = any_type();
    create_in_hubspot(rules, first_values(rules));
    if (draw_.chance(0.4)) {
      associate_in_hubspot();
    }
  }
}

void Users::act() {
  double total = 0;
  for (const Habit& choice : choices_) {
    total += choice.weight;
  }
  double left = total * draw_.unit();
  for (const Habit& choice : choices_) {
    left -= choice.weight;
    if (left < 0) {
      (this->*choice.deed)();
      return;
    }
  }
}

const TypeRules& Users::any_type() {
  return *world_.setup.rules.find(draw_.chance(0.35) ? "companies" : "contacts");
}

const FieldRule& Users::any_field(const TypeRules& rules) {
  for (;;) {
    const FieldRule& rule = draw_.pick(rules.fields);
    if (is_text(rule)) {
      return rule;
    }
  }
}

Fields Users::first_values(const TypeRules& rules) {
  Fields values;
  for (const FieldRule& rule : rules.fields) {
    const bool needed = rule.name == "name" || rule.name == "lastName";
    if (is_text(rule) && (needed || draw_.chance(rule.name == rules.key ? 0.8 : 0.6))) {
      values[rule.name] = world_.ledger.fresh(rule);
    }
  }
  return values;
}

std::optional<std::int64_t> Users::any_in_hubspot(const TypeRules& rules) {
  const std::vector<std::int64_t> ids = world_.crm.live(rules);
  return ids.empty() ? std::nullopt : std::optional{draw_.pick(ids)};
}

std::optional<Record> Users::any_here(Repository& repository, const TypeRules& rules, bool deleted) {
  const Page<Record> all = repository.list_records({.type = rules.name, .limit = 500, .deleted = deleted});
  return all.items.empty() ? std::nullopt : std::optional{draw_.pick(all.items)};
}

std::size_t Users::note(
    Side side,
    const std::string& type,
    const std::string& record,
    const std::string& field,
    const std::string& value,
    const std::string& replaced
) {
  return world_.ledger.wrote(
      {.at = world_.timeline.now(),
       .side = side,
       .type = type,
       .record = record,
       .field = field,
       .value = value,
       .replaced = replaced,
       .certain = side == Side::hubspot}
  );
}

void Users::submit(Job job) {
  if (Process* const process = world_.process()) {
    process->start(carry_out(*process, std::move(job)));
  }
}

/// As the control API: one transaction, then the engine is told, then the user has the answer.
Task<void> Users::carry_out(Process& process, Job job) {
  const Deeds deeds =
      co_await process.store().run([job = std::move(job), now = process.wall()](Repository& repository) {
        return job(repository, now);
      });
  process.engine().local_edits();
  for (const std::size_t number : deeds.writes) {
    world_.ledger.make_certain(number);
  }
  for (const std::size_t number : deeds.taken_back) {
    world_.ledger.took_back(number);
  }
  if (deeds.deleted) {
    world_.ledger.surely_deleted_locally(deeds.deleted->first, deeds.deleted->second);
  }
}

void Users::create_in_hubspot(const TypeRules& rules, Fields values) {
  const auto id = world_.crm.create(rules, values, world_.timeline.now());
  if (!id) {
    return;
  }
  world_.trace.line("crm user", "creates " + rules.singular + " " + std::to_string(*id) + show(values));
  for (const auto& [field, value] : values) {
    note(Side::hubspot, rules.name, std::to_string(*id), field, value, "");
  }
}

void Users::edit_in_hubspot(
    const TypeRules& rules, std::int64_t id, const std::string& field, const std::string& value
) {
  const std::string before = value_or_empty(world_.crm.values(rules, id), field);
  if (before == value || !world_.crm.edit(rules, id, {{field, value}}, world_.timeline.now())) {
    return;
  }
  world_.trace.line(
      "crm user",
      "edits " + rules.singular + " " + std::to_string(id) + " " + field + ": " + before + " → " + value
  );
  note(Side::hubspot, rules.name, std::to_string(id), field, value, before);
}

Users::Deeds Users::edit_now(
    Repository& repository,
    const TypeRules& rules,
    const LocalId& id,
    const std::string& field,
    const std::string& value,
    Instant now
) {
  const auto before = repository.find_record(rules.name, id);
  if (!before || value_or_empty(before->local, field) == value) {
    return {};
  }
  const auto after = repository.update_record(
      {.type = rules.name, .id = id, .fields = {{field, value}}, .actor = actor}, now
  );
  if (!after) {
    return {};
  }
  const std::string& old = value_or_empty(before->local, field);
  world_.trace.line(
      "user", "edits " + rules.singular + " " + id.text + " " + field + ": " + old + " → " + value
  );
  return {.writes = {note(Side::local, rules.name, id.text, field, value, old)}};
}

/// Without an id: of any record.
void Users::edit_here(
    const TypeRules& rules, std::optional<LocalId> id, const std::string& field, std::string value
) {
  submit([this, &rules, id, field, value = std::move(value)](Repository& repository, Instant now) {
    std::optional<LocalId> chosen = id;
    if (!chosen) {
      const auto record = any_here(repository, rules, false);
      chosen = record ? std::optional{record->id} : std::nullopt;
    }
    return chosen ? edit_now(repository, rules, *chosen, field, value, now) : Deeds{};
  });
}

void Users::create() {
  const TypeRules& rules = any_type();
  Fields values = first_values(rules);
  if (in_hubspot()) {
    create_in_hubspot(rules, std::move(values));
    return;
  }
  const bool with_company = rules.reference() != nullptr && draw_.chance(0.5);
  submit([this, &rules, values = std::move(values), with_company](
             Repository& repository, Instant now
         ) mutable {
    Deeds deeds;
    if (with_company) {
      if (const auto company = any_here(repository, *world_.setup.rules.find("companies"), false)) {
        values[rules.reference()->name] = company->id.text;
      }
    }
    const auto record = repository.create_record({.type = rules.name, .fields = values, .actor = actor}, now);
    if (!record) {
      return deeds;
    }
    world_.trace.line("user", "creates " + rules.singular + " " + record->id.text + show(values));
    for (const auto& [field, value] : values) {
      deeds.writes.push_back(note(Side::local, rules.name, record->id.text, field, value, ""));
    }
    return deeds;
  });
}

void Users::edit() {
  const TypeRules& rules = any_type();
  if (rules.name == "contacts" && draw_.chance(0.1)) {
    if (const auto id = any_in_hubspot(rules)) {
      const std::vector<std::string> stages{"subscriber", "lead", "opportunity", "customer"};
      edit_in_hubspot(rules, *id, "lifecycle", draw_.pick(stages));
    }
    return;
  }
  const FieldRule& field = any_field(rules);
  const std::string value = world_.ledger.fresh(field);
  if (here()) {
    edit_here(rules, std::nullopt, field.name, value);
  } else if (const auto id = any_in_hubspot(rules)) {
    edit_in_hubspot(rules, *id, field.name, value);
  }
}

void Users::clear() {
  const TypeRules& rules = any_type();
  const FieldRule& field = any_field(rules);
  if (here()) {
    edit_here(rules, std::nullopt, field.name, "");
  } else if (const auto id = any_in_hubspot(rules)) {
    edit_in_hubspot(rules, *id, field.name, "");
  }
}

void Users::remove() {
  const TypeRules& rules = any_type();
  if (in_hubspot()) {
    if (const auto id = any_in_hubspot(rules)) {
      world_.ledger.let_go(rules.name, world_.crm.values(rules, *id));
      world_.ledger.archived_in_hubspot(rules.name, *id);
      world_.crm.archive(rules, *id, world_.timeline.now());
      world_.trace.line("crm user", "archives " + rules.singular + " " + std::to_string(*id));
    }
    return;
  }
  submit([this, &rules](Repository& repository, Instant now) {
    Deeds deeds;
    if (const auto record = any_here(repository, rules, false)) {
      if (repository.delete_record({.type = rules.name, .id = record->id, .actor = actor}, now)) {
        world_.trace.line("user", "deletes " + rules.singular + " " + record->id.text);
        world_.ledger.let_go(rules.name, record->local);
        deeds.deleted = {record->id, world_.ledger.deleted_locally(record->id)};
      }
    }
    return deeds;
  });
}

void Users::restore() {
  const TypeRules& rules = any_type();
  if (in_hubspot()) {
    const std::vector<std::int64_t> ids = world_.crm.archived(rules);
    if (ids.empty()) {
      return;
    }
    const std::int64_t id = draw_.pick(ids);
    if (world_.crm.restore(rules, id, world_.timeline.now())) {
      world_.trace.line("crm user", "restores " + rules.singular + " " + std::to_string(id));
      world_.ledger.revived_in_hubspot(rules.name, id);
      if (Process* const process = world_.process()) {
        const auto linked = process->repository().tables().records.find_linked(rules.name, HubspotId{id});
        if (linked && linked->local_presence == Presence::deleted) {
          world_.ledger.restored_in_hubspot(rules.name, id, linked->id);
        }
      }
    }
    return;
  }
  submit([this, &rules](Repository& repository, Instant now) {
    if (const auto record = any_here(repository, rules, true)) {
      if (repository.restore_record({.type = rules.name, .id = record->id, .actor = actor}, now)) {
        world_.trace.line("user", "restores " + rules.singular + " " + record->id.text);
        world_.ledger.restored_locally(record->id);
      }
    }
    return Deeds{};
  });
}

void Users::associate() {
  if (in_hubspot()) {
    associate_in_hubspot();
  } else {
    associate_here();
  }
}

void Users::associate_in_hubspot() {
  const auto contact = any_in_hubspot(*world_.setup.rules.find("contacts"));
  const auto company = any_in_hubspot(*world_.setup.rules.find("companies"));
  if (!contact) {
    return;
  }
  const std::int64_t current = world_.crm.company_of(*contact);
  const std::string text = "contact " + std::to_string(*contact);
  if (current != 0 && draw_.chance(0.3)) {
    world_.crm.dissociate(*contact, current, world_.timeline.now());
    world_.trace.line("crm user", "takes " + text + " from company " + std::to_string(current));
  } else if (company && world_.crm.associate(*contact, *company, world_.timeline.now())) {
    world_.trace.line("crm user", "puts " + text + " into company " + std::to_string(*company));
  }
}

void Users::associate_here() {
  const TypeRules& contacts = *world_.setup.rules.find("contacts");
  const bool leave = draw_.chance(0.3);
  submit([this, &contacts, leave](Repository& repository, Instant now) {
    const auto contact = any_here(repository, contacts, false);
    const auto company = any_here(repository, *world_.setup.rules.find("companies"), false);
    if (!contact || (!company && !leave)) {
      return Deeds{};
    }
    return edit_now(
        repository, contacts, contact->id, contacts.reference()->name, leave ? "" : company->id.text, now
    );
  });
}

void Users::merge() {
  const TypeRules& rules = any_type();
  const auto primary = any_in_hubspot(rules);
  const auto loser = any_in_hubspot(rules);
  if (!primary || primary == loser) {
    return;
  }
  const Fields before = world_.crm.values(rules, *primary);
  const Fields lost = world_.crm.values(rules, *loser);
  const std::array uids{world_.crm.uid(rules, *primary), world_.crm.uid(rules, *loser)};
  const auto survivor = world_.crm.merge(rules, *primary, *loser, world_.timeline.now());
  if (!survivor) {
    return;
  }
  world_.trace.line(
      "crm user",
      "merges " + rules.singular + " " + std::to_string(*loser) + " into " + std::to_string(*primary) +
          ", now " + std::to_string(*survivor)
  );
  const Fields after = world_.crm.values(rules, *survivor);
  for (const Fields& seen : {before, lost}) {
    for (const auto& [field, value] : seen) {
      if (value_or_empty(after, field) != value) {
        world_.ledger.let_go(rules.name, field, value);
      }
    }
  }
  for (const std::string& uid : uids) {
    if (uid != world_.crm.uid(rules, *survivor)) {
      world_.ledger.lost_uid(uid);
    }
  }
  world_.ledger.merged_in_hubspot(rules.name, *primary);
  world_.ledger.merged_in_hubspot(rules.name, *loser);
  world_.ledger.survived_merge(rules.name, *survivor);
  world_.ledger.revived_in_hubspot(rules.name, *survivor);
}

void Users::twin() {
  const TypeRules& rules = any_type();
  Fields there = first_values(rules);
  Fields here = first_values(rules);
  there[rules.key] = world_.ledger.fresh(*rules.find(rules.key));
  here[rules.key] = there[rules.key];
  const auto enter_there = [this, &rules, there] { create_in_hubspot(rules, there); };
  world_.timeline.after(draw_.skewed(Duration{1}, Duration{60'000}), enter_there);
  submit([this, &rules, here](Repository& repository, Instant now) {
    Deeds deeds;
    const auto record = repository.create_record({.type = rules.name, .fields = here, .actor = actor}, now);
    if (record) {
      world_.trace.line("user", "creates " + rules.singular + " " + record->id.text + show(here));
      for (const auto& [field, value] : here) {
        deeds.writes.push_back(note(Side::local, rules.name, record->id.text, field, value, ""));
      }
    }
    return deeds;
  });
}

void Users::bad_value() {
  const TypeRules& rules = *world_.setup.rules.find("contacts");
  edit_here(
      rules, std::nullopt, rules.key, world_.ledger.fresh(*rules.find("lastName")) + std::string{no_address}
  );
}

void Users::retry_everything() {
  submit([this](Repository& repository, Instant now) {
    world_.trace.line("user", "retries what failed: " + std::to_string(repository.retry_all(now)));
    return Deeds{};
  });
}

void Users::trigger_full_run() {
  if (Process* const process = world_.process()) {
    world_.trace.line("user", "asks for a full run");
    process->start(trigger(process->engine()));
  }
}

}  // namespace hubsync::sim
