// A client for one API version over a scripted transport, for the client's tests.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "daemon/hubspot/client.hpp"
#include "tests/support/records.hpp"
#include "tests/unit/daemon/hubspot/fake_transport.hpp"

namespace hubsync::test {

using nlohmann::json;

struct Rig {
  explicit Rig(std::string_view version = "2026-09") : client(transport, *find_api_version(version)) {}

  [[nodiscard]] const HttpRequest& sent() const { return transport.requests.back(); }
  [[nodiscard]] json body() const { return json::parse(sent().body); }

  std::vector<Reply<RemoteRecord>> write(WriteKind kind, std::vector<WriteInput> inputs) {
    return run(client.write(contacts, kind, std::move(inputs), CallClass::change));
  }

  FakeTransport transport;
  HubspotClient client;
  TypeRules contacts = contact_rules();
  TypeRules companies = company_rules();
};

inline std::vector<WriteInput> two_creates() {
  return {
      {.trace_id = "t1", .uid = "u1", .fields = {{"email", "a@x.example"}}},
      {.trace_id = "t2", .uid = "u2", .fields = {{"email", "b@x.example"}}}
  };
}

inline std::vector<WriteInput> two_updates() {
  return {
      {.trace_id = "t1", .id = HubspotId{11}, .fields = {{"phone", "1"}}},
      {.trace_id = "t2", .id = HubspotId{22}, .fields = {{"phone", "2"}}}
  };
}

}  // namespace hubsync::test
