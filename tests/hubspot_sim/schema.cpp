#include "tests/hubspot_sim/schema.hpp"

#include <algorithm>
#include <array>

#include "tests/hubspot_sim/text.hpp"

namespace hubspot_sim {
namespace {

constexpr std::array<std::pair<ValueType, std::string_view>, 7> type_names{{
    {ValueType::string, "string"},
    {ValueType::number, "number"},
    {ValueType::boolean, "bool"},
    {ValueType::enumeration, "enumeration"},
    {ValueType::date, "date"},
    {ValueType::datetime, "datetime"},
    {ValueType::phone_number, "phone_number"},
}};

}  // namespace

std::string_view value_type_name(ValueType type) {
  return std::ranges::find(type_names, type, &std::pair<ValueType, std::string_view>::first)->second;
}

std::optional<ValueType> value_type_from(std::string_view name) {
  const auto* const found =
      std::ranges::find(type_names, name, &std::pair<ValueType, std::string_view>::second);
  return found == type_names.end() ? std::nullopt : std::optional{found->first};
}

std::optional<PropId> ObjectType::find(std::string_view property) const {
  const auto found = by_name.find(std::string{property});
  if (found == by_name.end() || properties[found->second].archived) {
    return std::nullopt;
  }
  return found->second;
}

PropId ObjectType::add(PropertyDef def) {
  append_json_string(def.json_key, def.name);
  def.json_key += ':';
  def.indexed = def.indexed || def.unique;
  const auto id = static_cast<PropId>(properties.size());
  by_name.emplace(def.name, id);
  properties.push_back(std::move(def));
  return id;
}

std::optional<std::size_t> Pair::index_of(int type_id) const {
  const auto found = std::ranges::find(types, type_id, &AssociationType::type_id);
  return found == types.end() ? std::nullopt : std::optional{static_cast<std::size_t>(found - types.begin())};
}

std::optional<std::size_t> Pair::primary() const {
  const auto found = std::ranges::find(types, true, &AssociationType::primary);
  return found == types.end() ? std::nullopt : std::optional{static_cast<std::size_t>(found - types.begin())};
}

std::optional<TypeIndex> Schema::find_type(std::string_view text) const {
  const std::string name = lower(text);
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (name == types[i].name || name == types[i].singular || name == types[i].type_id) {
      return static_cast<TypeIndex>(i);
    }
  }
  return std::nullopt;
}

const Pair* Schema::find_pair(TypeIndex from, TypeIndex to) const {
  const auto found = pairs.find({from, to});
  return found == pairs.end() ? nullptr : &found->second;
}

}  // namespace hubspot_sim
