// Associations of v4 and the dated versions (HUBSPOT.md §6).
#include <algorithm>
#include <utility>

#include "tests/hubspot_sim/batch_input.hpp"
#include "tests/hubspot_sim/handlers.hpp"
#include "tests/hubspot_sim/writes.hpp"

namespace hubspot_sim {
namespace {

constexpr std::size_t max_read_inputs = 1'000;
constexpr std::size_t max_write_inputs = 2'000;
constexpr std::int64_t page_size = 500;

void append_type(std::string& out, const AssociationType& type) {
  out += "{\"category\":";
  append_json_string(out, type.category);
  out += ",\"typeId\":" + std::to_string(type.type_id) + ",\"label\":";
  if (type.label) {
    append_json_string(out, *type.label);
  } else {
    out += "null";
  }
  out += '}';
}

/// One related record; toObjectId is a JSON number in real answers, whatever the spec says.
void append_target(std::string& out, const Pair& pair, const Edge& edge) {
  out += "{\"toObjectId\":" + std::to_string(edge.id) + ",\"associationTypes\":[";
  for (std::size_t label = 0; label < pair.types.size(); ++label) {
    if ((edge.labels >> label & 1U) != 0) {
      out += out.back() == '[' ? "" : ",";
      append_type(out, pair.types[label]);
    }
  }
  out += "]}";
}

/// Appends a page of related records as an array and returns the next `after`, or 0.
std::int64_t append_targets(
    std::string& out,
    const Call& call,
    const Record& record,
    TypeIndex to,
    std::int64_t after,
    std::int64_t limit
) {
  const Pair& pair = *call.portal.schema.find_pair(call.type(), to);
  out += '[';
  for (const auto& edge : record.edges) {
    if (edge.type != to || edge.id < after || !visible(call.portal, edge)) {
      continue;
    }
    if (limit-- == 0) {
      out += ']';
      return edge.id;
    }
    out += out.back() == '[' ? "" : ",";
    append_target(out, pair, edge);
  }
  out += ']';
  return 0;
}

void append_next(std::string& out, std::int64_t next) {
  if (next != 0) {
    out += ",\"paging\":{\"next\":{\"after\":\"" + std::to_string(next) + "\"}}";
  }
}

struct Ends {
  End from;
  End to;
};

/// The two live records of a path or an input, following merges.
std::optional<Ends> find_ends(const Call& call, std::int64_t from, std::int64_t to) {
  const TypeIndex from_type = call.types[0];
  const TypeIndex to_type = call.types[1];
  const Ends ends{
      {from_type, call.portal.store(from_type).resolve(from)},
      {to_type, call.portal.store(to_type).resolve(to)}
  };
  const bool live = call.portal.store(from_type).find(ends.from.id) != nullptr &&
                    call.portal.store(to_type).find(ends.to.id) != nullptr;
  return live ? std::optional{ends} : std::nullopt;
}

std::int64_t end_id(const nlohmann::json& input, std::string_view name) {
  const auto end = input.find(name);
  return end == input.end() || !end->is_object() ? 0 : to_integer(string_member(*end, "id")).value_or(0);
}

ApiError no_such_pair(const Call& call) {
  return validation_error(
      "No association types exist from " + call.portal.type(call.types[0]).upper + " to " +
      call.portal.type(call.types[1]).upper
  );
}

ApiError ends_missing(std::int64_t from, std::int64_t to) {
  ApiError error = object_not_found();
  error.message = "One or more of the associated objects do not exist";
  error.context = {{"fromObjectId", {std::to_string(from)}}, {"toObjectId", {std::to_string(to)}}};
  return error;
}

Expected<std::vector<std::size_t>> parse_labels(const Call& call, const nlohmann::json& types) {
  const Pair* const pair = call.portal.schema.find_pair(call.types[0], call.types[1]);
  std::vector<std::size_t> labels;
  if (pair == nullptr || !types.is_array() || types.empty()) {
    return Unexpected{validation_error("Association types must be given")};
  }
  for (const auto& type : types) {
    const auto id = to_integer(string_member(type, "associationTypeId")).value_or(0);
    const auto label = pair->index_of(static_cast<int>(id));
    if (!label || string_member(type, "associationCategory") != pair->types[*label].category) {
      return Unexpected{validation_error(
          "Association type " + std::to_string(id) + " is not valid from " +
          call.portal.type(call.types[0]).upper + " to " + call.portal.type(call.types[1]).upper
      )};
    }
    labels.push_back(*label);
  }
  return labels;
}

/// Sets exactly these labels on the pair, which replaces those it had; the primary one only moves by being
/// set elsewhere.
void set_labels(Call& call, const Ends& ends, const std::vector<std::size_t>& labels) {
  const auto primary = call.portal.schema.find_pair(ends.from.type, ends.to.type)->primary();
  std::uint32_t keep = 1U | (primary ? 1U << *primary : 0U);
  for (const auto label : labels) {
    keep |= 1U << label;
  }
  bool changed = dissociate(call.portal, ends.from, ends.to, ~keep, Source::integration);
  for (const auto label : labels) {
    changed = associate(call.portal, ends.from, ends.to, label, Source::integration) || changed;
  }
  call.portal.counters.mutations += changed ? 1 : 0;
}

std::string labels_result(const Call& call, const Ends& ends, const std::vector<std::size_t>& labels) {
  const Pair& pair = *call.portal.schema.find_pair(ends.from.type, ends.to.type);
  std::string out = "{\"fromObjectTypeId\":";
  append_json_string(out, call.portal.type(ends.from.type).type_id);
  out += ",\"fromObjectId\":" + std::to_string(ends.from.id) + ",\"toObjectTypeId\":";
  append_json_string(out, call.portal.type(ends.to.type).type_id);
  out += ",\"toObjectId\":" + std::to_string(ends.to.id) + ",\"labels\":[";
  for (const auto label : labels) {
    if (pair.types[label].label) {
      out += out.back() == '[' ? "" : ",";
      append_json_string(out, *pair.types[label].label);
    }
  }
  return out + "]}";
}

/// Both directions of a default association.
void append_default(BatchAnswer& answer, const Call& call, const Ends& ends) {
  const auto one = [&](End from, End to) {
    const auto& type = call.portal.schema.find_pair(from.type, to.type)->types.front();
    std::string& out = answer.next();
    out += "{\"from\":{\"id\":\"" + std::to_string(from.id) + "\"},\"to\":{\"id\":\"" +
           std::to_string(to.id) + "\"},\"associationSpec\":{\"associationCategory\":\"" + type.category +
           "\",\"associationTypeId\":" + std::to_string(type.type_id) + "}}";
  };
  one(ends.from, ends.to);
  one(ends.to, ends.from);
}

void set_default(Call& call, const Ends& ends) {
  const bool changed = associate(call.portal, ends.from, ends.to, 0, Source::integration);
  call.portal.counters.mutations += changed ? 1 : 0;
}

/// The pair exists and the inputs are few enough.
std::optional<ApiError> check_edge_batch(const Call& call, const nlohmann::json& inputs, std::size_t most) {
  if (call.portal.schema.find_pair(call.types[0], call.types[1]) == nullptr) {
    return no_such_pair(call);
  }
  return check_batch(inputs, most);
}

/// Dated versions answer a batch archive with an envelope, v4 with nothing.
Response archive_answer(Call& call) {
  if (!call.dated()) {
    return no_content();
  }
  BatchAnswer answer{call};
  return answer.finish(200, false);
}

}  // namespace

Response list_associations(Call& call) {
  const Record* const record = call.store().find(call.store().resolve(call.id()));
  if (record == nullptr) {
    return error_response(call, bare_not_found());
  }
  if (call.portal.schema.find_pair(call.types[0], call.types[1]) == nullptr) {
    return error_response(call, no_such_pair(call));
  }
  const auto limit = to_integer(call.param("limit").value_or("500")).value_or(0);
  if (limit < 1 || limit > page_size) {
    return error_response(call, validation_error("limit must be between 1 and 500"));
  }
  std::string out = "{\"results\":";
  const auto after = to_integer(call.param("after").value_or("0")).value_or(0);
  append_next(out, append_targets(out, call, *record, call.types[1], after, limit));
  return json_response(200, std::move(out += '}'));
}

Response put_association(Call& call) {
  const auto labels = parse_labels(call, call.body);
  if (!labels) {
    return error_response(call, labels.error());
  }
  const auto ends = find_ends(call, call.id(0), call.id(1));
  if (!ends) {
    return error_response(call, ends_missing(call.id(0), call.id(1)));
  }
  set_labels(call, *ends, *labels);
  return json_response(201, labels_result(call, *ends, *labels));
}

Response put_default_association(Call& call) {
  if (call.portal.schema.find_pair(call.types[0], call.types[1]) == nullptr) {
    return error_response(call, no_such_pair(call));
  }
  const auto ends = find_ends(call, call.id(0), call.id(1));
  if (!ends) {
    return error_response(call, ends_missing(call.id(0), call.id(1)));
  }
  set_default(call, *ends);
  BatchAnswer answer{call};
  append_default(answer, call, *ends);
  return answer.finish(200, false);
}

Response delete_association(Call& call) {
  if (const auto ends = find_ends(call, call.id(0), call.id(1))) {
    const bool changed = dissociate(call.portal, ends->from, ends->to, ~0U, Source::integration);
    call.portal.counters.mutations += changed ? 1 : 0;
  }
  return no_content();
}

Response association_labels(Call& call) {
  const Pair* const pair = call.portal.schema.find_pair(call.types[0], call.types[1]);
  if (pair == nullptr) {
    return error_response(call, no_such_pair(call));
  }
  std::string out = "{\"results\":[";
  for (const auto& type : pair->types) {
    out += out.back() == '[' ? "" : ",";
    append_type(out, type);
  }
  return json_response(200, out + "]}");
}

Response batch_read_associations(Call& call) {
  const auto& inputs = inputs_of(call.body);
  if (const auto error = check_edge_batch(call, inputs, max_read_inputs)) {
    return error_response(call, *error);
  }
  BatchAnswer answer{call};
  for (const auto& input : inputs) {
    const auto id = string_member(input, "id");
    const Record* const record = call.store().find(call.store().resolve(to_integer(id).value_or(0)));
    const auto after = to_integer(string_member(input, "after")).value_or(0);
    std::string targets;
    const auto next =
        record == nullptr ? 0 : append_targets(targets, call, *record, call.types[1], after, page_size);
    if (targets.size() > 2) {
      std::string& out = answer.next();
      out = "{\"from\":{\"id\":\"" + std::to_string(record->id) + "\"},\"to\":" + targets;
      append_next(out, next);
      out += '}';
      continue;
    }
    ApiError error = object_not_found();
    error.sub_category = "crm.associations.NO_ASSOCIATIONS_FOUND";
    error.message = "No " + call.portal.type(call.types[1]).singular + " is associated with " +
                    call.portal.type(call.type()).singular + " " + id + ".";
    error.context = {
        {"fromObjectId", {id}},
        {"fromObjectType", {call.portal.type(call.type()).type_id}},
        {"toObjectType", {call.portal.type(call.types[1]).type_id}}
    };
    answer.add_error(error);
  }
  return answer.finish(200, true);
}

Response batch_create_associations(Call& call) {
  const auto& inputs = inputs_of(call.body);
  if (const auto error = check_edge_batch(call, inputs, max_write_inputs)) {
    return error_response(call, *error);
  }
  std::vector<std::vector<std::size_t>> labels;
  for (const auto& input : inputs) {
    auto parsed = parse_labels(call, input.contains("types") ? input.at("types") : nlohmann::json{});
    if (!parsed) {
      return error_response(call, parsed.error());
    }
    labels.push_back(std::move(*parsed));
  }
  BatchAnswer answer{call};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto from = end_id(inputs[i], "from");
    const auto to = end_id(inputs[i], "to");
    const auto ends = find_ends(call, from, to);
    if (!ends) {
      answer.add_error(ends_missing(from, to));
      continue;
    }
    set_labels(call, *ends, labels[i]);
    answer.next() = labels_result(call, *ends, labels[i]);
  }
  return answer.finish(call.dated() ? 200 : 201, true);
}

Response batch_default_associations(Call& call) {
  const auto& inputs = inputs_of(call.body);
  if (const auto error = check_edge_batch(call, inputs, max_write_inputs)) {
    return error_response(call, *error);
  }
  BatchAnswer answer{call};
  for (const auto& input : inputs) {
    const auto from = end_id(input, "from");
    const auto to = end_id(input, "to");
    const auto ends = find_ends(call, from, to);
    if (!ends) {
      answer.add_error(ends_missing(from, to));
      continue;
    }
    set_default(call, *ends);
    append_default(answer, call, *ends);
  }
  return answer.finish(200, true);
}

Response batch_archive_associations(Call& call) {
  const auto& inputs = inputs_of(call.body);
  if (const auto error = check_edge_batch(call, inputs, max_write_inputs)) {
    return error_response(call, *error);
  }
  for (const auto& input : inputs) {
    const auto targets = input.find("to");
    if (targets == input.end() || !targets->is_array()) {
      return error_response(call, validation_error("Invalid input JSON: `to` must be a list"));
    }
    for (const auto& target : *targets) {
      const auto to = to_integer(string_member(target, "id")).value_or(0);
      if (const auto ends = find_ends(call, end_id(input, "from"), to)) {
        const bool changed = dissociate(call.portal, ends->from, ends->to, ~0U, Source::integration);
        call.portal.counters.mutations += changed ? 1 : 0;
      }
    }
  }
  return archive_answer(call);
}

Response batch_archive_labels(Call& call) {
  const auto& inputs = inputs_of(call.body);
  if (const auto error = check_edge_batch(call, inputs, max_write_inputs)) {
    return error_response(call, *error);
  }
  for (const auto& input : inputs) {
    const auto labels = parse_labels(call, input.contains("types") ? input.at("types") : nlohmann::json{});
    if (!labels) {
      return error_response(call, labels.error());
    }
    std::uint32_t bits = 0;
    for (const auto label : *labels) {
      bits |= 1U << label;
    }
    if (const auto ends = find_ends(call, end_id(input, "from"), end_id(input, "to"))) {
      const bool changed = dissociate(call.portal, ends->from, ends->to, bits, Source::integration);
      call.portal.counters.mutations += changed ? 1 : 0;
    }
  }
  return archive_answer(call);
}

}  // namespace hubspot_sim
