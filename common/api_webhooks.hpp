// The webhook part of the control API as data; see api.hpp. Plain data; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/time.hpp"

namespace hubsync::api {

namespace path {
inline constexpr std::string_view webhooks = "/api/webhooks";
inline constexpr std::string_view webhook_setup = "/api/webhooks/subscriptions";
inline constexpr std::string_view webhook_test = "/api/webhooks/test";
}  // namespace path

/// An event in the inbox.
struct WebhookItem {
  std::string id = {};
  std::string subscription_type = {};  ///< "contact.propertyChange"
  std::optional<std::string> property_name = {};
  std::optional<std::string> entity_type = {};
  std::vector<std::string> hubspot_ids = {};
  std::string state = {};  ///< pending | done | ignored | failed
  std::int64_t attempts = 0;
  std::string portal_id = {};
  std::string event_id = {};
  Instant occurred_at{};
  Instant received_at{};
  std::optional<Instant> done_at = {};
  std::optional<std::string> error_message = {};
};

struct WebhookSubscription {
  std::string event_type = {};
  std::optional<std::string> object_type_id = {};  ///< Of an "object.…" event: which type.
  std::optional<std::string> property_name = {};
};

/// What has to be set up in HubSpot.
struct WebhookSetup {
  bool listening = false;
  std::optional<std::string> target_url = {};  ///< None while no public address is configured.
  std::vector<WebhookSubscription> subscriptions = {};
};

/// A signed event sent through the listener, and what became of it.
struct WebhookTest {
  std::string url = {};     ///< As it was signed.
  std::int64_t status = 0;  ///< What the listener answered.
  std::optional<WebhookItem> event = {};
  std::int64_t duration_ms = 0;
};

}  // namespace hubsync::api
