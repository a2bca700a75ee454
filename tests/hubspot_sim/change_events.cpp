#include "tests/hubspot_sim/change_events.hpp"

namespace hubspot_sim {
namespace {

ChangeEvent start(
    const Portal& portal, TypeIndex type, std::int64_t id, std::string_view verb, Source source
) {
  ChangeEvent event;
  event.subscription_type = portal.type(type).singular + "." + std::string{verb};
  event.object_type_id = portal.type(type).type_id;
  event.object_id = id;
  event.occurred_at = portal.now;
  event.change_source = source_name(source);
  event.source_id = source_id(source);
  return event;
}

}  // namespace

void emit_creation(Portal& portal, TypeIndex type, std::int64_t id, Source source) {
  if (portal.options.record_events) {
    portal.events.push_back(start(portal, type, id, "creation", source));
    portal.events.back().change_flag = "NEW";
  }
}

void emit_simple(Portal& portal, TypeIndex type, std::int64_t id, std::string_view verb, Source source) {
  if (portal.options.record_events) {
    portal.events.push_back(start(portal, type, id, verb, source));
  }
}

void emit_property_change(
    Portal& portal,
    TypeIndex type,
    std::int64_t id,
    const std::string& name,
    const std::string& value,
    Source source
) {
  if (!portal.options.record_events) {
    return;
  }
  auto event = start(portal, type, id, "propertyChange", source);
  event.property_name = name;
  event.property_value = value;
  portal.events.push_back(std::move(event));
}

void emit_merge(
    Portal& portal,
    TypeIndex type,
    std::int64_t primary,
    std::int64_t loser,
    std::int64_t survivor,
    int moved,
    Source source
) {
  if (!portal.options.record_events) {
    return;
  }
  auto event = start(portal, type, primary, "merge", source);
  event.primary_object_id = primary;
  event.merged_object_ids = {loser};
  event.new_object_id = survivor;
  event.moved_properties = moved;
  portal.events.push_back(std::move(event));
}

void emit_association(Portal& portal, const AssociationChange& change, Source source) {
  if (!portal.options.record_events) {
    return;
  }
  auto event = start(portal, change.from_type, 0, "associationChange", source);
  event.association_type = portal.type(change.from_type).upper + "_TO_" + portal.type(change.to_type).upper;
  event.from_object_id = change.from;
  event.to_object_id = change.to;
  event.association_type_id = change.type_id;
  event.association_removed = change.removed;
  event.is_primary = change.primary;
  portal.events.push_back(std::move(event));
}

}  // namespace hubspot_sim
