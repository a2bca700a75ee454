// When two values are the same in spite of HubSpot's normalising (HUBSPOT.md §4.3, §4.5, §4.7). Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>

#include "daemon/core/rules.hpp"

namespace hubsync {

/// The form in which values of a kind are compared and matched; never written to either side.
///  text: trimmed · email: trimmed, lower case · domain: lower case without scheme, "www.", port, path ·
///  option_set: options sorted, without repeats · reference: as it is.
[[nodiscard]] std::string canonical(std::string_view value, ValueKind kind);

[[nodiscard]] bool same_value(std::string_view a, std::string_view b, ValueKind kind);

/// The natural key in the form it is matched by; "" when the record has none.
[[nodiscard]] std::string canonical_key(const TypeRules& rules, std::string_view key_value);

}  // namespace hubsync
