#include "daemon/hubspot/requests.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/assert.hpp"
#include "daemon/hubspot/record_page.hpp"

namespace hubsync {

namespace {

using nlohmann::json;

constexpr std::size_t max_url_properties = 4'096;

/// Text that is not UTF-8 can only be in what is looked for, and then finds nothing; a write was checked
/// before.
std::string to_text(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

HttpRequest post(std::string target, const json& body) {
  return {.method = "POST", .target = std::move(target), .body = to_text(body)};
}

json id_inputs(const std::vector<HubspotId>& ids) {
  json inputs = json::array();
  for (const HubspotId id : ids) {
    inputs.push_back({{"id", to_string(id)}});
  }
  return {{"inputs", std::move(inputs)}};
}

std::string joined(const std::vector<std::string>& names) {
  std::string result;
  for (const std::string& name : names) {
    result += (result.empty() ? "" : ",") + percent_encode(name);
  }
  return result;
}

std::string_view target_type(const TypeRules& rules) {
  const FieldRule* reference = rules.reference();
  ASSERT(reference != nullptr);
  return reference->target;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

json filter_json(const SearchFilter& filter) {
  json result{{"propertyName", filter.property}, {"operator", filter.op}};
  if (filter.op == "IN" || filter.op == "NOT_IN") {
    // Lists of strings match lower-case values only (HUBSPOT.md §5).
    auto& values = result["values"] = json::array();
    for (const std::string& value : filter.values) {
      values.push_back(lower(value));
    }
  } else if (!filter.values.empty()) {
    result["value"] = filter.values.front();
  }
  return result;
}

json write_input(const TypeRules& rules, WriteKind kind, const WriteInput& input) {
  json properties = json::object();
  for (const auto& [name, value] : input.fields) {
    const FieldRule* rule = rules.find(name);
    if (rule != nullptr && !rule->property.empty()) {
      properties[rule->property] = value;
    }
  }
  json result{{"objectWriteTraceId", input.trace_id}};
  switch (kind) {
    case WriteKind::create:
      if (!input.uid.empty()) {
        properties[std::string(uid_property)] = input.uid;
      }
      break;
    case WriteKind::update:
      result["id"] = to_string(*input.id);  // No idProperty: HubSpot refuses an update by id that names one.
      break;
    case WriteKind::upsert:
      result["id"] = input.uid;
      result["idProperty"] = uid_property;
      break;
  }
  result["properties"] = std::move(properties);
  return result;
}

std::string_view write_path(WriteKind kind) {
  switch (kind) {
    case WriteKind::create:
      return "/batch/create";
    case WriteKind::update:
      return "/batch/update";
    case WriteKind::upsert:
      return "/batch/upsert";
  }
  return "";
}

}  // namespace

std::vector<std::string> wanted_properties(const TypeRules& rules, bool with_uid) {
  std::vector<std::string> result;
  const auto add = [&](std::string_view name) {
    if (!name.empty() && std::ranges::find(result, name) == result.end()) {
      result.emplace_back(name);
    }
  };
  for (const FieldRule& field : rules.fields) {
    add(field.property);
  }
  add(rules.modified_property);
  add(merged_property);
  if (with_uid) {
    add(uid_property);
  }
  return result;
}

bool is_too_wide_for_url(const std::vector<std::string>& properties) {
  return joined(properties).size() > max_url_properties;
}

HttpRequest list_request(
    const ApiPaths& paths,
    const TypeRules& rules,
    const std::vector<std::string>& properties,
    const std::optional<std::string>& after,
    bool archived
) {
  std::string target = paths.object(path_name(rules), "?limit=100&properties=") + joined(properties);
  target += archived ? "&archived=true" : "&archived=false";
  if (const FieldRule* reference = rules.reference(); reference != nullptr) {
    target += "&associations=" + percent_encode(reference->target);
  }
  if (after) {
    target += "&after=" + percent_encode(*after);
  }
  return {.method = "GET", .target = std::move(target)};
}

HttpRequest get_request(const ApiPaths& paths, const TypeRules& rules, const ReadSpec& spec) {
  const std::string properties = joined(spec.properties);
  std::string target =
      paths.object(path_name(rules), "/") + percent_encode(spec.keys.front()) + "?properties=" + properties;
  if (spec.with_history) {
    target += "&propertiesWithHistory=" + properties;
  }
  target += spec.archived ? "&archived=true" : "&archived=false";
  return {.method = "GET", .target = std::move(target)};
}

HttpRequest read_request(const ApiPaths& paths, const TypeRules& rules, const ReadSpec& spec) {
  json body{
      {"properties", spec.properties}, {"propertiesWithHistory", json::array()}, {"inputs", json::array()}
  };
  if (spec.with_history) {
    body["propertiesWithHistory"] = spec.properties;
  }
  if (!spec.id_property.empty()) {
    body["idProperty"] = spec.id_property;
  }
  for (const std::string& key : spec.keys) {
    body["inputs"].push_back({{"id", key}});
  }
  return post(
      paths.object(path_name(rules), spec.archived ? "/batch/read?archived=true" : "/batch/read"), body
  );
}

HttpRequest search_request(const ApiPaths& paths, const TypeRules& rules, const SearchQuery& query) {
  json filters = json::array();
  for (const SearchFilter& filter : query.filters) {
    filters.push_back(filter_json(filter));
  }
  // No group asks for all records; what a group without filters asks for is not documented.
  json groups = json::array();
  if (!filters.empty()) {
    groups.push_back(json{{"filters", std::move(filters)}});
  }
  json body{
      {"filterGroups", std::move(groups)},
      {"properties", json::array({rules.modified_property})},
      {"limit", query.limit}
  };
  if (!query.sort.empty()) {
    body["sorts"] = json::array({json{{"propertyName", query.sort}, {"direction", "ASCENDING"}}});
  }
  if (query.after) {
    body["after"] = *query.after;
  }
  HttpRequest request = post(paths.object(path_name(rules), "/search"), body);
  request.search = true;
  return request;
}

HttpRequest write_request(
    const ApiPaths& paths,
    const TypeRules& rules,
    WriteKind kind,
    const std::vector<const WriteInput*>& inputs
) {
  json body{{"inputs", json::array()}};
  for (const WriteInput* input : inputs) {
    body["inputs"].push_back(write_input(rules, kind, *input));
  }
  return post(paths.object(path_name(rules), write_path(kind)), body);
}

HttpRequest archive_request(
    const ApiPaths& paths, const TypeRules& rules, const std::vector<HubspotId>& ids
) {
  return post(paths.object(path_name(rules), "/batch/archive"), id_inputs(ids));
}

HttpRequest read_references_request(
    const ApiPaths& paths, const TypeRules& rules, const std::vector<HubspotId>& ids
) {
  return post(paths.association(path_name(rules), target_type(rules), "/batch/read"), id_inputs(ids));
}

HttpRequest associate_request(const ApiPaths& paths, const TypeRules& rules, const std::vector<Link>& links) {
  const auto type = [](int id) {
    return json{{"associationCategory", "HUBSPOT_DEFINED"}, {"associationTypeId", id}};
  };
  const json types = json::array({type(rules.association.primary), type(rules.association.unlabelled)});
  json body{{"inputs", json::array()}};
  for (const Link& link : links) {
    body["inputs"].push_back(
        {{"from", {{"id", to_string(link.from)}}}, {"to", {{"id", to_string(link.to)}}}, {"types", types}}
    );
  }
  return post(paths.association(path_name(rules), target_type(rules), "/batch/create"), body);
}

HttpRequest dissociate_request(
    const ApiPaths& paths, const TypeRules& rules, const std::vector<Link>& links
) {
  std::map<HubspotId, json> targets;
  for (const Link& link : links) {
    targets.try_emplace(link.from, json::array()).first->second.push_back({{"id", to_string(link.to)}});
  }
  json body{{"inputs", json::array()}};
  for (auto& [from, to] : targets) {
    body["inputs"].push_back({{"from", {{"id", to_string(from)}}}, {"to", std::move(to)}});
  }
  return post(paths.association(path_name(rules), target_type(rules), "/batch/archive"), body);
}

HttpRequest text_property_request(
    const ApiPaths& paths, const TypeRules& rules, const std::string& name, const std::string& label
) {
  return post(
      paths.property(path_name(rules)),
      json{
          {"name", name},
          {"label", label},
          {"groupName", property_group(rules)},
          {"type", "string"},
          {"fieldType", "text"},
          {"formField", false}
      }
  );
}

HttpRequest uid_property_request(const ApiPaths& paths, const TypeRules& rules) {
  return post(
      paths.property(path_name(rules)),
      json{
          {"name", uid_property},
          {"label", "hubsync id"},
          {"description", "Set by hubsync to find its own records again. Do not edit."},
          {"groupName", property_group(rules)},
          {"type", "string"},
          {"fieldType", "text"},
          {"hasUniqueValue", true},
          {"formField", false}
      }
  );
}

}  // namespace hubsync
