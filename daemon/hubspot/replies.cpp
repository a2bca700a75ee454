#include "daemon/hubspot/replies.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/core/reference.hpp"
#include "daemon/hubspot/json_guard.hpp"

namespace hubsync {

namespace {

using nlohmann::json;

constexpr std::string_view no_associations = "NO_ASSOCIATIONS_FOUND";

/// object[key], or a null that lives forever.
const json& part(const json& object, const char* key) {
  static const json null;
  if (!object.is_object()) {
    return null;
  }
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

std::string text_part(const json& object, const char* key) {
  const json& value = part(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

bool flag_part(const json& object, const char* key) {
  const json& value = part(object, key);
  return value.is_boolean() && value.get<bool>();
}

/// An id as text or as a number: the specification says text, the wire has numbers (HUBSPOT.md §6).
std::optional<HubspotId> id_of(const json& value) {
  if (value.is_string()) {
    return parse_hubspot_id(value.get_ref<const std::string&>());
  }
  if (value.is_number_unsigned()) {
    return parse_hubspot_id(std::to_string(value.get<std::uint64_t>()));
  }
  return std::nullopt;
}

std::optional<json> object_body(const HttpReply& reply) {
  auto body = parse_json(reply.body);
  return body && body->is_object() ? std::move(body) : std::nullopt;
}

/// Where a batch archive went wrong; nothing when its answer can not be read. It is a 204 without a body, or
/// an envelope: anything else says nothing about what was done.
std::optional<std::vector<ItemError>> archive_errors(const HttpReply& reply) {
  if (reply.status == 204) {
    return std::vector<ItemError>{};
  }
  const auto body = object_body(reply);
  if (!body || (!part(*body, "results").is_array() && !part(*body, "errors").is_array())) {
    return std::nullopt;
  }
  auto errors = item_errors(part(*body, "errors"));
  std::erase_if(errors, [](const ItemError& error) { return error.failure.status == 404; });
  return errors;
}

struct Targets {
  std::vector<AssociationTarget> targets;
  bool more = false;  ///< They go on on another page.
  bool unreadable = false;
};

void read_targets(const json& result, const TypeRules& rules, Targets& into) {
  into.more = into.more || part(part(result, "paging"), "next").is_object();
  const json& to = part(result, "to");
  into.unreadable = into.unreadable || !to.is_array();
  for (const json& target : to.is_array() ? to : json::array()) {
    const auto id = id_of(part(target, "toObjectId"));
    if (!id) {
      into.unreadable = true;
      continue;
    }
    const json& types = part(target, "associationTypes");
    const bool primary = std::ranges::any_of(types, [&](const json& type) {
      return text_part(type, "category") == "HUBSPOT_DEFINED" &&
             part(type, "typeId") == rules.association.primary;
    });
    into.targets.push_back({.id = *id, .primary = primary});
  }
}

/// Nothing when the answer does not tell: unreadable, or the primary one may be on a page not read.
std::optional<std::optional<HubspotId>> reference_of(const Targets& targets) {
  const bool has_primary = std::ranges::any_of(targets.targets, &AssociationTarget::primary);
  if (targets.unreadable || (targets.more && !has_primary)) {
    return std::nullopt;
  }
  return choose_reference(targets.targets);
}

bool names_link(const ItemError& error, const Link& link) {
  const auto side = [&](const char* key, HubspotId id) {
    return !error.context.contains(key) || error.names(key, to_string(id));
  };
  const bool names_any = error.context.contains("fromObjectId") || error.context.contains("toObjectId");
  return names_any && side("fromObjectId", link.from) && side("toObjectId", link.to);
}

/// The link a result of an association call is about, in either of its two forms.
std::optional<Link> link_of(const json& result) {
  const json& from = part(result, "fromObjectId");
  const json& to = part(result, "toObjectId");
  const auto from_id = id_of(from.is_null() ? part(part(result, "from"), "id") : from);
  const auto to_id = id_of(to.is_null() ? part(part(result, "to"), "id") : to);
  if (!from_id || !to_id) {
    return std::nullopt;
  }
  return Link{.from = *from_id, .to = *to_id};
}

/// Each link an error names, or the only link there is, fails with it. False when an error names no link.
bool settle_errors(
    const std::vector<Link>& links, const std::vector<ItemError>& errors, std::vector<Reply<void>>& replies
) {
  bool all_named = true;
  for (const ItemError& error : errors) {
    bool named = false;
    for (std::size_t i = 0; i < links.size(); ++i) {
      if (links.size() == 1 || names_link(error, links[i])) {
        replies[i] = std::unexpected(error.failure);
        named = true;
      }
    }
    all_named = all_named && named;
  }
  return all_named;
}

}  // namespace

Reply<References> read_references_reply(const TypeRules& rules, const HttpReply& reply) {
  const auto body = object_body(reply);
  if (!body || !part(*body, "results").is_array()) {
    return std::unexpected(failure_of_shape(reply, Effect::read, "it has no list of results"));
  }
  std::map<HubspotId, Targets> found;
  for (const json& result : part(*body, "results")) {
    if (const auto from = id_of(part(part(result, "from"), "id"))) {
      read_targets(result, rules, found[*from]);
    }
  }
  References references;
  for (const auto& [from, targets] : found) {
    if (const auto reference = reference_of(targets)) {
      references.emplace(from, *reference);
    }
  }
  for (const ItemError& error : item_errors(part(*body, "errors"))) {
    const auto ids = error.context.find("fromObjectId");
    if (!error.sub_category.ends_with(no_associations) || ids == error.context.end()) {
      continue;
    }
    for (const std::string& text : ids->second) {
      if (const auto id = parse_hubspot_id(text)) {
        references.try_emplace(*id, std::nullopt);
      }
    }
  }
  return references;
}

std::vector<Reply<void>> match_links(const std::vector<Link>& links, const HttpReply& reply) {
  CallFailure silent =
      failure_of_shape(reply, Effect::write, "it names this link neither as made nor as failed");
  const auto body = object_body(reply);
  if (!body || !part(*body, "results").is_array()) {
    return std::vector<Reply<void>>(links.size(), std::unexpected(std::move(silent)));
  }
  std::vector<Link> made;
  for (const json& result : part(*body, "results")) {
    if (const auto link = link_of(result)) {
      made.push_back(*link);
    }
  }
  std::ranges::sort(made);
  std::vector<Reply<void>> replies;
  for (const Link& link : links) {
    if (std::ranges::binary_search(made, link)) {
      replies.emplace_back();
    } else {
      replies.emplace_back(std::unexpected(silent));
    }
  }
  settle_errors(links, item_errors(part(*body, "errors")), replies);
  return replies;
}

std::vector<Reply<void>> match_removed_links(const std::vector<Link>& links, const HttpReply& reply) {
  const auto errors = archive_errors(reply);
  const CallFailure unclear = failure_of_shape(reply, Effect::write, "it does not tell which links it left");
  std::vector<Reply<void>> replies(links.size());
  if (!errors || !settle_errors(links, *errors, replies)) {
    for (Reply<void>& each : replies) {
      if (each) {
        each = std::unexpected(unclear);
      }
    }
  }
  return replies;
}

Reply<void> archive_reply(const HttpReply& reply) {
  const auto errors = archive_errors(reply);
  if (!errors) {
    return std::unexpected(failure_of_shape(reply, Effect::write, "it does not tell what it archived"));
  }
  if (!errors->empty()) {
    return std::unexpected(errors->front().failure);
  }
  return {};
}

Reply<Account> account_reply(const HttpReply& reply) {
  const auto body = object_body(reply);
  if (!body || !part(*body, "portalId").is_number_integer()) {
    return std::unexpected(failure_of_shape(reply, Effect::read, "it has no portalId"));
  }
  Account account;
  account.portal_id = part(*body, "portalId").get<std::int64_t>();
  account.time_zone = text_part(*body, "timeZone");
  if (const json& offset = part(*body, "utcOffsetMilliseconds"); offset.is_number_integer()) {
    account.utc_offset = Duration(offset.get<std::int64_t>());
  }
  return account;
}

Reply<std::vector<PropertyDefinition>> properties_reply(const HttpReply& reply) {
  const auto body = object_body(reply);
  if (!body || !part(*body, "results").is_array()) {
    return std::unexpected(failure_of_shape(reply, Effect::read, "it has no list of results"));
  }
  std::vector<PropertyDefinition> properties;
  for (const json& result : part(*body, "results")) {
    PropertyDefinition property{
        .name = text_part(result, "name"),
        .type = text_part(result, "type"),
        .field_type = text_part(result, "fieldType"),
        .has_unique_value = flag_part(result, "hasUniqueValue"),
        .read_only = flag_part(part(result, "modificationMetadata"), "readOnlyValue")
    };
    if (!property.name.empty()) {
      properties.push_back(std::move(property));
    }
  }
  return properties;
}

}  // namespace hubsync
