// What HubSpot needs before the first sync, and making it.
#include <algorithm>
#include <utility>

#include "common/api_codec.hpp"
#include "common/api_operate.hpp"
#include "common/object_type.hpp"
#include "daemon/api/handlers.hpp"

namespace hubsync::api {
namespace {

SetupProperty unique_property(const TypeInspection& type) {
  SetupProperty result{.property = std::string{uid_property}, .state = "ready"};
  const auto found = std::ranges::find(type.properties, uid_property, &PropertyDefinition::name);
  if (found == type.properties.end()) {
    result.state = "missing";
    result.message = "with it no record is ever created twice; it needs the scope crm.schemas." +
                     std::string{scope_name(type.type)} + ".write";
  } else if (!found->has_unique_value) {
    result.state = "unusable";
    result.message =
        "it exists, but its values need not be unique; delete it in HubSpot, then run setup again";
  }
  return result;
}

SetupProperty mapped_property(const TypeInspection& type, const FieldRule& field) {
  SetupProperty result{.field = field.name, .property = field.property, .state = "ready"};
  const auto found = std::ranges::find(type.properties, field.property, &PropertyDefinition::name);
  if (found == type.properties.end()) {
    result.state = "missing";
  } else if (found->read_only && field.direction != Direction::pull) {
    result.state = "unusable";
    result.message = "HubSpot lets nobody write it; map it with direction = \"pull\"";
  }
  return result;
}

Result<Setup> setup_of(const Inspection& seen, const Rules& rules) {
  if (seen.account_error) {
    return std::unexpected(*seen.account_error);
  }
  Setup setup{.ready = !seen.types.empty()};
  setup.portal = std::to_string(seen.account->portal_id);
  setup.pinned_portal = seen.pinned_portal;
  setup.time_zone = seen.account->time_zone;
  for (const TypeInspection& type : seen.types) {
    if (type.properties_error) {
      return std::unexpected(*type.properties_error);
    }
    SetupType part{.type = type.type};
    part.properties.push_back(unique_property(type));
    for (const FieldRule& field : rules.find(type.type)->fields) {
      if (!field.property.empty()) {
        part.properties.push_back(mapped_property(type, field));
      }
    }
    for (const SetupProperty& property : part.properties) {
      setup.ready &= property.state == "ready";
    }
    setup.types.push_back(std::move(part));
  }
  return setup;
}

/// Says of each property that was to be made how that went.
void note_made(Setup& setup, const std::vector<MadeProperty>& made) {
  for (const MadeProperty& one : made) {
    const auto type = std::ranges::find(setup.types, one.type, &SetupType::type);
    if (type == setup.types.end()) {
      continue;
    }
    const auto property = std::ranges::find(type->properties, one.property, &SetupProperty::property);
    if (property == type->properties.end()) {
      continue;
    }
    property->state = one.error ? "refused" : "created";
    property->message = one.error ? std::optional{one.error->message} : std::nullopt;
  }
}

}  // namespace

Answer show_setup(Services& services, Call) {
  const auto setup = setup_of(co_await services.engine.inspect(), services.engine.rules());
  if (!setup) {
    co_return std::unexpected(setup.error());
  }
  co_return json(encode(*setup));
}

Answer make_setup(Services& services, Call) {
  const std::vector<MadeProperty> made = co_await services.engine.make_properties();
  auto setup = setup_of(co_await services.engine.inspect(), services.engine.rules());
  if (!setup) {
    co_return std::unexpected(setup.error());
  }
  note_made(*setup, made);
  co_return json(encode(*setup));
}

}  // namespace hubsync::api
