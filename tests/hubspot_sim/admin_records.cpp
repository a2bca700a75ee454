// Records as a person at HubSpot's user interface changes them, and as they are behind the API.
#include "tests/hubspot_sim/admin_handlers.hpp"
#include "tests/hubspot_sim/validate.hpp"
#include "tests/hubspot_sim/writes.hpp"

namespace hubspot_sim {
namespace {

constexpr ValueRules as_person{.set_read_only = true, .lenient_dates = true};

Response api_error(const ApiError& error) {
  return json_response(error.status, error_body(error, "admin"));
}

std::string replace_all(std::string text, std::string_view what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

/// {n} and {id} in values.
nlohmann::json fill(const nlohmann::json& properties, std::int64_t number, std::int64_t id) {
  auto filled = nlohmann::json::object();
  for (const auto& [name, value] : properties.items()) {
    auto text = replace_all(scalar_text(value).value_or(""), "{n}", std::to_string(number));
    filled[name] = replace_all(std::move(text), "{id}", std::to_string(id));
  }
  return filled;
}

Expected<std::int64_t> create_one(AdminCall& call, const nlohmann::json& record) {
  const auto properties = record.value("properties", nlohmann::json::object());
  auto changes = check_values(call.portal, call.type, properties, nullptr, as_person);
  if (!changes) {
    return Unexpected{changes.error()};
  }
  if (const auto error = check_unique(call.portal, call.type, *changes, 0)) {
    return Unexpected{*error};
  }
  const auto id = create_record(call.portal, call.type, *changes, Source::crm_ui).id;
  for (const auto& edge : record.value("associations", nlohmann::json::array())) {
    const auto type = call.portal.schema.find_type(string_member(edge, "type"));
    const auto to = to_integer(string_member(edge, "id")).value_or(0);
    if (!type || call.portal.store(*type).find(to) == nullptr ||
        call.portal.schema.find_pair(call.type, *type) == nullptr) {
      return Unexpected{validation_error("cannot associate with " + edge.dump())};
    }
    associate(call.portal, {call.type, id}, {*type, to}, 0, Source::crm_ui);
  }
  return id;
}

std::optional<ApiError> edit_one(AdminCall& call, Record& record, const nlohmann::json& properties) {
  auto changes = check_values(call.portal, call.type, properties, &record, as_person);
  if (!changes) {
    return changes.error();
  }
  if (auto error = check_unique(call.portal, call.type, *changes, record.id)) {
    return error;
  }
  update_record(call.portal, call.type, record, *changes, Source::crm_ui);
  return std::nullopt;
}

/// The live records that a bulk call means.
std::vector<std::int64_t> chosen(const AdminCall& call) {
  std::vector<std::int64_t> ids;
  for (const auto& text : string_list(call.body, "ids")) {
    const auto id = call.portal.store(call.type).resolve(to_integer(text).value_or(0));
    if (call.portal.store(call.type).find(id) != nullptr) {
      ids.push_back(id);
    }
  }
  auto count = call.body.value("count", std::int64_t{0});
  auto skip = call.body.value("skip", std::int64_t{0});
  for (const auto& [id, record] : call.portal.store(call.type).live()) {
    if (count <= 0) {
      break;
    }
    if (skip > 0) {
      --skip;
      continue;
    }
    ids.push_back(id);
    --count;
  }
  return ids;
}

nlohmann::json associations_json(const Portal& portal, TypeIndex type, const Record& record) {
  auto all = nlohmann::json::object();
  for (const auto& edge : record.edges) {
    if (!visible(portal, edge)) {
      continue;
    }
    auto types = nlohmann::json::array();
    const auto& known = portal.schema.find_pair(type, edge.type)->types;
    for (std::size_t label = 0; label < known.size(); ++label) {
      if ((edge.labels >> label & 1U) != 0) {
        types.push_back(known[label].type_id);
      }
    }
    all[portal.type(edge.type).name].push_back({{"id", std::to_string(edge.id)}, {"types", std::move(types)}}
    );
  }
  return all;
}

nlohmann::json stored_json(const Portal& portal, TypeIndex type, const Record& record) {
  auto properties = nlohmann::json::object();
  for (const auto& value : record.values) {
    if (!value.text.empty()) {
      properties[portal.type(type).properties[value.prop].name] = value.text;
    }
  }
  return {
      {"id", std::to_string(record.id)},
      {"archived", record.is_archived()},
      {"properties", std::move(properties)},
      {"associations", associations_json(portal, type, record)},
  };
}

nlohmann::json history_json(const Portal& portal, TypeIndex type, const Record& record) {
  auto history = nlohmann::json::array();
  const auto add = [&](const Value& value) {
    history.push_back(
        {{"property", portal.type(type).properties[value.prop].name},
         {"value", value.text},
         {"at", time_text(value.at)},
         {"source", source_name(value.source)}}
    );
  };
  if (record.past) {
    for (const auto& value : record.past->values) {
      add(value);
    }
  }
  for (const auto& value : record.values) {
    add(value);
  }
  return history;
}

}  // namespace

Response admin_create(AdminCall& call) {
  auto records = call.body.value("records", nlohmann::json::array());
  const auto count = call.body.value("count", std::int64_t{0});
  for (std::int64_t n = 1; n <= count; ++n) {
    records.push_back({{"properties", fill(call.body.value("properties", nlohmann::json::object()), n, 0)}});
  }
  if (records.empty()) {
    records.push_back(call.body);
  }
  auto ids = nlohmann::json::array();
  for (const auto& record : records) {
    const auto id = create_one(call, record);
    if (!id) {
      return api_error(id.error());
    }
    ids.push_back(std::to_string(*id));
  }
  return json_response(201, nlohmann::json{{"ids", std::move(ids)}}.dump());
}

Response admin_show(AdminCall& call) {
  const auto id = call.portal.store(call.type).resolve(call.id);
  const Record* const record = call.portal.store(call.type).find_any(id);
  if (record == nullptr) {
    return admin_error(404, "no such record");
  }
  auto json = stored_json(call.portal, call.type, *record);
  const auto& properties = call.portal.type(call.type).properties;
  for (std::size_t prop = 0; prop < properties.size(); ++prop) {
    const auto value = value_of(call.portal, call.type, *record, static_cast<PropId>(prop));
    json["all"][properties[prop].name] = value ? nlohmann::json(*value) : nlohmann::json(nullptr);
  }
  json["history"] = history_json(call.portal, call.type, *record);
  json["createdAt"] = time_text(record->created);
  json["updatedAt"] = time_text(record->modified);
  json["mergedIds"] = nlohmann::json::array();
  if (record->past) {
    for (const auto& merged : record->past->merged) {
      json["mergedIds"].push_back(std::to_string(merged.id));
    }
  }
  return json_response(200, json.dump());
}

Response admin_edit(AdminCall& call) {
  auto& store = call.portal.store(call.type);
  Record* const record = store.find(store.resolve(call.id));
  if (record == nullptr) {
    return admin_error(404, "no such live record");
  }
  if (const auto error = edit_one(call, *record, call.body.value("properties", nlohmann::json::object()))) {
    return api_error(*error);
  }
  return json_response(200, stored_json(call.portal, call.type, *record).dump());
}

Response admin_delete(AdminCall& call) {
  if (call.portal.store(call.type).find(call.id) == nullptr) {
    return admin_error(404, "no such live record");
  }
  archive_record(call.portal, call.type, call.id, Source::crm_ui);
  return no_content();
}

Response admin_restore(AdminCall& call) {
  if (const auto error = restore_record(call.portal, call.type, call.id, Source::crm_ui)) {
    return api_error(*error);
  }
  return no_content();
}

Response admin_purge(AdminCall& call) {
  purge_record(call.portal, call.type, call.id, call.body.value("privacy", true));
  return no_content();
}

Response admin_merge(AdminCall& call) {
  const auto primary = to_integer(string_member(call.body, "primary")).value_or(0);
  const auto loser = to_integer(string_member(call.body, "loser")).value_or(0);
  const auto survivor = merge_records(call.portal, call.type, primary, loser, Source::crm_ui);
  if (!survivor) {
    return api_error(survivor.error());
  }
  return json_response(200, nlohmann::json{{"id", std::to_string(*survivor)}}.dump());
}

Response admin_bulk_edit(AdminCall& call) {
  const auto properties = call.body.value("properties", nlohmann::json::object());
  std::int64_t edited = 0;
  for (const auto id : chosen(call)) {
    Record& record = *call.portal.store(call.type).find(id);
    if (const auto error = edit_one(call, record, fill(properties, edited + 1, id))) {
      return api_error(*error);
    }
    ++edited;
  }
  return json_response(200, nlohmann::json{{"edited", edited}}.dump());
}

Response admin_bulk_delete(AdminCall& call) {
  const auto ids = chosen(call);
  for (const auto id : ids) {
    archive_record(call.portal, call.type, id, Source::crm_ui);
  }
  return json_response(200, nlohmann::json{{"deleted", ids.size()}}.dump());
}

Response admin_dump(AdminCall& call) {
  std::string out;
  const auto& store = call.portal.store(call.type);
  for (const auto* const records : {&store.live(), &store.archived()}) {
    for (const auto& [id, record] : *records) {
      out += stored_json(call.portal, call.type, record).dump();
      out += '\n';
    }
  }
  auto response = json_response(200, std::move(out));
  response.headers.front().second = "application/x-ndjson";
  return response;
}

Response admin_associate(AdminCall& call) {
  const auto from_type = call.portal.schema.find_type(string_member(call.body, "from"));
  const auto to_type = call.portal.schema.find_type(string_member(call.body, "to"));
  const Pair* const pair =
      from_type && to_type ? call.portal.schema.find_pair(*from_type, *to_type) : nullptr;
  if (pair == nullptr) {
    return admin_error(400, "no association from that type to that type");
  }
  const End from{*from_type, to_integer(string_member(call.body, "fromId")).value_or(0)};
  const End to{*to_type, to_integer(string_member(call.body, "toId")).value_or(0)};
  const auto label = pair->index_of(call.body.value("typeId", pair->types.front().type_id));
  const bool known = call.portal.store(from.type).find(from.id) != nullptr &&
                     call.portal.store(to.type).find(to.id) != nullptr && label.has_value();
  if (!known) {
    return admin_error(404, "no such live records or type id");
  }
  const bool changed = call.body.value("remove", false)
                           ? dissociate(call.portal, from, to, 1U << *label, Source::crm_ui)
                           : associate(call.portal, from, to, *label, Source::crm_ui);
  return json_response(200, nlohmann::json{{"changed", changed}}.dump());
}

}  // namespace hubspot_sim
