// Enumerators and the words users see for them, in one table each. Pure; any thread.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace hubsync {

template <class Enum, std::size_t size>
using Names = std::array<std::pair<Enum, std::string_view>, size>;

/// The word for a value; "" for one that the table lacks.
template <class Enum, std::size_t size>
[[nodiscard]] constexpr std::string_view name_of(const Names<Enum, size>& table, Enum value) {
  for (const auto& [known, name] : table) {
    if (known == value) {
      return name;
    }
  }
  return {};
}

/// The value of a word; nothing for an unknown word.
template <class Enum, std::size_t size>
[[nodiscard]] constexpr std::optional<Enum> value_of(const Names<Enum, size>& table, std::string_view word) {
  for (const auto& [value, name] : table) {
    if (name == word) {
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace hubsync
