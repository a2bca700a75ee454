// Batch reading and archiving (HUBSPOT.md §4.4).
#include <algorithm>
#include <unordered_set>

#include "tests/hubspot_sim/batch_input.hpp"
#include "tests/hubspot_sim/handlers.hpp"
#include "tests/hubspot_sim/render.hpp"
#include "tests/hubspot_sim/writes.hpp"

namespace hubspot_sim {
namespace {

constexpr std::size_t max_inputs_with_history = 50;

const Record* find_input(const Call& call, const std::string& id, const std::string& id_property) {
  auto& store = call.store();
  const auto& type = call.portal.type(call.type());
  if (!id_property.empty() && id_property != "hs_object_id") {
    const auto ids = store.find_by_value(*type.find(id_property), trim(id));
    return ids.empty() ? nullptr : store.find(ids.front());
  }
  auto number = to_integer(id).value_or(0);
  if (call.portal.options.merged_in_batch) {
    number = store.resolve(number);
  }
  return call.flag("archived") ? store.find_archived(number) : store.find(number);
}

ApiError missing_error(const Call& call, const std::vector<std::string>& ids) {
  ApiError error = object_not_found();
  error.message = "Could not get some " + call.portal.type(call.type()).upper +
                  " objects, they may be deleted or not exist. Check that ids are valid.";
  error.context = {{"ids", ids}};
  return error;
}

}  // namespace

std::optional<ApiError> check_batch(const nlohmann::json& inputs, std::size_t most) {
  if (inputs.size() > most) {
    return validation_error(
        "The maximum number of inputs supported in a batch request is " + std::to_string(most) + ", " +
        std::to_string(inputs.size()) + " were given"
    );
  }
  for (const auto& input : inputs) {
    if (!input.is_object()) {
      return validation_error("Invalid input JSON: inputs must be objects");
    }
  }
  return std::nullopt;
}

std::optional<ApiError> check_duplicates(const std::vector<std::string>& keys) {
  std::unordered_set<std::string> seen;
  for (const auto& key : keys) {
    if (!key.empty() && !seen.insert(key).second) {
      auto error = validation_error("Duplicate IDs found in batch input: [" + key + "]. IDs must be unique");
      error.context = {{"ids", {key}}};
      return error;
    }
  }
  return std::nullopt;
}

Response batch_read(Call& call) {
  View view = read_view(call.portal, call.type(), string_list(call.body, "properties"));
  view.history = find_all(call.portal.type(call.type()), string_list(call.body, "propertiesWithHistory"));
  const auto& inputs = inputs_of(call.body);
  if (const auto error = check_batch(inputs, view.history.empty() ? max_batch : max_inputs_with_history)) {
    auto answer = *error;
    if (!view.history.empty()) {
      answer.message =
          "The maximum number of inputs supported in a batch request for property histories is 50";
    }
    return error_response(call, answer);
  }
  const auto id_property = string_member(call.body, "idProperty");
  if (!id_property.empty()) {
    if (const auto error = check_id_property(call, id_property, true)) {
      return error_response(call, *error);
    }
  }
  std::unordered_set<std::int64_t> shown;
  std::vector<std::string> missing;
  BatchAnswer answer{call};
  for (const auto& input : inputs) {
    const auto id = string_member(input, "id");
    const Record* const record = find_input(call, id, id_property);
    if (record == nullptr) {
      missing.push_back(id);
    } else if (shown.insert(record->id).second) {
      append_record(answer.next(), call.portal, view, *record);
    }
  }
  if (!missing.empty()) {
    answer.add_error(missing_error(call, missing));
  }
  return answer.finish(200, true);
}

Response batch_archive(Call& call) {
  const auto& inputs = inputs_of(call.body);
  if (const auto error = check_batch(inputs, max_batch)) {
    return error_response(call, *error);
  }
  for (const auto& input : inputs) {
    const auto id = to_integer(string_member(input, "id")).value_or(0);
    if (call.store().find(id) != nullptr) {
      archive_record(call.portal, call.type(), id, Source::integration);
      ++call.portal.counters.mutations;
    }
  }
  return no_content();
}

}  // namespace hubspot_sim
