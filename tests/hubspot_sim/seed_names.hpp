// The words that seeded records are made of. Plain data.
#pragma once

#include <span>
#include <string_view>

namespace hubspot_sim {

/// Names of one language, and what its people's phone numbers and places look like.
struct Language {
  std::span<const std::string_view> first_names;
  std::span<const std::string_view> last_names;
  std::span<const std::string_view> companies;  ///< Core words of company names.
  std::string_view suffix;                      ///< "GmbH", "株式会社", …
  std::string_view city;
  std::string_view country;
  std::string_view phone;      ///< A form in which '#' is a digit.
  std::string_view top_level;  ///< Of its domains.
};

[[nodiscard]] std::span<const Language> languages();

}  // namespace hubspot_sim
