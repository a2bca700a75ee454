// What a request to HubSpot is about, read from its bytes as a bystander on the wire would. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/record.hpp"
#include "daemon/core/rules.hpp"
#include "daemon/ports/transport.hpp"

namespace hubsync::sim {

struct ApiCall {
  enum class Kind : std::uint8_t { other, read, create, update, upsert, archive, associate, dissociate };

  struct Input {
    std::string key;         ///< HubSpot id, uid, or whatever `key_property` says.
    Fields properties = {};  ///< Of a write, by HubSpot's names.
  };

  Kind kind = Kind::other;
  std::string type;          ///< Of the record that the inputs name.
  std::string key_property;  ///< Empty: the inputs are HubSpot ids.
  std::vector<Input> inputs;
  bool with_history = false;  ///< A read for the property history.

  [[nodiscard]] bool changes_records() const { return kind != Kind::other && kind != Kind::read; }
};

[[nodiscard]] ApiCall read_call(const HttpRequest& request, const Rules& rules);
[[nodiscard]] std::string_view name_of(ApiCall::Kind kind);

}  // namespace hubsync::sim
