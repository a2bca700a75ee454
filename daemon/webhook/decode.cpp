#include "daemon/webhook/decode.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

#include "common/api_tree.hpp"
#include "common/text.hpp"

namespace hubsync::webhook {
namespace {

/// A property value may be this long, anything else is shorter (HUBSPOT.md §4.3).
constexpr std::int64_t max_text_characters = 64 * 1024;
/// The end of the year 9999; HubSpot sends milliseconds.
constexpr std::int64_t last_time = 253'402'300'799'999;
/// Names of types, properties and associations; longer ones are nobody's.
constexpr std::size_t max_name_bytes = 200;
/// Records that one merge may name.
constexpr std::size_t max_merged = 250;

/// SHA-256, of which half tells events apart well enough.
class KeyDigest {
 public:
  KeyDigest() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    require(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }

  /// Each part goes in with its length, so that no two lists of parts look alike.
  void add(std::string_view part) {
    const auto length = static_cast<std::uint64_t>(part.size());
    require(EVP_DigestUpdate(context_.get(), &length, sizeof length) == 1);
    require(EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1);
  }

  std::string finish() {
    std::array<char, 32> bytes{};
    require(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(bytes.data()), nullptr) == 1);
    return {bytes.data(), bytes.size() / 2};
  }

 private:
  static void require(bool done) {
    if (!done) {
      throw std::runtime_error("OpenSSL cannot compute SHA-256");
    }
  }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

const std::string* scalar(const api::Node& event, std::string_view name) {
  const api::Node* const node = event.find(name);
  const bool usable =
      node != nullptr && (node->kind == api::Node::Kind::text || node->kind == api::Node::Kind::number);
  return usable ? &node->text : nullptr;
}

std::string name_of(const api::Node& event, std::string_view name) {
  const std::string* const text = scalar(event, name);
  const bool usable = text != nullptr && text->size() <= max_name_bytes && terminal_safe(*text) == *text;
  return usable ? *text : std::string{};
}

std::int64_t number_of(const api::Node& event, std::string_view name) {
  const std::string* const text = scalar(event, name);
  std::int64_t number = 0;
  if (text != nullptr) {
    const char* const end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, number);
    return parsed.ec == std::errc{} && parsed.ptr == end ? number : 0;
  }
  return number;
}

std::optional<HubspotId> id_of(const api::Node& event, std::string_view name) {
  const std::string* const text = scalar(event, name);
  return text == nullptr ? std::nullopt : parse_hubspot_id(*text);
}

std::vector<HubspotId> merged_ids(const api::Node& event) {
  std::vector<HubspotId> ids;
  if (const auto primary = id_of(event, "primaryObjectId")) {
    ids.push_back(*primary);
  }
  const api::Node* const losers = event.find("mergedObjectIds");
  if (losers == nullptr || losers->kind != api::Node::Kind::array) {
    return ids;
  }
  for (const api::Node& loser : losers->children) {
    const auto id = parse_hubspot_id(loser.text);
    if (id && ids.size() < max_merged) {
      ids.push_back(*id);
    }
  }
  return ids;
}

WebhookEvent event_of(const api::Node& node) {
  WebhookEvent event;
  event.subscription_type = name_of(node, "subscriptionType");
  event.object_type_id = name_of(node, "objectTypeId");
  event.portal_id = number_of(node, "portalId");
  event.event_id = number_of(node, "eventId");
  const std::int64_t occurred = number_of(node, "occurredAt");
  event.occurred_at = instant_from_ms(occurred < 0 || occurred > last_time ? 0 : occurred);
  event.property = name_of(node, "propertyName");
  event.object = id_of(node, "objectId");
  event.merged = merged_ids(node);
  event.survivor = id_of(node, "newObjectId");
  event.association_type = name_of(node, "associationType");
  event.from_type_id = name_of(node, "fromObjectTypeId");
  event.to_type_id = name_of(node, "toObjectTypeId");
  event.from = id_of(node, "fromObjectId");
  event.to = id_of(node, "toObjectId");
  return event;
}

/// Everything that makes it this event and no other; neither the attempt nor the event's id alone does.
std::string key_of(const api::Node& event) {
  constexpr std::array<std::string_view, 17> parts = {
      "portalId",
      "subscriptionType",
      "objectTypeId",
      "objectId",
      "propertyName",
      "propertyValue",
      "occurredAt",
      "eventId",
      "changeFlag",
      "primaryObjectId",
      "newObjectId",
      "associationType",
      "fromObjectId",
      "toObjectId",
      "associationTypeId",
      "fromObjectTypeId",
      "toObjectTypeId"
  };
  KeyDigest digest;
  for (const std::string_view part : parts) {
    const std::string* const text = scalar(event, part);
    digest.add(text == nullptr ? std::string_view{} : std::string_view{*text});
  }
  const api::Node* const removed = event.find("associationRemoved");
  digest.add(removed != nullptr && removed->boolean ? "removed" : "");
  for (const HubspotId id : merged_ids(event)) {
    digest.add(to_string(id));
  }
  return digest.finish();
}

bool is_long(std::string_view text) {
  return std::ranges::count_if(text, [](char c) {
           return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
         }) > max_text_characters;
}

bool has_long_text(const api::Node& node) {
  for (const api::Node& child : node.children) {
    if (has_long_text(child)) {
      return true;
    }
  }
  return is_long(node.text) || is_long(node.key);
}

}  // namespace

Result<std::vector<InboxEvent>> decode_events(std::string_view body, const Rules& rules) {
  const auto tree = api::parse_tree(body);
  if (!tree) {
    return std::unexpected(tree.error());
  }
  if (tree->kind != api::Node::Kind::array || tree->children.size() > max_events) {
    return fail(ErrorCode::invalid, "not a list of at most 100 events");
  }
  std::vector<InboxEvent> events;
  events.reserve(tree->children.size());
  for (const api::Node& node : tree->children) {
    if (node.kind != api::Node::Kind::object || has_long_text(node)) {
      return fail(ErrorCode::invalid, "an event is not an object, or holds a text beyond 65,536 characters");
    }
    const WebhookEvent event = event_of(node);
    events.push_back(
        {.key = key_of(node),
         .portal_id = event.portal_id,
         .event_id = event.event_id,
         .subscription_type = event.subscription_type,
         .property = event.property,
         .occurred_at = event.occurred_at,
         .hint = hint_of(event, rules)}
    );
  }
  return events;
}

}  // namespace hubsync::webhook
