#include "tests/hubspot_sim/api_error.hpp"

#include "tests/hubspot_sim/text.hpp"

namespace hubspot_sim {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view text) {
  out += out.back() == '{' ? "" : ",";
  append_json_string(out, name);
  out += ':';
  append_json_string(out, text);
}

void append_key(std::string& out, std::string_view name) {
  out += out.back() == '{' ? "" : ",";
  append_json_string(out, name);
  out += ':';
}

void append_context(std::string& out, const Context& context) {
  out += '{';
  for (const auto& [name, values] : context) {
    append_key(out, name);
    out += '[';
    for (const auto& value : values) {
      out += out.back() == '[' ? "" : ",";
      append_json_string(out, value);
    }
    out += ']';
  }
  out += '}';
}

void append_details(std::string& out, const std::vector<ErrorDetail>& details) {
  out += '[';
  for (const auto& detail : details) {
    out += out.back() == '[' ? "{" : ",{";
    append_field(out, "message", detail.message);
    if (!detail.code.empty()) {
      append_field(out, "code", detail.code);
    }
    if (!detail.context.empty()) {
      append_key(out, "context");
      append_context(out, detail.context);
    }
    out += '}';
  }
  out += ']';
}

}  // namespace

ApiError validation_error(std::string message) {
  ApiError error;
  error.category = "VALIDATION_ERROR";
  error.message = std::move(message);
  return error;
}

ApiError property_values_error(const std::vector<PropertyError>& errors, std::int64_t portal_id) {
  std::string list = "[";
  ApiError result = validation_error("");
  for (const auto& error : errors) {
    list += list.size() > 1 ? ",{\"isValid\":false" : "{\"isValid\":false";
    append_field(list, "message", error.message);
    append_field(list, "error", error.code);
    append_field(list, "name", error.name);
    append_field(list, "localizedErrorMessage", error.message);
    list += ",\"portalId\":" + std::to_string(portal_id) + "}";
    result.details.push_back({error.message, error.code, {{"propertyName", {error.name}}}});
  }
  result.message = "Property values were not valid: " + list + "]";
  return result;
}

ApiError bare_not_found() {
  ApiError error;
  error.status = 404;
  error.message = "resource not found";
  return error;
}

ApiError object_not_found() {
  ApiError error;
  error.status = 404;
  error.category = "OBJECT_NOT_FOUND";
  error.message = "Object not found.  objectId are usually numeric.";
  return error;
}

std::string error_body(const ApiError& error, std::string_view correlation_id) {
  std::string out = "{";
  append_field(out, "status", "error");
  append_field(out, "message", error.message);
  append_field(out, "correlationId", correlation_id);
  if (!error.context.empty()) {
    append_key(out, "context");
    append_context(out, error.context);
  }
  if (!error.details.empty()) {
    append_key(out, "errors");
    append_details(out, error.details);
  }
  if (!error.scopes_link.empty()) {
    out += ",\"links\":{";
    append_field(out, "scopes", error.scopes_link);
    out += '}';
  }
  if (!error.category.empty()) {
    append_field(out, "category", error.category);
  }
  if (!error.sub_category.empty()) {
    append_field(out, "subCategory", error.sub_category);
  }
  return out + '}';
}

std::string error_item(const ApiError& error) {
  std::string out = "{";
  append_field(out, "status", "error");
  append_field(out, "category", error.category);
  if (!error.sub_category.empty()) {
    append_field(out, "subCategory", error.sub_category);
  }
  append_field(out, "message", error.message);
  append_key(out, "context");
  append_context(out, error.context);
  append_key(out, "links");
  out += "{}";
  append_key(out, "errors");
  append_details(out, error.details);
  return out + '}';
}

}  // namespace hubspot_sim
