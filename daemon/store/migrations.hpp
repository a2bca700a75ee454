// The schema's history, embedded in the program by migrations/embed.cmake.
#pragma once

#include <string_view>
#include <vector>

namespace hubsync::store {

/// One numbered step of the schema; never edited once shipped.
struct Migration {
  int number;                 ///< From the file name, ascending from 1 without holes.
  std::string_view name;      ///< From the file name, for messages.
  std::string_view checksum;  ///< SHA-256 of the file's text, hex.
  std::string_view sql;       ///< Applied in one transaction.
};

[[nodiscard]] const std::vector<Migration>& embedded_migrations();

}  // namespace hubsync::store
