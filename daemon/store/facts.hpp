// Cursors and facts: small named values that outlive a restart. Store thread.
#pragma once

#include <optional>
#include <string>

#include "daemon/store/db.hpp"

namespace hubsync::store {

class FactTable {
 public:
  explicit FactTable(Db& db) : db_(db) {}

  [[nodiscard]] std::optional<std::string> fact(const std::string& name);
  void set_fact(const std::string& name, const std::string& value);
  [[nodiscard]] std::optional<std::string> cursor(const std::string& name);
  void set_cursor(const std::string& name, const std::string& value);
  void remove_cursors(const std::string& beginning);

 private:
  Db& db_;
};

}  // namespace hubsync::store
