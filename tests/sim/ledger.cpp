#include "tests/sim/ledger.hpp"

#include "daemon/core/canonical.hpp"

namespace hubsync::sim {

std::string Ledger::fresh(const FieldRule& rule) {
  const std::string number = std::to_string(++last_value_);
  switch (rule.kind) {
    case ValueKind::email:
      return (last_value_ % 5 == 0 ? "Person" : "person") + number + "@example.com";
    case ValueKind::domain:
      return "firm" + number + ".example";
    case ValueKind::text:
    case ValueKind::option_set:
    case ValueKind::reference:
      break;
  }
  return last_value_ % 7 == 0 ? " " + rule.name + " Zoë " + number : rule.name + "-" + number;
}

std::size_t Ledger::wrote(Written write) {
  const Place place{write.type, write.field};
  written_[place].insert(form(write.type, write.field, write.value));
  let_go(write.type, write.field, write.replaced);
  writes_.push_back(std::move(write));
  return writes_.size() - 1;
}

void Ledger::let_go(const std::string& type, const std::string& field, const std::string& value) {
  let_go_[{type, field}].insert(form(type, field, value));
}

void Ledger::let_go(const std::string& type, const Fields& values) {
  for (const auto& [field, value] : values) {
    let_go(type, field, value);
  }
}

std::size_t Ledger::deleted_locally(const LocalId& id) {
  deleted_locally_.insert(id);
  return ++presences_changed_;
}

void Ledger::surely_deleted_locally(const LocalId& id, std::size_t number) {
  const auto restored = restored_locally_.find(id);
  if (restored == restored_locally_.end() || restored->second < number) {
    gone_locally_.insert(id);
  }
}

void Ledger::restored_locally(const LocalId& id) {
  gone_locally_.erase(id);
  restored_locally_[id] = ++presences_changed_;
}

bool Ledger::was_let_go(const std::string& type, const std::string& field, const std::string& value) const {
  const auto found = let_go_.find({type, field});
  return found != let_go_.end() && found->second.contains(form(type, field, value));
}

bool Ledger::was_written(const std::string& type, const std::string& field, const std::string& value) const {
  const auto found = written_.find({type, field});
  return found != written_.end() && found->second.contains(form(type, field, value));
}

std::string Ledger::form(const std::string& type, const std::string& field, const std::string& value) const {
  return canonical(value, rules_.find(type)->find(field)->kind);
}

}  // namespace hubsync::sim
