// People who decide conflicts, as they do it through the control API.
#include <algorithm>
#include <utility>

#include "tests/sim/users.hpp"

namespace hubsync::sim {
namespace {

const std::string actor = "uid 1000";

bool is_about_deletion(const Conflict& conflict) {
  return std::ranges::find(conflict.fields, deleted_field) != conflict.fields.end();
}

}  // namespace

void Users::resolve() {
  if (Process* const process = world_.process()) {
    process->start(decide(*process));
  }
}

/// The losing value must stay where it can be found again, so the ledger lets none go: only where a deletion
/// wins it takes all values of the record with it.
ConflictWish Users::wish_for(const Conflict& conflict, std::vector<std::size_t>& writes) {
  ConflictWish wish{.id = conflict.id, .if_version = conflict.version};
  wish.resolution = draw_.chance(0.5) ? Resolution::keep_local : Resolution::keep_hubspot;
  if (is_about_deletion(conflict)) {
    for (Fields version : {conflict.local_version, conflict.hubspot_version}) {
      version.erase(std::string{deleted_field});
      world_.ledger.let_go(conflict.type, version);
    }
    world_.ledger.restored_locally(conflict.record);
    return wish;
  }
  if (!draw_.chance(0.4)) {
    return wish;
  }
  wish.resolution = Resolution::merged;
  const TypeRules& rules = *world_.setup.rules.find(conflict.type);
  for (const std::string& name : conflict.fields) {
    const FieldRule* const field = rules.find(name);
    Choice& choice = wish.fields[name];
    choice.take = draw_.chance(0.5) ? Choice::Take::local : Choice::Take::hubspot;
    if (field != nullptr && field->kind != ValueKind::reference && draw_.chance(0.5)) {
      choice = {.take = Choice::Take::value, .value = world_.ledger.fresh(*field)};
      writes.push_back(note(Side::local, conflict.type, conflict.record.text, name, choice.value, ""));
    }
  }
  return wish;
}

Task<void> Users::decide(Process& process) {
  const Page<Conflict> open = co_await process.store().run([](Repository& repository) {
    return repository.list_conflicts({.open = true, .limit = 100});
  });
  if (open.items.empty()) {
    co_return;
  }
  const Conflict& conflict = draw_.pick(open.items);
  std::vector<std::size_t> writes;
  std::vector<ConflictWish> wishes{wish_for(conflict, writes)};
  const std::string resolution{to_string(wishes.front().resolution)};
  const auto outcomes = co_await process.engine().resolve(std::move(wishes), actor);
  const std::optional<Error>& error = outcomes.front().error;
  world_.trace.line(
      "user",
      "resolves conflict " + std::to_string(conflict.id) + " of " + conflict.record.text + " with " +
          resolution + (error ? ": " + error->message : "")
  );
  if (!error) {
    for (const std::size_t number : writes) {
      world_.ledger.make_certain(number);
    }
  }
}

}  // namespace hubsync::sim
