#include "common/object_type.hpp"

#include <algorithm>
#include <array>

namespace hubsync {
namespace {

constexpr std::array types{
    StandardType{"contacts", "contact", "0-1", "lastmodifieddate", true},
    StandardType{"companies", "company", "0-2", "hs_lastmodifieddate", false},
    StandardType{"deals", "deal", "0-3", "hs_lastmodifieddate", false},
    StandardType{"tickets", "ticket", "0-5", "hs_lastmodifieddate", false},
};

constexpr std::size_t max_name = 64;
constexpr std::size_t max_id = 20;

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

}  // namespace

std::span<const StandardType> standard_types() {
  return types;
}

const StandardType* find_standard_type(std::string_view text) {
  const auto* const found = std::ranges::find_if(types, [text](const StandardType& type) {
    return type.name == text || type.singular == text;
  });
  return found == types.end() ? nullptr : &*found;
}

std::string_view scope_name(std::string_view type) {
  const StandardType* const standard = find_standard_type(type);
  return standard == nullptr ? "custom" : standard->name;
}

bool is_type_name(std::string_view text) {
  return !text.empty() && text.size() <= max_name && is_letter(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool is_object_type_id(std::string_view text) {
  const std::size_t dash = text.find('-');
  return text.size() <= max_id && dash != std::string_view::npos && is_number(text.substr(0, dash)) &&
         is_number(text.substr(dash + 1));
}

}  // namespace hubsync
