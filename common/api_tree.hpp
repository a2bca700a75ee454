// A JSON document as a tree of values, read with care: depth, encoding and repeated keys are checked before
// anything is built on it. For the codecs of common and of webhooks. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace hubsync::api {

/// A JSON value, with numbers as text: ids beyond 2⁵³ and trailing zeros survive.
struct Node {
  enum class Kind : std::uint8_t { null, boolean, number, text, array, object } kind = Kind::null;
  bool boolean = false;
  std::string text = {};
  std::string key = {};  ///< Its name, inside an object.
  std::vector<Node> children = {};

  /// The member of that name; null when there is none.
  [[nodiscard]] const Node* find(std::string_view name) const;
};

/// The error for a member that is something else.
[[nodiscard]] inline Error wrong_type(std::string_view name, std::string_view wanted) {
  std::string field{name};
  return {ErrorCode::invalid, "`" + field + "` must be " + std::string{wanted}, "", field};
}

/// Any one value.
[[nodiscard]] Result<Node> parse_tree(std::string_view json);

/// The one object that `json` is to be.
[[nodiscard]] Result<Node> parse_object(std::string_view json);

/// A record's value: text or null ("" then), for custom fields also a number or a boolean as text. `name` is
/// what an error is about.
[[nodiscard]] Result<std::string> field_value(const Node& node, const std::string& name, bool custom);

}  // namespace hubsync::api
