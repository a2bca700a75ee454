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

}  // namespace hubsync::api
