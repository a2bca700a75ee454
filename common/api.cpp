#include "common/api.hpp"

namespace hubsync::api {

std::span<const std::string_view> top_level_fields(std::string_view type) {
  if (type == "contacts") {
    return contact_fields;
  }
  if (type == "companies") {
    return company_fields;
  }
  return {};
}

std::optional<std::string_view> parse_type(std::string_view text) {
  if (text == "contacts" || text == "contact") {
    return "contacts";
  }
  if (text == "companies" || text == "company") {
    return "companies";
  }
  return std::nullopt;
}

}  // namespace hubsync::api
