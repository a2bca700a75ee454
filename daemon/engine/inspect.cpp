#include "daemon/engine/inspect.hpp"

#include <algorithm>
#include <utility>

namespace hubsync {
namespace {

template <class T>
std::optional<Error> error_of(const Reply<T>& reply) {
  return reply ? std::nullopt : std::optional{to_error(reply.error())};
}

Task<TypeInspection> inspect_type(Hub& hub, const TypeRules& rules) {
  constexpr CallClass now = CallClass::interactive;
  TypeInspection result{.type = rules.name};
  auto properties = co_await hub.properties(rules, now);
  result.properties_error = error_of(properties);
  if (properties) {
    result.properties = std::move(*properties);
  }
  const auto page = co_await hub.list(rules, std::nullopt, false, now);
  result.list_error = error_of(page);
  const auto found =
      co_await hub.search(rules, {.filters = {}, .sort = rules.modified_property, .limit = 1}, now);
  result.search_error = error_of(found);
  if (rules.reference() != nullptr && page && !page->records.empty()) {
    std::vector<HubspotId> one{page->records.front().id};
    result.associations_asked = true;
    result.associations_error = error_of(co_await hub.read_references(rules, std::move(one), now));
  }
  co_return result;
}

bool has_property(const std::vector<PropertyDefinition>& known, std::string_view name) {
  return std::ranges::find(known, name, &PropertyDefinition::name) != known.end();
}

}  // namespace

Task<Inspection> inspect_hubspot(EngineContext& context, Hub& hub) {
  Inspection result;
  result.pinned_portal =
      co_await context.ports.store.run([](Repository& repository) { return repository.fact(pinned_portal); });
  const auto account = co_await hub.account(CallClass::interactive);
  if (!account) {
    result.account_error = to_error(account.error());
    co_return result;
  }
  result.account = *account;
  if (result.pinned_portal && *result.pinned_portal != std::to_string(account->portal_id)) {
    co_return result;
  }
  for (const TypeRules& rules : context.options.rules.types) {
    result.types.push_back(co_await inspect_type(hub, rules));
  }
  co_return result;
}

Task<std::vector<MadeProperty>> make_missing_properties(EngineContext& context) {
  std::vector<MadeProperty> made;
  for (const TypeRules& rules : context.options.rules.types) {
    const auto known = co_await context.ports.hub.properties(rules, CallClass::interactive);
    if (!known) {
      made.push_back({.type = rules.name, .property = "", .error = to_error(known.error())});
      continue;
    }
    if (!has_property(*known, uid_property)) {
      const auto reply = co_await context.ports.hub.create_uid_property(rules, CallClass::interactive);
      context.has_uid_property[rules.name] = reply.has_value();
      made.push_back({.type = rules.name, .property = std::string{uid_property}, .error = error_of(reply)});
    }
    for (const FieldRule& field : rules.fields) {
      if (field.property.empty() || has_property(*known, field.property)) {
        continue;
      }
      const auto reply = co_await context.ports.hub.create_property(
          rules, field.property, field.name, CallClass::interactive
      );
      made.push_back(
          {.type = rules.name, .field = field.name, .property = field.property, .error = error_of(reply)}
      );
    }
  }
  co_return made;
}

}  // namespace hubsync
