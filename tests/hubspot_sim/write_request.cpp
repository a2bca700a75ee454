#include "tests/hubspot_sim/write_request.hpp"

#include <algorithm>

namespace hubspot_sim {
namespace {

const nlohmann::json& properties_of(const nlohmann::json& input) {
  static const nlohmann::json none = nlohmann::json::object();
  const auto found = input.find("properties");
  return found == input.end() || !found->is_object() ? none : *found;
}

ValueRules rules_of(const Call& call) {
  const bool laxer = call.version == Version::september_2026 || call.version == Version::september_2026_beta;
  return {.set_read_only = false, .lenient_dates = laxer};
}

std::vector<PropId> sent(const PreparedWrite& write) {
  std::vector<PropId> ids;
  for (const auto& change : write.changes) {
    ids.push_back(change.first);
  }
  return ids;
}

/// The type to which one of the association type ids leads.
Expected<NewEdge> parse_edge(const Call& call, const nlohmann::json& entry) {
  const auto to = entry.find("to");
  const auto types = entry.find("types");
  if (to == entry.end() || !to->is_object() || types == entry.end() || !types->is_array() || types->empty()) {
    return Unexpected{validation_error("Invalid input JSON: associations need `to` and `types`")};
  }
  const auto id = to_integer(string_member(*to, "id")).value_or(0);
  NewEdge edge;
  for (const auto& type : *types) {
    const auto type_id = to_integer(string_member(type, "associationTypeId")).value_or(0);
    for (const auto& [ends, pair] : call.portal.schema.pairs) {
      const auto label = pair.index_of(static_cast<int>(type_id));
      if (ends.first == call.type() && label) {
        edge.to = {ends.second, call.portal.store(ends.second).resolve(id)};
        edge.labels.push_back(*label);
      }
    }
  }
  if (edge.labels.size() != types->size()) {
    return Unexpected{validation_error("One or more association types are not valid for this object type")};
  }
  if (call.portal.store(edge.to.type).find(edge.to.id) == nullptr) {
    return Unexpected{validation_error("Object to associate does not exist: " + std::to_string(id))};
  }
  return edge;
}

std::optional<ApiError> check_portal_rules(const Call& call, const Changes& changes) {
  const bool enforced =
      call.portal.options.write_validation &&
      (call.version == Version::september_2026 || call.version == Version::september_2026_beta);
  const auto stage = call.portal.type(call.type()).find("lifecyclestage");
  if (!enforced || !stage ||
      std::ranges::find(changes, *stage, &Changes::value_type::first) != changes.end()) {
    return std::nullopt;
  }
  auto error = validation_error("Required property is missing");
  error.details.push_back(
      {"lifecyclestage is required", "MISSING_REQUIRED_PROPERTY", {{"propertyName", {"lifecyclestage"}}}}
  );
  return error;
}

}  // namespace

Expected<PreparedWrite> prepare_create(const Call& call, const nlohmann::json& input) {
  auto changes = check_values(call.portal, call.type(), properties_of(input), nullptr, rules_of(call));
  if (!changes) {
    return Unexpected{changes.error()};
  }
  for (const auto& error :
       {check_required(call.portal, call.type(), *changes),
        check_portal_rules(call, *changes),
        check_unique(call.portal, call.type(), *changes, 0)}) {
    if (error) {
      return Unexpected{*error};
    }
  }
  PreparedWrite write{std::move(*changes), {}};
  if (const auto edges = input.find("associations"); edges != input.end() && edges->is_array()) {
    for (const auto& entry : *edges) {
      auto edge = parse_edge(call, entry);
      if (!edge) {
        return Unexpected{edge.error()};
      }
      write.edges.push_back(std::move(*edge));
    }
  }
  return write;
}

Expected<PreparedWrite> prepare_update(const Call& call, const Record& record, const nlohmann::json& input) {
  auto changes = check_values(call.portal, call.type(), properties_of(input), &record, rules_of(call));
  if (!changes) {
    return Unexpected{changes.error()};
  }
  if (const auto error = check_unique(call.portal, call.type(), *changes, record.id)) {
    return Unexpected{*error};
  }
  return PreparedWrite{std::move(*changes), {}};
}

Record& apply_create(Call& call, const PreparedWrite& write) {
  Record& record = create_record(call.portal, call.type(), write.changes, Source::integration);
  for (const auto& edge : write.edges) {
    for (const auto label : edge.labels) {
      associate(call.portal, {call.type(), record.id}, edge.to, label, Source::integration);
    }
  }
  ++call.portal.counters.mutations;
  ++call.portal.counters.writes_by_type[call.portal.type(call.type()).name];
  count_create(call.portal, call.type(), record);
  return record;
}

void apply_update(Call& call, Record& record, const PreparedWrite& write) {
  const bool changed = update_record(call.portal, call.type(), record, write.changes, Source::integration);
  ++call.portal.counters.mutations;
  ++call.portal.counters.writes_by_type[call.portal.type(call.type()).name];
  call.portal.counters.noop_writes += changed ? 0 : 1;
}

View create_echo(const Call& call, const PreparedWrite& write) {
  const auto& type = call.portal.type(call.type());
  auto system = type.create_echo;
  if (type.find("domain") && type.find("website")) {
    system.emplace_back("website");
  }
  return echo_view(call.portal, call.type(), sent(write), system);
}

View update_echo(const Call& call, const PreparedWrite& write) {
  const auto& type = call.portal.type(call.type());
  return echo_view(call.portal, call.type(), sent(write), type.update_echo);
}

}  // namespace hubspot_sim
