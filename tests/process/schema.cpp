#include "tests/process/schema.hpp"

#include <algorithm>

#include "tests/process/process.hpp"

namespace hubsync::rig {
namespace {

bool has_type(const Json& value, const std::string& type) {
  return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
         (type == "string" && value.is_string()) || (type == "integer" && value.is_number_integer()) ||
         (type == "boolean" && value.is_boolean()) || (type == "null" && value.is_null());
}

bool has_one_of(const Json& value, const Json& types) {
  if (types.is_string()) {
    return has_type(value, types.get<std::string>());
  }
  return std::ranges::any_of(types, [&](const Json& type) {
    return has_type(value, type.get<std::string>());
  });
}

}  // namespace

Schema::Schema()
    : schema_(Json::parse(read_file(HUBSYNC_SOURCE_DIR "/man/schema/hubsync-json.schema.json"))) {}

std::vector<std::string> Schema::complaints(const std::string& command, const Json& document) const {
  std::vector<std::string> out;
  const Json& commands = schema_.at("commands");
  if (!commands.contains(command)) {
    return {"the schema does not know the command `" + command + "`"};
  }
  check(commands.at(command), document, command, out);
  return out;
}

std::vector<std::string> Schema::commands() const {
  std::vector<std::string> names;
  for (const auto& [name, schema] : schema_.at("commands").items()) {
    names.push_back(name);
  }
  return names;
}

void Schema::check(
    const Json& schema, const Json& value, const std::string& path, std::vector<std::string>& out
) const {
  if (schema.contains("$ref")) {
    const std::string name = schema.at("$ref").get<std::string>().substr(std::string_view{"#/$defs/"}.size());
    check(schema_.at("$defs").at(name), value, path, out);
    return;
  }
  if (schema.contains("anyOf")) {
    std::vector<std::string> found;
    for (const Json& one : schema.at("anyOf")) {
      found.clear();
      check(one, value, path, found);
      if (found.empty()) {
        return;
      }
    }
    out.push_back(path + " fits none of its alternatives: " + value.dump());
    return;
  }
  if (schema.contains("type") && !has_one_of(value, schema.at("type"))) {
    out.push_back(path + " is of another type: " + value.dump());
    return;
  }
  if (schema.contains("enum") && std::ranges::find(schema.at("enum"), value) == schema.at("enum").end()) {
    out.push_back(path + " is none of the words: " + value.dump());
  }
  if (schema.value("format", "") == "date-time" && value.is_string() &&
      !parse_instant(value.get<std::string>())) {
    out.push_back(path + " is no time: " + value.dump());
  }
  if (value.is_array() && schema.contains("items")) {
    for (const Json& item : value) {
      check(schema.at("items"), item, path + "[]", out);
    }
  }
  if (value.is_object()) {
    check_members(schema, value, path, out);
  }
}

void Schema::check_members(
    const Json& schema, const Json& value, const std::string& path, std::vector<std::string>& out
) const {
  for (const Json& name : schema.value("required", Json::array())) {
    if (!value.contains(name.get<std::string>())) {
      out.push_back(path + " has no `" + name.get<std::string>() + "`");
    }
  }
  const Json known = schema.value("properties", Json::object());
  const Json rest = schema.value("additionalProperties", Json(false));
  for (const auto& [name, member] : value.items()) {
    if (known.contains(name)) {
      check(known.at(name), member, path + "." + name, out);
    } else if (rest.is_object()) {
      check(rest, member, path + "." + name, out);
    } else if (!rest.get<bool>()) {
      out.push_back(path + " has `" + name + "`, of which the schema does not tell");
    }
  }
}

}  // namespace hubsync::rig
