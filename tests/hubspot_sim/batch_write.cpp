// Batch create, update and upsert: all or nothing, unless every input has its own objectWriteTraceId
// (HUBSPOT.md §4.4).
#include <algorithm>
#include <unordered_set>

#include "tests/hubspot_sim/batch_input.hpp"
#include "tests/hubspot_sim/handlers.hpp"
#include "tests/hubspot_sim/write_request.hpp"

namespace hubspot_sim {
namespace {

/// One input: where it goes and what it writes, or why not.
struct Item {
  std::string trace;
  std::string id = {};
  std::int64_t record = 0;  ///< 0 = create.
  Expected<PreparedWrite> write = PreparedWrite{};
};

bool all_traced(const nlohmann::json& inputs) {
  std::unordered_set<std::string> seen;
  return std::ranges::all_of(inputs, [&](const nlohmann::json& input) {
    const auto trace = string_member(input, "objectWriteTraceId");
    return !trace.empty() && seen.insert(trace).second;
  });
}

/// The unique values that inputs would write, to find the same one twice in a batch.
std::optional<ApiError> check_same_values(const Call& call, const nlohmann::json& inputs) {
  const auto& type = call.portal.type(call.type());
  for (const auto& def : type.properties) {
    if (def.archived || (!def.unique && !def.email)) {
      continue;
    }
    std::vector<std::string> values;
    for (const auto& input : inputs) {
      const auto properties = input.find("properties");
      const bool has = properties != input.end() && properties->is_object();
      values.push_back(has ? lower(trim(string_member(*properties, def.name))) : "");
    }
    if (auto error = check_duplicates(values)) {
      return error;
    }
  }
  return std::nullopt;
}

ApiError item_error(const Item& item) {
  ApiError error = item.write.error();
  if (error.category.empty()) {
    error.category = "VALIDATION_ERROR";
  }
  error.context.insert(error.context.end(), error.item_context.begin(), error.item_context.end());
  if (!item.id.empty()) {
    error.context.push_back({"ids", {item.id}});
  }
  if (!item.trace.empty()) {
    error.context.push_back({"objectWriteTraceId", {item.trace}});
  }
  return error;
}

struct Outcome {
  int status = 200;
  bool tell_new = false;  ///< Upsert results say whether the record is new.
};

void write_one(Call& call, const Item& item, bool tell_new, BatchAnswer& answer) {
  const bool create = item.record == 0;
  // An earlier input of the same batch may have taken the value that this one was checked for.
  if (const auto error = check_unique(call.portal, call.type(), item.write->changes, item.record)) {
    answer.add_error(item_error({item.trace, item.id, item.record, Unexpected{*error}}));
    return;
  }
  Record& record = create ? apply_create(call, *item.write) : *call.store().find(item.record);
  if (!create) {
    apply_update(call, record, *item.write);
  }
  std::string extra = tell_new ? (create ? ",\"new\":true" : ",\"new\":false") : "";
  if (!item.trace.empty()) {
    extra += ",\"objectWriteTraceId\":";
    append_json_string(extra, item.trace);
  }
  const View view = create ? create_echo(call, *item.write) : update_echo(call, *item.write);
  append_record(answer.next(), call.portal, view, record, extra);
}

Response write_all(
    Call& call, const nlohmann::json& inputs, const std::vector<Item>& items, Outcome outcome
) {
  const bool traced = !inputs.empty() && all_traced(inputs);
  if (!traced) {
    for (const auto& item : items) {
      if (!item.write) {
        ApiError error = item.write.error();
        // Without trace ids the whole call is refused, and only the first conflict is named.
        error.status = error.status == 404 ? 400 : error.status;
        return error_response(call, error);
      }
    }
  }
  BatchAnswer answer{call};
  for (const auto& item : items) {
    if (item.write) {
      write_one(call, item, outcome.tell_new, answer);
    } else {
      answer.add_error(item_error(item));
    }
  }
  return answer.finish(outcome.status, true);
}

std::vector<std::string> id_keys(const nlohmann::json& inputs) {
  std::vector<std::string> keys;
  for (const auto& input : inputs) {
    keys.push_back(lower(trim(string_member(input, "id"))));
  }
  return keys;
}

std::int64_t find_target(const Call& call, const std::string& id, const std::string& property) {
  auto& store = call.store();
  if (property.empty()) {
    // Updating by a merged-away id does not work in a batch (HUBSPOT.md §4.6).
    const auto number = to_integer(id).value_or(0);
    return store.find(number) == nullptr ? 0 : number;
  }
  const auto prop = *call.portal.type(call.type()).find(property);
  if (const auto ids = store.find_by_value(prop, trim(id)); !ids.empty()) {
    return ids.front();
  }
  const auto merged = store.merged_keys.find({prop, lower(trim(id))});
  const bool follow = call.portal.options.merged_unique_keys && merged != store.merged_keys.end();
  const auto survivor = follow ? store.resolve(merged->second) : 0;
  return store.find(survivor) == nullptr ? 0 : survivor;
}

Item prepare_update_item(const Call& call, const nlohmann::json& input) {
  Item item{string_member(input, "objectWriteTraceId"), string_member(input, "id")};
  item.record = find_target(call, item.id, string_member(input, "idProperty"));
  if (item.record == 0) {
    item.write = Unexpected{object_not_found()};
  } else {
    item.write = prepare_update(call, *call.store().find(item.record), input);
  }
  return item;
}

Item prepare_upsert_item(const Call& call, const nlohmann::json& input, const std::string& property) {
  Item item{string_member(input, "objectWriteTraceId"), string_member(input, "id")};
  item.record = find_target(call, item.id, property);
  if (item.record != 0) {
    item.write = prepare_update(call, *call.store().find(item.record), input);
    return item;
  }
  auto with_key = input;
  if (!with_key.contains("properties") || !with_key["properties"].contains(property)) {
    with_key["properties"][property] = item.id;
  }
  item.write = prepare_create(call, with_key);
  return item;
}

/// What every batch write checks before its inputs one by one.
std::optional<ApiError> check_inputs(const Call& call, const nlohmann::json& inputs) {
  if (auto error = check_batch(inputs, max_batch)) {
    return error;
  }
  if (auto error = check_duplicates(id_keys(inputs))) {
    return error;
  }
  return check_same_values(call, inputs);
}

}  // namespace

std::optional<ApiError> check_id_property(const Call& call, const std::string& property, bool email) {
  const auto& type = call.portal.type(call.type());
  const auto prop = type.find(property);
  if (prop && (type.properties[*prop].unique || (email && type.properties[*prop].email))) {
    return std::nullopt;
  }
  return validation_error(
      "Unable to perform update/upsert by non-unique " + type.type_id + " property " + property +
      " in portal ID " + std::to_string(call.portal.options.portal_id)
  );
}

Response batch_create(Call& call) {
  const auto& inputs = inputs_of(call.body);
  if (const auto error = check_inputs(call, inputs)) {
    return error_response(call, *error);
  }
  std::vector<Item> items;
  for (const auto& input : inputs) {
    Item item{string_member(input, "objectWriteTraceId")};
    item.write = prepare_create(call, input);
    items.push_back(std::move(item));
  }
  return write_all(call, inputs, items, {201, false});
}

Response batch_update(Call& call) {
  const auto& inputs = inputs_of(call.body);
  if (const auto error = check_inputs(call, inputs)) {
    return error_response(call, *error);
  }
  std::vector<Item> items;
  for (const auto& input : inputs) {
    if (const auto property = string_member(input, "idProperty"); !property.empty()) {
      if (const auto error = check_id_property(call, property, false)) {
        return error_response(call, *error);
      }
    }
    items.push_back(prepare_update_item(call, input));
  }
  return write_all(call, inputs, items, {200, false});
}

Response batch_upsert(Call& call) {
  const auto& inputs = inputs_of(call.body);
  if (const auto error = check_inputs(call, inputs)) {
    return error_response(call, *error);
  }
  std::vector<Item> items;
  for (const auto& input : inputs) {
    const auto property = string_member(input, "idProperty");
    if (property.empty()) {
      return error_response(call, validation_error("idProperty is required for upsert"));
    }
    if (const auto error = check_id_property(call, property, true)) {
      return error_response(call, *error);
    }
    items.push_back(prepare_upsert_item(call, input, property));
  }
  return write_all(call, inputs, items, {200, true});
}

}  // namespace hubspot_sim
