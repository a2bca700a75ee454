#include "daemon/hubspot/paths.hpp"

#include <array>

#include "common/object_type.hpp"

namespace hubsync {

namespace {

constexpr std::array<ApiPaths, 3> versions{{
    {.version = "2026-09",
     .objects = "/crm/objects/2026-09/",
     .associations = "/crm/associations/2026-09/",
     .properties = "/crm/properties/2026-09/",
     .account = "/account-info/2026-09/details",
     .token = "/oauth/2026-09/token"},
    {.version = "2026-03",
     .objects = "/crm/objects/2026-03/",
     .associations = "/crm/associations/2026-03/",
     .properties = "/crm/properties/2026-03/",
     .account = "/account-info/2026-03/details",
     .token = "/oauth/2026-03/token"},
    {.version = "v3",
     .objects = "/crm/v3/objects/",
     .associations = "/crm/v4/associations/",
     .properties = "/crm/v3/properties/",
     .account = "/account-info/v3/details",
     .token = "/oauth/v3/token"},
}};

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~,").contains(c);
}

}  // namespace

std::string ApiPaths::object(std::string_view type, std::string_view rest) const {
  return std::string(objects).append(type).append(rest);
}

std::string ApiPaths::association(std::string_view from, std::string_view to, std::string_view rest) const {
  return std::string(associations).append(from).append("/").append(to).append(rest);
}

std::string ApiPaths::property(std::string_view type) const {
  return std::string(properties).append(type);
}

const ApiPaths* find_api_version(std::string_view version) {
  for (const ApiPaths& paths : versions) {
    if (paths.version == version) {
      return &paths;
    }
  }
  return nullptr;
}

const std::string& path_name(const TypeRules& rules) {
  return find_standard_type(rules.name) == nullptr ? rules.object_type_id : rules.name;
}

std::string property_group(const TypeRules& rules) {
  const bool custom = !rules.object_type_id.starts_with("0-");
  return rules.singular + (custom ? "_information" : "information");
}

std::string percent_encode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  append_percent_encoded(result, text);
  return result;
}

void append_percent_encoded(std::string& result, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_unreserved(c)) {
      result += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      result += '%';
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
}

}  // namespace hubsync
