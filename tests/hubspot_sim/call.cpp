#include "tests/hubspot_sim/call.hpp"

#include "tests/hubspot_sim/render.hpp"
#include "tests/hubspot_sim/validate.hpp"

namespace hubspot_sim {

std::optional<std::string> Call::param(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) {
      return value;
    }
  }
  return std::nullopt;
}

std::vector<std::string> Call::list_param(std::string_view name) const {
  std::vector<std::string> all;
  for (const auto& [key, value] : query) {
    if (key == name) {
      const auto parts = split(value, ',');
      all.insert(all.end(), parts.begin(), parts.end());
    }
  }
  return all;
}

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "application/json;charset=utf-8");
  response.body = std::move(body);
  return response;
}

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

Response error_response(Call& call, const ApiError& error) {
  return json_response(error.status, error_body(error, call.portal.correlation_id()));
}

std::vector<std::string> string_list(const nlohmann::json& body, std::string_view name) {
  std::vector<std::string> list;
  const auto found = body.find(name);
  if (found == body.end() || !found->is_array()) {
    return list;
  }
  for (const auto& item : *found) {
    if (const auto text = scalar_text(item)) {
      list.push_back(*text);
    }
  }
  return list;
}

std::string string_member(const nlohmann::json& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() ? std::string{} : scalar_text(*found).value_or("");
}

const nlohmann::json& inputs_of(const nlohmann::json& body) {
  static const nlohmann::json none = nlohmann::json::array();
  const auto found = body.find("inputs");
  return found == body.end() || !found->is_array() ? none : *found;
}

void count_create(Portal& portal, TypeIndex type, const Record& record) {
  const auto& object_type = portal.type(type);
  ++portal.counters.creates;
  for (const auto& value : record.values) {
    const auto& def = object_type.properties[value.prop];
    if (def.unique || def.email) {
      ++portal.counters.creates_by_key[object_type.name + "." + def.name + "=" + value.text];
    }
  }
}

BatchAnswer::BatchAnswer(Call& call) : call_(call) {}

std::string& BatchAnswer::next() {
  return results_.emplace_back();
}

void BatchAnswer::add_error(const ApiError& error) {
  errors_.push_back(error_item(error));
}

Response BatchAnswer::finish(int status, bool shuffled) {
  if (shuffled && call_.portal.options.shuffle_batches) {
    call_.portal.random.shuffle(results_);
  }
  std::size_t size = 256;
  for (const auto& result : results_) {
    size += result.size() + 1;
  }
  std::string out;
  out.reserve(size);
  out += "{\"status\":\"COMPLETE\",\"results\":[";
  for (const auto& result : results_) {
    out += out.back() == '[' ? "" : ",";
    out += result;
  }
  out += "],";
  append_time_member(out, call_.portal, "startedAt", call_.portal.now);
  out += ',';
  append_time_member(out, call_.portal, "completedAt", call_.portal.now);
  if (!errors_.empty()) {
    out += ",\"numErrors\":" + std::to_string(errors_.size()) + ",\"errors\":[" + join(errors_, ",") + "]";
  }
  out += '}';
  return json_response(errors_.empty() || call_.folds_errors() ? status : 207, std::move(out));
}

}  // namespace hubspot_sim
