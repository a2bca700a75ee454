#include "tests/sim/crm.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/hubspot_sim/validate.hpp"
#include "tests/hubspot_sim/writes.hpp"

namespace hubsync::sim {
namespace {

using hubspot_sim::Source;

constexpr hubspot_sim::ValueRules as_person{.set_read_only = true, .lenient_dates = true};

nlohmann::json properties_of(const TypeRules& rules, const Fields& values) {
  auto properties = nlohmann::json::object();
  for (const auto& [field, value] : values) {
    properties[rules.find(field)->property] = value;
  }
  return properties;
}

}  // namespace

hubspot_sim::TypeIndex Crm::index_of(const TypeRules& rules) {
  return *portal().schema.find_type(rules.name);
}

std::optional<std::int64_t> Crm::create(const TypeRules& rules, const Fields& values, Instant now) {
  model_.advance(now);
  const auto type = index_of(rules);
  const auto changes =
      hubspot_sim::check_values(portal(), type, properties_of(rules, values), nullptr, as_person);
  if (!changes || hubspot_sim::check_unique(portal(), type, *changes, 0)) {
    return std::nullopt;
  }
  return hubspot_sim::create_record(portal(), type, *changes, Source::crm_ui).id;
}

bool Crm::edit(const TypeRules& rules, std::int64_t id, const Fields& values, Instant now) {
  model_.advance(now);
  const auto type = index_of(rules);
  hubspot_sim::Record* const record = portal().store(type).find(id);
  if (record == nullptr) {
    return false;
  }
  const auto changes =
      hubspot_sim::check_values(portal(), type, properties_of(rules, values), record, as_person);
  if (!changes || hubspot_sim::check_unique(portal(), type, *changes, id)) {
    return false;
  }
  hubspot_sim::update_record(portal(), type, *record, *changes, Source::crm_ui);
  return true;
}

bool Crm::archive(const TypeRules& rules, std::int64_t id, Instant now) {
  model_.advance(now);
  const auto type = index_of(rules);
  if (portal().store(type).find(id) == nullptr) {
    return false;
  }
  hubspot_sim::archive_record(portal(), type, id, Source::crm_ui);
  return true;
}

bool Crm::restore(const TypeRules& rules, std::int64_t id, Instant now) {
  model_.advance(now);
  return !hubspot_sim::restore_record(portal(), index_of(rules), id, Source::crm_ui);
}

std::optional<std::int64_t> Crm::merge(
    const TypeRules& rules, std::int64_t primary, std::int64_t loser, Instant now
) {
  model_.advance(now);
  const auto survivor = hubspot_sim::merge_records(portal(), index_of(rules), primary, loser, Source::crm_ui);
  return survivor ? std::optional{*survivor} : std::nullopt;
}

bool Crm::associate(std::int64_t contact, std::int64_t company, Instant now) {
  model_.advance(now);
  const auto contacts = *portal().schema.find_type("contacts");
  const auto companies = *portal().schema.find_type("companies");
  if (portal().store(contacts).find(contact) == nullptr ||
      portal().store(companies).find(company) == nullptr) {
    return false;
  }
  const auto primary = portal().schema.find_pair(contacts, companies)->primary();
  return hubspot_sim::associate(
      portal(), {contacts, contact}, {companies, company}, *primary, Source::crm_ui
  );
}

bool Crm::dissociate(std::int64_t contact, std::int64_t company, Instant now) {
  model_.advance(now);
  const auto contacts = *portal().schema.find_type("contacts");
  const auto companies = *portal().schema.find_type("companies");
  return hubspot_sim::dissociate(portal(), {contacts, contact}, {companies, company}, ~0U, Source::crm_ui);
}

std::vector<std::int64_t> Crm::live(const TypeRules& rules) {
  std::vector<std::int64_t> ids;
  for (const auto& [id, record] : portal().store(index_of(rules)).live()) {
    ids.push_back(id);
  }
  return ids;
}

bool Crm::is_live(const TypeRules& rules, std::int64_t id) {
  return portal().store(index_of(rules)).find(id) != nullptr;
}

std::vector<std::int64_t> Crm::archived(const TypeRules& rules) {
  std::vector<std::int64_t> ids;
  for (const auto& [id, record] : portal().store(index_of(rules)).archived()) {
    ids.push_back(id);
  }
  return ids;
}

std::string Crm::uid(const TypeRules& rules, std::int64_t id) {
  const auto type = index_of(rules);
  const auto prop = portal().type(type).find(uid_property);
  const auto* const record = portal().store(type).find(id);
  const auto* const value = prop && record != nullptr ? record->find(*prop) : nullptr;
  return value == nullptr ? std::string{} : std::string{value->text};
}

Fields Crm::values(const TypeRules& rules, std::int64_t id) {
  const auto type = index_of(rules);
  const hubspot_sim::Record* const record = portal().store(type).find_any(id);
  Fields values;
  for (const FieldRule& rule : rules.fields) {
    const auto prop = portal().type(type).find(rule.property);
    if (record != nullptr && prop && !record->text(*prop).empty()) {
      values[rule.name] = record->text(*prop);
    }
  }
  return values;
}

std::int64_t Crm::company_of(std::int64_t contact) {
  const auto contacts = *portal().schema.find_type("contacts");
  const auto companies = *portal().schema.find_type("companies");
  const hubspot_sim::Record* const record = portal().store(contacts).find_any(contact);
  if (record == nullptr) {
    return 0;
  }
  if (const auto primary = hubspot_sim::primary_of(portal(), contacts, *record, companies); primary != 0) {
    return primary;
  }
  std::int64_t lowest = 0;
  for (const auto& edge : record->edges) {
    const bool counts = edge.type == companies && hubspot_sim::visible(portal(), edge);
    lowest = counts && (lowest == 0 || edge.id < lowest) ? edge.id : lowest;
  }
  return lowest;
}

std::int64_t Crm::resolve(const TypeRules& rules, std::int64_t id) {
  return portal().store(index_of(rules)).resolve(id);
}

}  // namespace hubsync::sim
