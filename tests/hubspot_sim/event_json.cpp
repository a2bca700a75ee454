#include "tests/hubspot_sim/event_json.hpp"

namespace hubspot_sim {

nlohmann::json event_json(const ChangeEvent& event) {
  nlohmann::json json{
      {"subscriptionType", event.subscription_type},
      {"objectTypeId", event.object_type_id},
      {"occurredAt", hubsync::to_ms(event.occurred_at)},
      {"changeSource", event.change_source},
      {"sourceId", event.source_id},
  };
  if (event.object_id != 0) {
    json["objectId"] = event.object_id;
  }
  if (!event.change_flag.empty()) {
    json["changeFlag"] = event.change_flag;
  }
  if (!event.property_name.empty()) {
    json["propertyName"] = event.property_name;
    json["propertyValue"] = event.property_value;
  }
  if (event.new_object_id != 0) {
    json["primaryObjectId"] = event.primary_object_id;
    json["mergedObjectIds"] = event.merged_object_ids;
    json["newObjectId"] = event.new_object_id;
    json["numberOfPropertiesMoved"] = event.moved_properties;
  }
  if (!event.association_type.empty()) {
    json["associationType"] = event.association_type;
    json["fromObjectId"] = event.from_object_id;
    json["toObjectId"] = event.to_object_id;
    json["associationTypeId"] = event.association_type_id;
    json["associationRemoved"] = event.association_removed;
    json["isPrimaryAssociation"] = event.is_primary;
  }
  return json;
}

}  // namespace hubspot_sim
