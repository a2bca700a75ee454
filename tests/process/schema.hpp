// The JSON Schema that ships with the manual, as much of it as it uses, checked strictly: a member that it
// does not name is a complaint. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/process/http.hpp"

namespace hubsync::rig {

class Schema {
 public:
  /// Reads man/schema/hubsync-json.schema.json.
  Schema();

  /// What is wrong with a document that `command` printed ("contacts list"); one line each.
  [[nodiscard]] std::vector<std::string> complaints(const std::string& command, const Json& document) const;
  /// The commands it has something about.
  [[nodiscard]] std::vector<std::string> commands() const;

 private:
  void check(const Json& schema, const Json& value, const std::string& path, std::vector<std::string>& out)
      const;
  void check_members(
      const Json& schema, const Json& value, const std::string& path, std::vector<std::string>& out
  ) const;

  Json schema_;
};

}  // namespace hubsync::rig
